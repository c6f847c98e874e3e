"""Documents to files: one file per format, chosen by ``Target``; every file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from cleaner.document import Document
from cleaner.writers import jsonl, text


class Target(Enum):
    """What outputs are written as."""

    TEXT = "text"
    JSONL = "jsonl"


Encoder = Callable[[Document, str], bytes]

ENCODERS: dict[Target, Encoder] = {
    Target.TEXT: text.encode,
    Target.JSONL: jsonl.encode,
}
"""Target to what turns a document (and the name of the meta field) into the bytes of its place in the output."""

SUFFIXES: dict[Target, str] = {
    Target.TEXT: ".txt",
    Target.JSONL: ".jsonl",
}
