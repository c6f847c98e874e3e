"""What a reader has to know that the input itself does not say."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DOCUMENT = 256 * 1024 * 1024
"""Bytes of one document above which it is rejected rather than read."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read.

    Attributes:
        site: host of all inputs, or None: each record's own url field says.
        text_field: field of a record that holds its text.
        max_document: bytes of one document above which it is rejected.
    """

    site: str | None = None
    text_field: str = "text"
    max_document: int = MAX_DOCUMENT
