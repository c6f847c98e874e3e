"""Web archives, ``.warc``: one capture, one document; the only door to FastWARC.

Documents are responses with status 200, resources and conversions (as in Common Crawl's WET files) that hold HTML or plain text. Other
records (requests, metadata, pictures, redirects) are passed over, for they are no documents. Records are counted as they stand in the
file, from 1.

Where one record ends and the next begins is found here: FastWARC's own iteration, like warcio's, ends without a word at a record that is
cut off or damaged, and all that follows would be lost unseen.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from cleaner.document import Media, Raw, Rejection, Source
from cleaner.errors import InputError
from cleaner.readers.options import ReadOptions
from cleaner.readers.records import broken_off, numbered, rejected
from cleaner.readers.text import too_large

_LONGEST_LINE = 1 << 16
_LONGEST_HEAD = 1 << 18
"""Bytes that the header of a record may have; URLs and cookies are long, but not so long."""
_SKIP = 1 << 20
_BEGIN = re.compile(rb"WARC/\d\.\d\s*$")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$")
_KIND = re.compile(rb"(?im)^warc-type[ \t]*:[ \t]*(\w{1,40})[ \t]*\r?$")
_KINDS = (b"response", b"resource", b"conversion")
_PAGES = ("text/html", "application/xhtml+xml")


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The captures of a web archive."""
    number, garbage = 0, False
    try:
        while line := stream.readline(_LONGEST_LINE):
            if _BEGIN.match(line):
                number, garbage = number + 1, False
                try:
                    item = _item(_record(line, stream, options), name, number, options)
                except InputError as error:
                    if error.reason in ("too-large", "not-warc"):
                        item = rejected(name, number, error)
                    else:
                        raise
                if item is not None:
                    yield item
            elif line.strip() and not garbage:
                number, garbage = number + 1, True
                detail = (
                    "here should begin a record (WARC/1.0); what stands between it and the next one is damaged or no web archive"
                )
                yield rejected(name, number, InputError("not-warc", detail))
    except InputError as error:
        yield broken_off(name, max(number - 1, 0), error)


def _record(begin: bytes, stream: BinaryIO, options: ReadOptions) -> bytes:
    """A whole record; of a kind that holds no documents nothing.

    Raises:
        InputError: it is too large (what follows can be read), or the stream ends in it or is broken.
    """
    head = begin
    while line := stream.readline(_LONGEST_LINE):
        head += line
        if not line.strip():
            break
        if len(head) > _LONGEST_HEAD:
            raise InputError("not-warc", f"the header of the record is longer than {_LONGEST_HEAD:,} bytes")
    length, kind = _LENGTH.search(head), _KIND.search(head)
    if not line:
        raise _truncated()
    if length is None or kind is None:
        raise InputError("not-warc", "the header of the record has no Content-Length or no WARC-Type")
    size = int(length[1])
    wanted = kind[1].lower() in _KINDS
    if not wanted or size > options.max_document:
        _skip(stream, size)
        if wanted:
            raise too_large("record", options)
        return b""
    body = stream.read(size)
    if len(body) < size:
        raise _truncated()
    return head + body + b"\r\n\r\n"


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0:
        data = stream.read(min(size, _SKIP))
        if not data:
            raise _truncated()
        size -= len(data)


def _truncated() -> InputError:
    return InputError("truncated", "the file ends inside a record; fetch it again")


def _item(record: bytes, name: str, number: int, options: ReadOptions) -> Raw | Rejection | None:
    """The document of a record, or None when it holds none."""
    if not record:
        return None
    from fastwarc.warc import ArchiveIterator

    try:
        for found in ArchiveIterator(io.BytesIO(record), parse_http=True, auto_decode="all", stream_detect=False):
            return _document(found, numbered(name, number), len(record), options)
    except InputError as error:
        return rejected(name, number, error)
    except (OSError, ValueError, OverflowError) as error:
        return rejected(name, number, InputError("not-warc", f"the record cannot be read: {error}"))
    return rejected(name, number, InputError("not-warc", "the record cannot be read; its header is damaged"))


def _document(found: Any, source: Source, size: int, options: ReadOptions) -> Raw | None:
    headers = found.headers
    http = found.http_headers if found.is_http else None
    if http is not None and http.status_code is not None and http.status_code != 200:
        return None
    kind = (found.http_content_type if found.is_http else headers.get("Content-Type")) or ""
    kind = kind.partition(";")[0].strip().lower()
    if kind not in (*_PAGES, "text/plain"):
        return None
    data = found.reader.read(options.max_document + 1)
    if len(data) > options.max_document:
        raise too_large("page", options)
    record = {
        "id": headers.get("WARC-Record-ID"),
        "url": headers.get("WARC-Target-URI"),
        "date": headers.get("WARC-Date"),
    }
    fields = {key: value.strip("<>") for key, value in record.items() if value}
    return Raw(
        Source(source.input, source.record, fields.get("id", source.id)),
        bytes(data),
        Media.HTML if kind in _PAGES else Media.TEXT,
        site=options.site or fields.get("url"),
        own_url=not options.site,
        fields=fields,
        text_field=options.text_field or "text",
        date=fields.get("date"),
        declared=found.http_charset if found.is_http else None,
        size=size,
    )
