"""What readers of records share: numbers of records, lines of a bounded length, and how the end of a broken file is told."""

from __future__ import annotations

import errno
from typing import BinaryIO

from cleaner.document import Rejection, Source
from cleaner.errors import InputError

_SKIP = 1 << 20


def numbered(name: str, number: int) -> Source:
    """The source of a record, with a made-up id."""
    return Source(name, number, f"{name}#{number}")


def rejected(name: str, number: int, error: InputError) -> Rejection:
    """The rejection of one record."""
    return Rejection(numbered(name, number), error.reason, error.detail)


def broken_off(name: str, number: int, error: InputError) -> Rejection:
    """The rejection of all that would have followed a record; 0: of the whole input."""
    place = f"after record {number}: " if number else ""
    return Rejection(Source(name, None, name), error.reason, place + error.detail)


def of_disk(error: Exception) -> bool:
    """Whether the disk raised it, not a library that was led to an impossible place by what a file says."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def skip_line(stream: BinaryIO) -> None:
    """Reads on to the end of the line, without holding it.

    Raises:
        InputError: the stream is broken before that.
    """
    while line := stream.readline(_SKIP):
        if line.endswith(b"\n"):
            return
