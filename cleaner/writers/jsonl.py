"""JSON lines: the whole record with its text replaced, and what was done to it in a field of its own."""

from __future__ import annotations

from typing import Any

from cleaner import audit
from cleaner.document import Document, Layout

METADATA = "metadata"
"""Field of a record that holds what an HTML page says of itself."""


def encode(document: Document, meta_field: str) -> list[bytes]:
    """One line of JSON: the record of a document, cut where its near-duplicates are to be put in."""
    told = meta(document)
    before, after = audit.parted(record_of(document, meta_field), {meta_field})
    inner, rest = audit.parted(told, {"duplicates"})
    return [before + inner, rest[:-1] + after]


def record_of(document: Document, meta_field: str) -> dict[str, Any]:
    """Every field of the record, its text replaced, and ``meta_field`` added.

    A document that has no record becomes one of ``id`` and ``text``. What an HTML page says of itself stands in ``metadata``, unless the
    record has a field of that name.
    """
    record: dict[str, Any] = dict(document.fields) if document.fields is not None else {"id": document.source.id}
    record[document.text_field] = document.clean_text
    if document.metadata and METADATA not in record:
        record[METADATA] = dict(document.metadata)
    record[meta_field] = meta(document)
    return record


def meta(document: Document) -> dict[str, Any]:
    """What was done to a document, without its text: removals line by line, duplicates, repaired lines."""
    return {
        "removed": [
            {"line": removal.line, "rule": audit.name_of(removal.cause)}
            for removal in document.removals
            if not isinstance(removal.cause, Layout)
        ],
        "duplicates": audit.duplicates(document),
        "repairs": [repair.line for repair in document.repairs],
    }
