"""Files and streams to ``Raw`` documents: one file per format, chosen by suffix.

A reader takes an open binary stream and yields one ``Raw`` or one ``Rejection`` per document; it never raises for what the input
holds, only ``OSError`` for what the disk does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import BinaryIO

from cleaner.document import Raw, Rejection
from cleaner.readers import html, jsonl, text
from cleaner.readers.options import ReadOptions


class Format(Enum):
    """What an input file is."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"


Reader = Callable[[BinaryIO, str, ReadOptions], Iterator[Raw | Rejection]]

READERS: dict[Format, Reader] = {
    Format.TEXT: text.read,
    Format.HTML: html.read,
    Format.JSONL: jsonl.read,
}

FORMATS: dict[str, Format] = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}
"""Suffix, lower case, to format."""
