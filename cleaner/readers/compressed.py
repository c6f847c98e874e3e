"""Compressed streams, unpacked as they are read: a layer under all formats.

What is whole is given; where the data ends too early, is corrupt, or becomes implausibly much, reading raises ``InputError``, and again
each time. Memory is bounded whatever the data says: little is unpacked at once, and windows have a limit.
"""

from __future__ import annotations

import io
import lzma
import zlib
from bz2 import BZ2Decompressor
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cleaner.errors import InputError
from cleaner.readers.options import ReadOptions
from cleaner.readers.shape import Compression

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 16
"""Bytes that are read, or unpacked, at once."""
_BUFFER = 1 << 18
_WINDOW = 1 << 27
"""Bytes of memory that a stream may ask for to be unpacked (``xz -9`` needs 65 MiB, ``zstd --long`` 128 MiB)."""
FREE = 1 << 26
"""Bytes that may come out of however few: the ratio counts from there on."""

_MAGIC = (
    (b"\x1f\x8b\x08", Compression.GZIP),
    (b"BZh", Compression.BZIP2),
    (b"\xfd7zXZ\0", Compression.XZ),
    (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
)
"""First bytes that no text begins with, but for BZh, which ``detected`` looks at more closely."""


@dataclass(slots=True)
class Meter:
    """Counts what goes in and what comes out.

    Attributes:
        max_ratio: bytes that one byte may become.
        packed: bytes that went in.
        unpacked: bytes that came out.
    """

    max_ratio: int
    packed: int = 0
    unpacked: int = 0

    def count(self, packed: int, unpacked: int) -> None:
        """Adds to the counts.

        Raises:
            InputError: ``bomb``, when implausibly much came out.
        """
        self.packed += packed
        self.unpacked += unpacked
        if self.unpacked > FREE and self.unpacked > self.max_ratio * self.packed:
            raise InputError(
                "bomb",
                f"{self.packed:,} compressed bytes became more than {self.unpacked:,}, over {self.max_ratio} times as many;"
                " this is made to fill disks; unpack it yourself if you trust it",
            )


class _Decoder(Protocol):
    """What Python's decompressors have in common."""

    def decompress(self, data: bytes, max_length: int) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the others; what stands before damage comes out whole."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._full = False
        self._error: zlib.error | None = None

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most so many bytes more."""
        if self._error is not None:
            raise self._error
        data = self._inner.unconsumed_tail + data
        before = self._inner.copy()
        try:
            found = self._inner.decompress(data, max_length)
        except zlib.error as error:
            self._error, found = error, _byte_by_byte(before, data)
        self._full = self._error is not None or len(found) == max_length
        return found

    @property
    def eof(self) -> bool:
        """Whether the stream has come to its end, which was right."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out of what went in."""
        return not self._inner.unconsumed_tail and not self._full

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end."""
        return self._inner.unused_data


def _byte_by_byte(inner: Any, data: bytes) -> bytes:
    """What comes out before the error that one call would raise instead: at most what the failing call could have given."""
    found = bytearray()
    for place in range(len(data)):
        try:
            found += inner.decompress(data[place : place + 1])
        except zlib.error:
            break
    return bytes(found)


def zstd_module() -> Any:
    """The only door to Zstandard: of the standard library, from Python 3.14 on, else its backport."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from backports import zstd  # type: ignore[no-redef,unused-ignore]
    return zstd


def _zstd() -> _Decoder:
    zstd = zstd_module()
    found: _Decoder = zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: _WINDOW.bit_length() - 1},
    )
    return found


_DECODERS: dict[Compression, Callable[[], _Decoder]] = {
    Compression.GZIP: _Gzip,
    Compression.BZIP2: BZ2Decompressor,
    Compression.XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_WINDOW),
    Compression.ZSTD: _zstd,
}


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a stream of one or more members (as ``cat a.gz b.gz`` makes them)."""

    def __init__(self, source: BinaryIO, compression: Compression, meter: Meter) -> None:
        self._source = source
        self._compression = compression
        self._meter = meter
        self._decoder: _Decoder | None = _DECODERS[compression]()
        self._waiting = b""
        self._ready = b""
        self._failure: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._failure is not None:
            raise self._failure
        view = memoryview(buffer).cast("B")
        try:
            if not self._ready:
                self._ready = self._next(min(len(view), _BUFFER))
        except InputError as error:
            self._failure = error
            raise
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _next(self, most: int) -> bytes:
        """Some more bytes, at most so many; none at the end."""
        while True:
            if self._decoder is None and not self._begin_member():
                return b""
            decoder = self._decoder
            if decoder is None:
                return b""
            fed = self._fed() if decoder.needs_input else b""
            try:
                found = decoder.decompress(fed, most)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError) as error:
                raise self._corrupt(str(error)) from error
            except Exception as error:
                if type(error).__name__ != "ZstdError":
                    raise
                raise self._corrupt(str(error)) from error
            self._meter.count(len(fed), len(found))
            if decoder.eof:
                self._waiting, self._decoder = decoder.unused_data, None
            if found:
                return found

    def _begin_member(self) -> bool:
        """Whether another member follows; zeros may pad the last one."""
        while data := self._waiting or self._read():
            self._waiting = data.lstrip(b"\0")
            if self._waiting:
                self._decoder = _DECODERS[self._compression]()
                return True
        return False

    def _fed(self) -> bytes:
        data, self._waiting = self._waiting or self._read(), b""
        if not data:
            raise InputError("truncated", f"the {self._compression.value} data ends before it is complete; fetch the file again")
        return data

    def _read(self) -> bytes:
        read1: Callable[[int], bytes] = getattr(self._source, "read1", self._source.read)
        return read1(_CHUNK)

    def _corrupt(self, why: str) -> InputError:
        if "emory" in why:
            return InputError("bomb", f"the {self._compression.value} data asks for more than {_WINDOW >> 20} MiB to be unpacked")
        return InputError(
            "corrupt", f"the {self._compression.value} data is damaged ({why or 'no reason given'}); fetch the file again"
        )


def unpacked(stream: BinaryIO, compression: Compression | None, options: ReadOptions) -> BinaryIO:
    """The stream without its compression; reading raises ``InputError`` where that is not possible."""
    if compression is None:
        return stream
    return io.BufferedReader(_Unpacked(stream, compression, Meter(options.max_ratio)), _BUFFER)


def detected(stream: BinaryIO) -> Compression | None:
    """How a stream that has no name is compressed, by its first bytes; nothing is taken from it."""
    peek: Callable[[int], bytes] | None = getattr(stream, "peek", None)
    if peek is None:
        return None
    head = peek(10)
    found = next((compression for magic, compression in _MAGIC if head.startswith(magic)), None)
    if found is Compression.BZIP2 and head[4:10] != b"1AY&SY":
        return None
    return found
