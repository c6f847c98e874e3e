"""Rows of different lengths that lie end to end in one array: so the shingle sets of many units are held and handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.tokens import I64, U32

Number = TypeVar("Number", np.uint32, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows, n of them.

    Attributes:
        values: of all rows, end to end.
        offsets: shape (n + 1,): row i is ``values[offsets[i]:offsets[i + 1]]``.
    """

    values: U32
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> I64:
        """Values of each row."""
        return np.diff(self.offsets)

    def at(self, chosen: I64) -> Rows:
        """Some of the rows, in the order in which they are named.

        >>> rows = Rows(np.array([1, 2, 3, 4], np.uint32), np.array([0, 2, 4]))
        >>> rows.at(np.array([1, 0, 1])).values.tolist()
        [3, 4, 1, 2, 3, 4]
        """
        starts = self.offsets[chosen]
        sizes = self.offsets[chosen + 1] - starts
        return Rows(taken(self.values, starts, sizes), offsets_of(sizes))


def taken(values: NDArray[Number], starts: I64, sizes: I64) -> NDArray[Number]:
    """The values from each start on, so many of each, end to end."""
    firsts = np.cumsum(sizes) - sizes
    found: NDArray[Number] = values[np.arange(sizes.sum()) + np.repeat(starts - firsts, sizes)]
    return found


def offsets_of(sizes: I64) -> I64:
    """Where rows of some sizes begin, and the last ends."""
    return np.append(0, np.cumsum(sizes))
