"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

PARTIAL = ".partial"
"""Ending of a file that is still being written."""
_LONGEST_NAME = 255
"""Bytes of a file's name on the file systems in use; pages are often named by their headlines, up to this length."""


def _partial_name(name: str) -> str:
    """What a file is called until it is whole; a name that would become too long is replaced by its digest."""
    if len(os.fsencode(name + PARTIAL)) <= _LONGEST_NAME:
        return name + PARTIAL
    return hashlib.sha256(os.fsencode(name)).hexdigest() + PARTIAL


class AtomicFile:
    """A binary file that takes its name only when it is closed without an error.

    >>> import tempfile; folder = Path(tempfile.mkdtemp())
    >>> with AtomicFile(folder / "a.txt") as file:
    ...     _ = file.write(b"whole")
    >>> (folder / "a.txt").read_bytes()
    b'whole'
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(_partial_name(path.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self._partial.open("wb")

    def write(self, data: bytes) -> int:
        """Adds to the file."""
        return self._file.write(data)

    @property
    def stream(self) -> BinaryIO:
        """The open file, for what writes more than bytes at its end."""
        return self._file

    def close(self) -> None:
        """Gives the file its name.

        Raises:
            OSError: the rest cannot be written; nothing of the file is left.
        """
        try:
            self._file.close()
            self._partial.replace(self._path)
        except OSError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Removes what was written."""
        # What is still to be written has no place on a full disk, and need not have.
        with suppress(OSError):
            self._file.close()
        self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()
