"""How far a run is: what is told to whoever watches it, and the meter that knows.

The meter counts bytes as they are read, compressed files as they lie on the disk, so that what is left can be told from the sizes of
files alone. What watches is called often and must be quick; it decides itself how rarely it shows something.
"""

from __future__ import annotations

import io
import stat
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from cleaner.document import Document, Rejection
from cleaner.report import RunReport, Tally


@dataclass(frozen=True, slots=True)
class Began:
    """The inputs are known.

    Attributes:
        files: how many there are; None in a pipe.
        size: bytes that will be read, the second reading included where there is one; None when that cannot be known.
    """

    files: int | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run is.

    Attributes:
        documents: written so far.
        rejected: inputs and records so far.
        read: bytes so far; a little ahead of the documents, never above the ``size`` that was told.
    """

    documents: int
    rejected: int
    read: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A tripwire: a rule, a pack or the run removes implausibly much or little.

    Attributes:
        about: the rule or pack, or ``"run"``.
        detail: what is implausible, and what to do; a sentence.
        stops: whether the run ends here.
    """

    about: str
    detail: str
    stops: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that a person must know, though the run goes on.

    Attributes:
        detail: a sentence: place, cause, what is done about it.
    """

    detail: str


Event: TypeAlias = Began | Standing | Rejection | Alarm | Noted
Watch: TypeAlias = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """Nobody is told."""
    del event


class Meter:
    """Counts a run: documents, rejections, bytes.

    Args:
        watch: is told.
        readings: how often every input is read.
    """

    def __init__(self, watch: Watch = unwatched, readings: int = 1) -> None:
        self._watch = watch
        self._readings = readings
        self._tally = Tally()
        self._done = 0  # documents
        self._starts = array("Q")  # bytes before each file, 8 bytes a file
        self._total = 0  # bytes of all files
        self._known = False  # whether that is all there will be
        self._file = -1
        self._reading = 0  # how often all was read
        self._start = self._end = 0  # of the file, or of the archive it lies in
        self._within = 0  # bytes since then; without a known total: of all

    def begin(self, paths: Iterable[Path] | None) -> None:
        """The inputs are known: the file of each, in order (members of one archive have the same), or None for a stream."""
        last: Path | None = None
        start = 0
        self._known = paths is not None
        for path in paths or ():
            if path != last:
                start = self._total
                size = _size(path)
                self._known &= size is not None
                self._total += size or 0
                last = path
            self._starts.append(start)
        size = self._total * self._readings
        self._watch(Began(len(self._starts) if paths is not None else None, size if self._known and size else None))

    def enter(self, file: int) -> None:
        """A file begins, by its number: all before it are done."""
        again = file < self._file
        self._reading += again
        if self._known and (self._file < 0 or again or self._starts[file] != self._start):
            self._start = self._starts[file]
            behind = bisect_right(self._starts, self._start)
            self._end = self._starts[behind] if behind < len(self._starts) else self._total
            self._within = 0
        self._file = file
        self._tell()

    def open(self, path: Path) -> BinaryIO:
        """Opens a file whose bytes are counted as they are read."""
        return io.BufferedReader(_File(path, self._add_bytes), _BUFFER)

    def counted(self, stream: BinaryIO) -> BinaryIO:
        """A stream that is counted as it is read; it must not be read by itself any more."""
        return cast("BinaryIO", io.BufferedReader(_Stream(stream, self._add_bytes), _BUFFER))

    def add(self, result: Document | Rejection) -> None:
        """One document or rejection is done."""
        self._tally.add(result)
        if isinstance(result, Rejection):
            self._watch(result)
        else:
            self._done += 1
        self._tell()

    def include(self, report: RunReport) -> None:
        """The counts of some documents, their near-duplicates apart; ``done`` tells of each."""
        self._tally.include(report)

    def done(self, document: Document) -> None:
        """One of the documents whose counts were included is done."""
        self._tally.add_duplicates(document)
        self._done += 1
        self._tell()

    def note(self, detail: str) -> None:
        """Something that a person must know."""
        self._watch(Noted(detail))

    def alarm(self, alarm: Alarm) -> None:
        """A tripwire."""
        self._watch(alarm)

    @property
    def report(self) -> RunReport:
        """The counts so far."""
        return self._tally.report

    @property
    def bytes_in(self) -> int:
        """Bytes of the inputs: of files as they lie on the disk, of a stream what was read so far."""
        return self._total if self._known else self._within // self._readings

    def _add_bytes(self, count: int) -> None:
        self._within += count
        self._tell()

    def _tell(self) -> None:
        if self._watch is not unwatched:
            # What is read twice, as the end of a Parquet file is, must not count for the files behind it.
            within = min(self._start + self._within, self._end)
            read = self._reading * self._total + within if self._known else self._within
            self._watch(Standing(self._done, self._tally.rejected, read))


_BUFFER = 1 << 16


class _File(io.FileIO):
    """A file whose reads are counted."""

    def __init__(self, path: Path, count: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._count = count

    def readinto(self, buffer: Any, /) -> int:
        found = super().readinto(buffer) or 0
        self._count(found)
        return found

    def readall(self) -> bytes:
        found = super().readall() or b""
        self._count(len(found))
        return found


class _Stream(io.RawIOBase):
    """A stream whose reads are counted."""

    def __init__(self, stream: BinaryIO, count: Callable[[int], None]) -> None:
        self._stream = stream
        self._count = count
        # Of a stream with a buffer only what it has: nobody shall wait when a record is there.
        self._into: Callable[[Any], int | None] = getattr(stream, "readinto1", None) or cast("io.RawIOBase", stream).readinto

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        found = self._into(buffer)
        self._count(found or 0)
        return found


def _size(path: Path) -> int | None:
    """Bytes of a file; None of what is none, say a named pipe."""
    try:
        status = path.stat()
    except OSError:
        return 0  # it will be rejected
    return status.st_size if stat.S_ISREG(status.st_mode) else None
