"""What lies in an archive: members and what is not read of it, their names, and their bytes."""

from __future__ import annotations

import io
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cleaner.errors import InputError
from cleaner.readers.compressed import Meter
from cleaner.readers.records import of_disk
from cleaner.readers.shape import shape_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LONGEST_PART = 255
"""Bytes that a file's name may have on the file systems in use."""
_LONGEST_NAME = 2_000
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        place: its place among all members, from 0.
        name: its path in the archive, with ``/``, leading nowhere else.
    """

    place: int
    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What in an archive is not read.

    Attributes:
        name: of the member, or "" when it is what remains of the archive.
        reason: short stable word.
        detail: cause and remedy.
    """

    name: str
    reason: str
    detail: str


class Members(Protocol):
    """An open archive."""

    def listed(self) -> Iterator[Member | Refused]:
        """What lies in it, in order."""

    def open(self, place: int) -> BinaryIO:
        """A member, as a stream; places must ascend. Reading raises ``InputError`` for what is damaged."""


def safe_name(name: str) -> str:
    r"""A member's path, with ``/`` and without empty parts.

    Raises:
        InputError: ``unsafe-name``, when it leads out of the archive, or no file could have it.

    >>> safe_name("./news\\a.txt")
    'news/a.txt'
    """
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    why = ""
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        why = "begins at a root or a drive"
    elif ".." in parts:
        why = "leads out of the archive"
    elif not parts or "\0" in name:
        why = "is no name of a file"
    elif len(_bytes(path)) > _LONGEST_NAME or any(len(_bytes(part)) > _LONGEST_PART for part in parts):
        why = "is longer than file systems allow"
    if why:
        raise InputError(
            "unsafe-name", f"the member's name {why}; it is not read: make the archive again with plain relative names"
        )
    return "/".join(parts)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape" if not re.search("[\ud800-\udc7f\udd00-\udfff]", name) else "surrogatepass")


def checked(place: int, name: str, refusal: Callable[[str], Refused | None]) -> Member | Refused:
    """A member, unless its name or what it is forbids that."""
    try:
        own = safe_name(name)
    except InputError as error:
        return Refused(_shown(name), error.reason, error.detail)
    refused = refusal(own)
    if refused is not None:
        return refused
    if shape_of(own).archive is not None:
        return Refused(
            own, "nested-archive", "an archive inside an archive is not opened; unpack the outer one and name the inner ones"
        )
    return Member(place, own)


def _shown(name: str) -> str:
    return "/".join(part for part in re.split(r"[/\\\0]+", name) if part not in ("", ".", ".."))[:200] or "member"


class _Guarded(io.RawIOBase):
    """A member's bytes, as its library gives them."""

    def __init__(self, inner: Any, meter: Meter | None) -> None:
        self._inner = inner
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._inner.read(len(view))
        except (tarfile.TarError, EOFError) as error:
            raise InputError("truncated", f"the archive ends inside this member ({error}); fetch it again") from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, struct.error) as error:
            raise InputError("corrupt", f"the member is damaged ({error}); fetch the archive again") from error
        except OSError as error:
            if of_disk(error):
                raise
            raise InputError("corrupt", f"the member is damaged ({error}); fetch the archive again") from error
        if self._meter is not None:
            self._meter.count(0, len(data))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        with suppress(Exception):
            self._inner.close()
        super().close()


def guarded(inner: Any, meter: Meter | None = None) -> BinaryIO:
    """The stream of a member: what its library raises for damage becomes ``InputError``, and what comes out is counted."""
    return io.BufferedReader(_Guarded(inner, meter), _CHUNK)
