"""Tables as text, ``.csv`` and ``.tsv``: a header, then one record a row, one document a record.

Records are counted by rows below the header, from 1; rejections also name the line. The delimiter of ``.csv`` is the one of ``,`` ``;`` tab
``|`` that makes the most of the header. Quoting is taken strictly: a row that could be read in two ways is rejected, not guessed at, and a
quote that is never closed takes only what it swallowed with it, which the rejection tells.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, BinaryIO

from cleaner.decode import decode
from cleaner.document import Raw, Rejection
from cleaner.errors import InputError
from cleaner.readers.fields import Columns, columns_of, no_text, raw_of
from cleaner.readers.options import ReadOptions
from cleaner.readers.records import broken_off, numbered, rejected, skip_line
from cleaner.readers.text import too_large

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_DELIMITERS = ",;\t|"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 1 << 20
"""Bytes that a header may have, and names in it."""
_MOST_COLUMNS = 10_000


def read(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The records of a table with commas, semicolons, tabs or bars between its fields."""
    return _read(stream, name, options, _DELIMITERS)


def read_tabs(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The records of a table with tabs between its fields."""
    return _read(stream, name, options, "\t")


def _read(stream: BinaryIO, name: str, options: ReadOptions, delimiters: str) -> Iterator[Raw | Rejection]:
    lines = _Lines(stream, options)
    try:
        header = _header(lines, delimiters, options)
    except InputError as error:
        yield broken_off(name, 0, lines.broken or error)
        return
    if header is None:
        return
    names, columns, delimiter = header
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in count(1):
        lines.begin_record()
        try:
            cells = next(rows)
            while not cells:
                lines.begin_record()
                cells = next(rows)
            record = dict(zip(names, _fitting(cells, names, lines), strict=True))
            item: Raw | Rejection = raw_of(record, numbered(name, number), columns, options, lines.size)
        except StopIteration:
            break
        except csv.Error as error:
            if lines.broken is not None:
                break
            item = rejected(name, number, lines.wrong(str(error)))
        except InputError as error:
            item = rejected(name, number, error)
        yield item
    if lines.broken is not None:
        yield broken_off(name, number - 1, lines.broken)


def _header(lines: _Lines, delimiters: str, options: ReadOptions) -> tuple[list[str], Columns, str] | None:
    """Names of the fields, which of them hold what, and the delimiter; None for a file without any row.

    Raises:
        InputError: there is none that says where the text is.
    """
    found: list[tuple[list[str], Columns, str]] = []
    lines.begin_record()
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        if lines.broken is not None:
            raise lines.broken
        return None
    if len(first) > _HEAD:
        raise InputError(
            "not-csv", f"the first line is longer than {_HEAD:,} characters; give a header with the names of the fields"
        )
    for delimiter in delimiters:
        try:
            cells = next(csv.reader([first], delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        names = _names(cells[:_MOST_COLUMNS])
        found.append((names, columns_of(names, names, options), delimiter))
    if not found:
        raise InputError("not-csv", "the first line cannot be read as a header (a quote is not closed, or stands inside a field)")
    best = max(found, key=lambda one: (_has(one), len(one[0])))
    if not _has(best):
        error = no_text(best[0], best[1])
        raise InputError(error.reason, error.detail.replace("the record has", "the header has"))
    return best


def _has(header: tuple[list[str], Columns, str]) -> bool:
    names, columns, _ = header
    return columns.text in names or columns.html in names


def _names(cells: Sequence[str]) -> list[str]:
    """Names of fields, each its own.

    >>> _names(["id", " text", "", "id"])
    ['id', 'text', 'column 3', 'id 2']
    """
    names: list[str] = []
    taken: dict[str, int] = {}
    for number, cell in enumerate(cells, 1):
        name = own = cell.strip() or f"column {number}"
        while own in taken:
            taken[name] += 1
            own = f"{name} {taken[name]}"
        taken[own] = 1
        names.append(own)
    return names


def _fitting(cells: list[str], names: Sequence[str], lines: _Lines) -> list[str]:
    """The cells of a row, in the encoding it turns out to have.

    Raises:
        InputError: there are too many or too few, or they are no text.
    """
    if len(cells) != len(names):
        raise InputError(
            "ragged",
            f"{lines.place}: the row has {len(cells):,} fields, the header {len(names):,}; put fields that hold the delimiter in quotes",
        )
    if not lines.odd:
        return cells
    data = "\n".join(cells).encode("utf-8", "surrogateescape")
    encoding = decode(data)[1]
    return [cell if cell.isascii() else decode(cell.encode("utf-8", "surrogateescape"), declared=encoding)[0] for cell in cells]


class _Lines:
    """The lines of a file for ``csv.reader``, with an eye on how many one record takes.

    Attributes:
        size: bytes or characters that the record at hand has taken so far.
        odd: whether bytes of it are not UTF-8; they stand as lone surrogates then (PEP 383).
        broken: why the file ends before its end, when it does.
    """

    def __init__(self, stream: BinaryIO, options: ReadOptions) -> None:
        self._stream = stream
        self._options = options
        self._number = self._first = 0
        self._waiting: list[bytes] = []
        self._held: str | None = None
        self._last = ""
        self.size = 0
        self.odd = False
        self.broken: InputError | None = None
        # Global to the process, and too small for long articles by default; what one record may take is held by begin_record.
        csv.field_size_limit(max(csv.field_size_limit(), min(options.max_document, 2**31 - 1)))

    def begin_record(self) -> None:
        """A record begins with the next line."""
        self.size, self.odd, self._first = 0, False, self._number + 1

    @property
    def place(self) -> str:
        """The lines of the record at hand."""
        first = min(self._first, self._number)
        return f"line {first:,}" if first == self._number else f"lines {first:,} to {self._number:,}"

    def wrong(self, why: str) -> InputError:
        """Why the record at hand cannot be read. When that showed on a later line than its first, that line is read again, as a record."""
        if self._number > self._first and "unexpected end" not in why:
            self._held, self._last = self._last, ""
            self._number -= 1
        if "unexpected end" in why:
            return InputError(
                "not-csv", f"{self.place}: a quote is opened and never closed; close it, or double it if it is meant"
            )
        return InputError("not-csv", f"{self.place}: {why}; put the field in quotes, and double the quotes inside it")

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._held is not None:
            line, self._held = self._held, None
            self._number += 1
            self.odd = self.odd or any("\udc80" <= sign <= "\udcff" for sign in line)
        else:
            line = self._decoded(self._raw())
        self._last = line
        self.size += len(line)
        if self.size > self._options.max_document:
            raise self._too_large()
        return line

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.odd = True
            return line.decode("utf-8", "surrogateescape")

    def _raw(self) -> bytes:
        """The next line, with its end: LF, CR LF or CR."""
        if not self._waiting:
            try:
                self._waiting = self._fetched()[::-1]
            except InputError as error:
                if error.reason == "too-large":
                    raise
                self.broken = error
        if not self._waiting:
            raise StopIteration
        self._number += 1
        return self._waiting.pop()

    def _fetched(self) -> list[bytes]:
        line = self._stream.readline(self._options.max_document + 1)
        if self._number == 0:
            line = line.removeprefix(codecs.BOM_UTF8)
            encoding = next((encoding for mark, encoding in _MARKS if line.startswith(mark)), None)
            if encoding is not None:
                self._stream = io.BufferedReader(_Transcoded(line, self._stream, encoding))
                line = self._stream.readline(self._options.max_document + 1)
        if len(line) > self._options.max_document:
            if not line.endswith(b"\n"):
                del line
                skip_line(self._stream)
            self._number += 1
            raise self._too_large()
        return line.splitlines(keepends=True) if b"\r" in line[:-2] else [line] if line else []

    def _too_large(self) -> InputError:
        error = too_large("record", self._options)
        return InputError(error.reason, f"{self.place}: {error.detail} (is a quote not closed?)")


class _Transcoded(io.RawIOBase):
    """A stream in UTF-16 or UTF-32, in UTF-8; what is wrong in it becomes U+FFFD."""

    def __init__(self, head: bytes, stream: BinaryIO, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._head = head
        self._stream = stream
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while not self._ready:
            data, self._head = self._head or self._stream.read(1 << 16), b""
            self._ready = self._decoder.decode(data, final=not data).encode("utf-8", "surrogatepass")
            if not data:
                break
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size
