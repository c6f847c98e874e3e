"""Files that gather the documents of one or more inputs: lines or tables, whole or in shards."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cleaner.document import Document
from cleaner.readers import Compression
from cleaner.readers.compressed import zstd_module
from cleaner.writers import COMPRESSED, Target
from cleaner.writers.atomic import AtomicFile
from cleaner.writers.naming import Output, shard_path
from cleaner.writers.parquet import Table


class RecordFile(Protocol):
    """A file that takes one document after another."""

    def write(self, document: Document, data: bytes | None) -> None:
        """Adds a document, or its bytes where it is made of such."""

    def close(self) -> None:
        """Gives the file its name."""

    def abandon(self) -> None:
        """Removes what was written."""


class Lines:
    """JSON lines, compressed if the target says so; the same documents give the same bytes.

    Args:
        path: the file.
        target: one of the targets that are JSON lines.
    """

    def __init__(self, path: Path, target: Target) -> None:
        self._file = AtomicFile(path)
        self._packed = _packer(self._file.stream, COMPRESSED.get(target))

    def write(self, _: Document, data: bytes | None) -> None:
        """Adds a line."""
        (self._packed or self._file).write(data or b"")

    def close(self) -> None:
        """Gives the file its name."""
        if self._packed is not None:
            self._packed.close()
        self._file.close()

    def abandon(self) -> None:
        """Removes what was written."""
        # Else it is closed when it is forgotten, and complains that its file is gone.
        with suppress(OSError, ValueError):
            if self._packed is not None:
                self._packed.close()
        self._file.abandon()


def _packer(file: BinaryIO, compression: Compression | None) -> Any:
    if compression is None:
        return None
    if compression is Compression.GZIP:
        # No time and no name in the header, so that a repeated run gives the same bytes.
        return gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0)
    return zstd_module().ZstdFile(file, "wb", level=3)


def open_file(path: Path, target: Target, meta_field: str) -> RecordFile:
    """A new file for records."""
    return Table(path, meta_field) if target is Target.PARQUET else Lines(path, target)


class Shards:
    """One output, in one file or in shards of so many documents; the first one is there even when nothing is written.

    Args:
        output: where its documents go.
        size: documents of one shard; None: all.
        open_at: makes the file of a path below ``clean/``.
    """

    def __init__(self, output: Output, size: int | None, open_at: Callable[[str], RecordFile]) -> None:
        self._output = output
        self._size = size
        self._open_at = open_at
        self._number = 0
        self._count = 0
        self._path = ""
        self._file = self._next()

    def write(self, document: Document, data: bytes | None) -> str:
        """Adds a document, or its bytes; the path of the file it went to, below ``clean/``."""
        if self._size is not None and self._count >= self._size:
            self._file.close()
            self._file = self._next()
        self._file.write(document, data)
        self._count += 1
        return self._path

    def close(self) -> None:
        """Gives the last file its name."""
        self._file.close()

    def abandon(self) -> None:
        """Removes what was written of the last file."""
        self._file.abandon()

    def _next(self) -> RecordFile:
        self._number, self._count = self._number + 1, 0
        self._path = self._output.path if self._size is None else shard_path(self._output, self._number)
        return self._open_at(self._path)
