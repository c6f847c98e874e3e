"""Zip files, ``.zip``. One that was cut off is read by the headers of its members, as far as they are whole."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from cleaner.errors import InputError
from cleaner.readers.compressed import Meter
from cleaner.readers.members import Member, Refused, checked, guarded
from cleaner.readers.options import ReadOptions
from cleaner.readers.records import of_disk

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_DIRECTORY = 1 << 25
"""Bytes of a zip file's directory above which it is not read: a third of a million members and more, whose names alone fill memory."""
_CHUNK = 1 << 16
_DEFLATED = zipfile.ZIP_DEFLATED
_METHODS = (zipfile.ZIP_STORED, _DEFLATED, zipfile.ZIP_BZIP2)


class Zip:
    """A zip file. What its members become together is held against the size of the file, for members may share bytes."""

    def __init__(self, stream: BinaryIO, options: ReadOptions) -> None:
        size = stream.seek(0, io.SEEK_END)
        self._meter = Meter(options.max_ratio, packed=size)
        self._lost: InputError | None = None
        try:
            self._file = self._opened(stream, size)
        except InputError:
            raise
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error, OverflowError) as error:
            if of_disk(error):
                raise
            raise InputError("corrupt", f"damaged, or not a zip file ({error}); fetch it again") from error

    def _opened(self, stream: BinaryIO, size: int) -> zipfile.ZipFile:
        stream.seek(max(0, size - (1 << 16) - 22))
        tail = stream.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0 or len(tail) - at < 22:
            whole, directory, ends = _whole_members(stream, size, self._meter)
            if not whole:
                raise InputError("truncated", "the directory at the end of the zip file is missing; is it one? Fetch it again")
            self._lost = InputError(
                "truncated",
                f"the zip file is cut off: {whole:,} members before byte {ends:,} are whole, the rest is lost; fetch it again",
            )
            return zipfile.ZipFile(_Spliced(stream, ends, directory))
        if int.from_bytes(tail[at + 12 : at + 16], "little") in range(_MOST_DIRECTORY, 0xFFFFFFFF):
            raise InputError("too-large", "the zip file holds too many members; unpack it and name the folder")
        return zipfile.ZipFile(stream)

    def listed(self) -> Iterator[Member | Refused]:
        """What lies in it, in order."""
        for place, info in enumerate(self._file.infolist()):
            if not info.filename.endswith("/"):  # is_dir() fails for an empty name
                yield checked(place, info.filename, partial(_refusal, info))
        if self._lost is not None:
            yield Refused("", self._lost.reason, self._lost.detail)

    def open(self, place: int) -> BinaryIO:
        """A member, as a stream; places must ascend."""
        try:
            inner = self._file.open(self._file.infolist()[place])
        except (
            zipfile.BadZipFile,
            OSError,
            RuntimeError,
            ValueError,
            EOFError,
            struct.error,
            IndexError,
            OverflowError,
        ) as error:
            if of_disk(error):
                raise
            raise InputError("corrupt", f"the member is damaged ({error}); fetch the archive again") from error
        return guarded(inner, self._meter)


def _refusal(info: zipfile.ZipInfo, name: str) -> Refused | None:
    if info.flag_bits & 0x1:
        return Refused(name, "encrypted", "the member is encrypted; unpack the archive with its password and name the folder")
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if kind == stat.S_IFLNK:
        return Refused(name, "link", "the member is a link; links in archives are not followed")
    if kind not in (0, stat.S_IFREG):
        return Refused(name, "not-a-file", "the member is neither a file nor a folder")
    if info.compress_type not in _METHODS:
        return Refused(
            name,
            "unsupported",
            f"the member is compressed by a method that is not read (number {info.compress_type}); unpack the archive and name the folder",
        )
    return None


class _Spliced(io.RawIOBase):
    """The first bytes of a file, with others behind them."""

    def __init__(self, stream: BinaryIO, size: int, tail: bytes) -> None:
        self._stream, self._size, self._tail = stream, size, tail
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size + len(self._tail)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if self._at < self._size:
            self._stream.seek(self._at)
            data = self._stream.read(min(len(view), self._size - self._at))
        else:
            place = self._at - self._size
            data = self._tail[place : place + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _whole_members(stream: BinaryIO, size: int, meter: Meter) -> tuple[int, bytes, int]:
    """The members of a zip file without directory that are whole: how many, a directory of them, and where the last one ends.

    By the local headers (APPNOTE.TXT 4.3.7), as ``zip -FF`` does.
    """
    entries: list[bytes] = []
    at = 0
    while len(entries) < 0xFFFF and at < 0xFFFFFFFF:
        stream.seek(at)
        head = stream.read(30)
        if len(head) < 30 or head[:4] != b"PK\3\4":
            break
        version, flags, method, clock, crc, packed, whole, name, extra = struct.unpack("<HHHIIIIHH", head[4:])
        own = stream.read(name)
        begin = at + 30 + name + extra
        if flags & 0x8:
            described = _described(stream, begin, method, meter)
            if described is None:
                break
            crc, packed, whole, end = described
        else:
            end = begin + packed
        if end > size or 0xFFFFFFFF in (packed, whole):
            break
        entries.append(
            struct.pack(
                "<4sHHHHIIIIHHHHHII",
                b"PK\1\2",
                20,
                version,
                flags & ~0x8,
                method,
                clock,
                crc,
                packed,
                whole,
                name,
                0,
                0,
                0,
                0,
                0,
                at,
            )
            + own
        )
        at = end
    directory = b"".join(entries)
    last = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), at, 0)
    return len(entries), directory + last, at


def _described(stream: BinaryIO, begin: int, method: int, meter: Meter) -> tuple[int, int, int, int] | None:
    """CRC, packed and whole size, and where the member ends, of one whose header left them open; None when that cannot be told."""
    if method != _DEFLATED:
        return None
    stream.seek(begin)
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = whole = crc = 0
    while not decoder.eof:
        data = decoder.unconsumed_tail or stream.read(_CHUNK)
        try:
            found = decoder.decompress(data, 1 << 18)
        except zlib.error:
            return None
        if not (data or found):
            return None
        packed += len(data) - len(decoder.unconsumed_tail) - len(decoder.unused_data)
        whole += len(found)
        crc = zlib.crc32(found, crc)
        meter.count(0, len(found))
    stream.seek(begin + packed)
    mark = stream.read(4) == b"PK\x07\x08"
    end = begin + packed + (16 if mark else 12)
    return crc, packed, whole, end
