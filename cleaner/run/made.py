"""What becomes of a document, made where it was prepared: its bytes for the outputs and the audit, and what is counted of it.

Near-duplicates, which only the place that compares documents knows, are put into gaps that are left for them. Where a policy removes them,
nothing can be made before they are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleaner import audit
from cleaner.audit import Detail
from cleaner.dedup.settings import Policy
from cleaner.document import Document, Media
from cleaner.layout import close_gaps
from cleaner.readers.fields import HTML, fold_name
from cleaner.report import Tally
from cleaner.run.traits import Traits, traits_of
from cleaner.settings import RunSettings
from cleaner.writers import ENCODERS, Target
from cleaner.writers.front_matter import front_matter
from cleaner.writers.jsonl import METADATA

OUTPUT, DUPLICATES = "output", "duplicates"
"""Keys of the audit that are filled in where the run is written."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a document.

    Attributes:
        output: its bytes, in one part, or in two between which its near-duplicates come; None: the document itself is written, or nothing.
        audit: its line of the audit, in three parts: what comes between are the path of its output, and its near-duplicates. None: none.
        traits: what tripwires look at.
    """

    output: Sequence[bytes] | None
    audit: Sequence[bytes] | None
    traits: Traits


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes what a run writes of documents.

    Attributes:
        settings: of the run.
    """

    settings: RunSettings

    @property
    def waits(self) -> bool:
        """Whether a policy may remove near-duplicates, so that nothing can be made before documents are compared."""
        return self.settings.clean.duplicates.policy in (Policy.KEEP_FIRST, Policy.KEEP_LONGEST)

    def make(self, document: Document, target: Target | None, tally: Tally, *, early: bool) -> tuple[Document, Made]:
        """What becomes of a document; and the document closed, but without what nobody asks for any more.

        Args:
            document: with all its marks but those of layout.
            target: what it is written as; None: it is not written.
            tally: counts it, but for its near-duplicates.
            early: whether the run is still asked for what its documents have in common.
        """
        document = close_gaps(document)
        tally.add_marks(document)
        output = told = None
        if target is not None:
            encode = ENCODERS.get(target)
            output = self._fronted(encode(document, self.settings.meta_field), document, target) if encode else None
            told = self._audit(document, target) if self.settings.detail is not Detail.NONE else None
        made = Made(output, told, traits_of(document, lines=early))
        if output is None and target is not None:
            return document, made
        return Document(document.source, "", duplicates=document.duplicates), made

    def _fronted(self, parts: list[bytes], document: Document, target: Target) -> list[bytes]:
        if self.settings.front_matter and not target.records:
            parts[0] = front_matter(document).encode("utf-8", "surrogatepass") + parts[0]
        return parts

    def _audit(self, document: Document, target: Target) -> list[bytes]:
        told = audit.to_object(document, output="", detail=self.settings.detail)
        if self.settings.front_matter and not target.records and document.metadata:
            told["front_matter"] = len(front_matter(document))
        if target.records and document.fields is not None:
            told |= _of_record(document, self.settings)
        return audit.parted(told, (OUTPUT, DUPLICATES))


def _of_record(document: Document, settings: RunSettings) -> dict[str, Any]:
    """What the audit tells of a record beside its marks: which field holds its text, what stood where something else stands now."""
    fields, field = document.fields or {}, document.text_field
    told: dict[str, Any] = {} if field == (settings.read.text_field or "text") else {"field": field}
    if settings.detail is not Detail.FULL:
        return told
    replaced = {name: fields[name] for name in (settings.meta_field,) if name in fields}
    # A page was replaced by its text, or text stands now where none stood: the field as it was is needed to restore it.
    # Where the page is dropped the text is all there is.
    if document.media is Media.HTML and field in fields and not (settings.read.drop_html and not fields[field]):
        replaced[field] = fields[field]
    if replaced:
        told["replaced"] = replaced
    # Where no page stands in the record (of a web archive), the text is all there is to restore.
    if field not in fields and any(fold_name(name) in HTML or name == settings.read.html_field for name in fields):
        told["added"] = [field]
    # A table with pages has a column for it, whether this row has any or not.
    if METADATA not in fields and (document.metadata or getattr(fields, "pages", False)):
        told["added"] = [*told.get("added", ()), METADATA]
    return told
