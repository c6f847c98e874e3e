"""Documents to files: one file per format, chosen by ``Target``; every file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from cleaner import audit
from cleaner.document import Document
from cleaner.readers import Compression, Format, require_installed
from cleaner.writers import jsonl, text


class Target(Enum):
    """What outputs are written as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSONL = "jsonl"
    JSONL_GZ = "jsonl.gz"
    JSONL_ZST = "jsonl.zst"
    PARQUET = "parquet"

    @property
    def records(self) -> bool:
        """Whether one file gathers many documents."""
        return self not in (Target.TEXT, Target.MARKDOWN)


Encoder = Callable[[Document, str], list[bytes]]

ENCODERS: dict[Target, Encoder] = {
    Target.TEXT: text.encode,
    Target.MARKDOWN: text.encode,
    Target.JSONL: jsonl.encode,
    Target.JSONL_GZ: jsonl.encode,
    Target.JSONL_ZST: jsonl.encode,
}
"""Target to what turns a document (and the name of the meta field) into the bytes of its place in the output, in one part, or in two
between which its near-duplicates are told; Parquet has none."""

COMPRESSED: dict[Target, Compression] = {
    Target.JSONL_GZ: Compression.GZIP,
    Target.JSONL_ZST: Compression.ZSTD,
}

SUFFIXES: dict[Target, str] = {
    Target.TEXT: ".txt",
    Target.MARKDOWN: ".md",
    Target.JSONL: ".jsonl",
    Target.JSONL_GZ: ".jsonl.gz",
    Target.JSONL_ZST: ".jsonl.zst",
    Target.PARQUET: ".parquet",
}


def default_target(form: Format) -> Target:
    """What documents of a format are written as unless something else is asked for."""
    if not form.records:
        return Target.TEXT
    return Target.PARQUET if form is Format.PARQUET else Target.JSONL


def encoded(parts: Sequence[bytes], duplicates: bytes) -> bytes:
    """The bytes of a document from its parts, with its near-duplicates, as JSON, where they are told."""
    return parts[0] if len(parts) == 1 else audit.filled(parts, duplicates)


def told_duplicates(document: Document) -> bytes:
    """The near-duplicates of a document, as JSON."""
    return audit.value_json(audit.duplicates(document)) if document.duplicates else b"[]"


def require_targets(target: Target | None) -> None:
    """Makes sure that what is asked for can be written.

    Raises:
        UsageError: it needs a package that is not installed.
    """
    kinds: dict[Target, Format | Compression] = {Target.PARQUET: Format.PARQUET, Target.JSONL_ZST: Compression.ZSTD}
    if target in kinds:
        require_installed([kinds[target]], "writing")
