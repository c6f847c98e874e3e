"""Plain text: UTF-8 without byte order mark, the document's own line ends."""

from __future__ import annotations

from cleaner.document import Document


def encode(document: Document, _: str) -> list[bytes]:
    """The clean text, nothing else, in one part; it has no place for a meta field."""
    return [document.clean_text.encode("utf-8", "surrogatepass")]
