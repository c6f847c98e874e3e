"""Tar files, ``.tar``: read once, from beginning to end, so that they may be compressed."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

from cleaner.errors import InputError
from cleaner.readers.members import Member, Refused, checked, guarded
from cleaner.readers.records import of_disk

_LONGEST_EXTRA = 1 << 20
"""Bytes of a name or extended header."""


class _Header(tarfile.TarInfo):
    """A header of a tar file; the last error, by which the end of the file is told from damage, is kept, and sizes have a limit."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> _Header:
        """The next header."""
        try:
            return super().fromtarfile(tar)
        except tarfile.HeaderError as error:
            tar.ended = error  # type: ignore[attr-defined]
            raise

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        extra = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if self.type in extra and self.size > _LONGEST_EXTRA:
            raise tarfile.ReadError(f"a name or extended header of {self.size:,} bytes")
        return super()._proc_member(tar)  # type: ignore[misc]


class Tar:
    """A tar file, read from its beginning to its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._place = -1
        self._at: tarfile.TarInfo | None = None
        try:
            self._file = tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, errorlevel=0)  # noqa: SIM115
        except (tarfile.TarError, ValueError, OSError, EOFError) as error:
            if of_disk(error):
                raise
            raise InputError("corrupt", f"damaged, or not a tar file ({error}); fetch it again") from error

    def listed(self) -> Iterator[Member | Refused]:
        """What lies in it, in order."""
        try:
            while (info := self._next()) is not None:
                if not info.isdir():
                    yield checked(self._place, info.name, partial(_refusal, info))
        except InputError as error:
            place = f"after member {self._place + 1:,}: " if self._place >= 0 else ""
            yield Refused("", error.reason, place + error.detail)

    def open(self, place: int) -> BinaryIO:
        """A member, as a stream; places must ascend."""
        while self._place < place:
            if self._next() is None:
                raise InputError("truncated", "the archive is not what it was when it was listed")
        inner = self._file.extractfile(self._at) if self._at is not None else None
        if inner is None:
            raise InputError("corrupt", "the member is no file")
        return guarded(inner)

    def _next(self) -> tarfile.TarInfo | None:
        """The next member.

        Raises:
            InputError: the file ends too early, or is damaged here.
        """
        try:
            info = self._file.next()
        except (tarfile.TarError, ValueError, EOFError, RecursionError) as error:
            raise InputError("truncated", f"the tar file is cut off or damaged ({error}); fetch it again") from error
        # Else tarfile holds every member of the file in memory.
        self._file.members.clear()  # type: ignore[attr-defined]
        if info is None:
            ended = getattr(self._file, "ended", None)
            if ended is not None and type(ended).__name__ != "EOFHeaderError":
                if type(ended).__name__ in ("EmptyHeaderError", "TruncatedHeaderError"):
                    raise InputError("truncated", f"the tar file is cut off here ({ended}); fetch it again")
                raise InputError("corrupt", f"the tar file is damaged here ({ended}); fetch it again")
            return None
        self._place += 1
        self._at = info
        return info


def _refusal(info: tarfile.TarInfo, name: str) -> Refused | None:
    if info.issym() or info.islnk():
        return Refused(name, "link", "the member is a link; links in archives are not followed")
    if info.issparse():
        return Refused(name, "unsupported", "the member is a sparse file; unpack the archive and name the folder")
    if not info.isfile():
        return Refused(name, "not-a-file", "the member is neither a file nor a folder (a device or a pipe)")
    return None
