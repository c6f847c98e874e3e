"""What a reader has to know that the input itself does not say."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of one document (or record, with all its fields) above which it is rejected rather than read: five times War and Peace.

A reader takes about four times as much; a text of 30 bytes a line 35 times while rules clean it, and 270 times with evidence.
"""
MAX_RATIO = 250
"""Bytes that one compressed byte may become. News as text or HTML becomes 3 to 30; a file made to fill a disk 1,000 and more."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read. A field that is None is guessed from common names: ``cleaner.readers.fields``.

    Attributes:
        site: host of all inputs, or None: each record's own url field says.
        text_field: field of a record that holds its text.
        html_field: field that holds an HTML page, for records without text.
        id_field: field that people know a record by.
        url_field: field that tells the site.
        date_field: field that tells when it was published.
        language_field: field that tells the language.
        drop_html: whether records go on without the field that holds their page.
        max_document: bytes of one document, unpacked, above which it is rejected.
        max_ratio: bytes that one compressed byte may become; what unpacks to more is rejected.
    """

    site: str | None = None
    text_field: str | None = None
    html_field: str | None = None
    id_field: str | None = None
    url_field: str | None = None
    date_field: str | None = None
    language_field: str | None = None
    drop_html: bool = False
    max_document: int = MAX_DOCUMENT
    max_ratio: int = MAX_RATIO
