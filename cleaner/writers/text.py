"""Plain text: UTF-8 without byte order mark, the document's own line ends."""

from __future__ import annotations

from cleaner.document import Document


def encode(document: Document, _: str) -> bytes:
    """The clean text, nothing else; it has no place for a meta field."""
    return document.clean_text.encode("utf-8", "surrogatepass")


def encode_parted(document: Document, meta_field: str) -> list[bytes]:
    """The same, in one part: near-duplicates are not told in it."""
    return [encode(document, meta_field)]
