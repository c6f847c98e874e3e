"""Plain text: one file, one document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from cleaner.document import Media, Raw, Rejection, Source
from cleaner.errors import InputError
from cleaner.readers.options import ReadOptions

_CHUNK = 1 << 20


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The document of a text file."""
    yield read_whole(stream, name, options, Media.TEXT)


def read_whole(stream: BinaryIO, name: str, options: ReadOptions, media: Media) -> Raw | Rejection:
    """All bytes of a stream as one document, or its rejection when there are too many or not all of them can be had."""
    source = Source(name, None, name)
    pieces: list[bytes] = []
    size = 0
    try:
        while size <= options.max_document and (piece := stream.read(_CHUNK)):
            pieces.append(piece)
            size += len(piece)
    except InputError as error:
        return Rejection(source, error.reason, error.detail)
    if size > options.max_document:
        large = too_large("document", options)
        return Rejection(source, large.reason, large.detail)
    return Raw(source, b"".join(pieces), media, site=options.site, text_field=options.text_field or "text")


def too_large(what: str, options: ReadOptions) -> InputError:
    """Why a document or record is not read."""
    return InputError(
        "too-large",
        f"the {what} is larger than {options.max_document:,} bytes; split it, leave it out, or raise --max-document",
    )
