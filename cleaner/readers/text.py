"""Plain text: one file, one document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from cleaner.document import Media, Raw, Rejection, Source
from cleaner.readers.options import ReadOptions


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The document of a text file."""
    yield read_whole(stream, name, options, Media.TEXT)


def read_whole(stream: BinaryIO, name: str, options: ReadOptions, media: Media) -> Raw | Rejection:
    """All bytes of a stream as one document, or its rejection when there are too many."""
    source = Source(name, None, name)
    data = stream.read(options.max_document + 1)
    if len(data) > options.max_document:
        detail = f"the document is larger than {options.max_document:,} bytes; split it, or leave it out"
        return Rejection(source, "too-large", detail)
    return Raw(source, data, media, site=options.site, text_field=options.text_field)
