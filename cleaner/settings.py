"""All settings of a run, composed of the small ones that live beside each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.audit import Detail
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.errors import UsageError
from cleaner.evidence.settings import EvidenceSettings
from cleaner.extract.settings import ExtractSettings
from cleaner.readers import Format
from cleaner.readers.options import ReadOptions
from cleaner.writers import Target


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """What makes a document's clean text.

    Attributes:
        rules: whether any rule is applied; without, there is no evidence either: only repair and duplicates are left.
        languages: two-letter codes; packs of other languages are not in force. None: all are.
        duplicates: what is compared and what happens to near-duplicates.
        evidence: how much goes beyond what rules name.
        extract: how an article is taken out of an HTML page.
    """

    rules: bool = True
    languages: frozenset[str] | None = None
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run reads, works and writes.

    Attributes:
        clean: what makes the clean text.
        read: how inputs are read.
        reads_as: format of all inputs; None: each by its suffix.
        to: what is written; None: text for text and HTML, Parquet for Parquet, JSON lines for all other records.
        meta_field: field of a JSON record that tells what was done.
        detail: how much the audit tells.
        workers: processes that prepare documents, 1 or more; the result does not depend on it.
        index: folder of a lasting index of duplicates, or None.
        shard_size: documents of one output file of records; None: all of an input.
        front_matter: whether text files begin with what an HTML page says of itself.

    Raises:
        UsageError: an index, or signatures, with a policy that has no use for it.
    """

    clean: CleanSettings = field(default_factory=CleanSettings)
    read: ReadOptions = field(default_factory=ReadOptions)
    reads_as: Format | None = None
    to: Target | None = None
    meta_field: str = "cleaner"
    detail: Detail = Detail.FULL
    workers: int = 1
    index: Path | None = None
    shard_size: int | None = None
    front_matter: bool = False

    def __post_init__(self) -> None:
        duplicates = self.clean.duplicates
        for name, wanted in (("an index", self.index is not None), ("signatures", duplicates.signatures)):
            if wanted and duplicates.policy is Policy.OFF:
                raise UsageError(f"{name} with --duplicates off: nothing is compared then; choose another policy")
        if self.index is not None and duplicates.policy is Policy.KEEP_LONGEST:
            raise UsageError("--index with --duplicates keep-longest: what earlier runs kept cannot go any more; use keep-first")

    def described(self) -> Mapping[str, Any]:
        """The settings as plain JSON values, for ``run.json``."""
        duplicates, evidence = self.clean.duplicates, self.clean.evidence
        return {
            "rules": self.clean.rules,
            "languages": sorted(self.clean.languages) if self.clean.languages is not None else None,
            "strength": evidence.strength.value,
            "doubtful": evidence.doubtful.value,
            "keep": sorted(kept.value for kept in evidence.keep),
            "site": self.read.site,
            "from": self.reads_as.value if self.reads_as else None,
            "to": self.to.value if self.to else None,
            "text_field": self.read.text_field or "text",
            "fields": {
                name.removesuffix("_field"): getattr(self.read, name)
                for name in ("text_field", "html_field", "id_field", "url_field", "date_field", "language_field")
                if getattr(self.read, name) is not None
            },
            "drop_html": self.read.drop_html,
            "max_document": self.read.max_document,
            "max_seconds": self.clean.extract.max_seconds,
            "shard_size": self.shard_size,
            "fast": self.clean.extract.fast,
            "front_matter": self.front_matter,
            "meta_field": self.meta_field,
            "audit": self.detail.value,
            "duplicates": duplicates.policy.value,
            "unit": sorted(unit.value for unit in duplicates.units),
            "threshold": duplicates.threshold,
            "containment": duplicates.containment,
            "signatures": duplicates.signatures,
            "index": str(self.index.absolute()) if self.index is not None else None,
            "workers": self.workers,
        }
