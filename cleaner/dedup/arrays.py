"""Arrays in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


class _Plain:
    """A file that NumPy does not know for one: to those it knows it writes by itself, and of a full disk it does not tell the system's error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)


def save(path: Path, array: NDArray[Any]) -> None:
    """Writes an array as ``.npy``.

    Raises:
        OSError: the system's own.
    """
    with path.open("wb") as file:
        np.save(_Plain(file), array, allow_pickle=False)
