"""MinHash signatures of shingle sets, and the bands that find like ones; the only door to datasketch.

A *signature* is that of ``datasketch.MinHash(num_perm=128, seed=1, scheme="affine32")`` whose hash function gives the low 32 bits of a
shingle's hash; bit for bit (a test holds that), at a fraction of the cost of ``MinHash.bulk``. Its first values are all that most
thresholds need: permutations are drawn one after the other, so a shorter signature is the beginning of a longer one.
"""

from __future__ import annotations

from functools import cache
from math import ceil, log, log1p
from typing import NamedTuple

import numpy as np

from cleaner.dedup.rows import Rows
from cleaner.dedup.tokens import I64, STEP, U32, U64, mix64, upper

PERMUTATIONS = 128
SEED = 1
SCHEME = "affine32"
RECALL = 0.999
"""Least chance that two units just at the Jaccard threshold meet in a band."""
_FEW = 7
"""Bands that a unit may have in any case: what the usual threshold of .8 needs with two rows in each."""
_MOST_ROWS = 16
_BLOCK = 1 << 17
"""Cells of a block of permuted hashes: 512 KiB, so that it stays in a core's second-level cache."""


class Banding(NamedTuple):
    """How signatures are cut: so many bands, of so many rows each."""

    bands: int
    rows: int

    @property
    def permutations(self) -> int:
        """Values of a signature that the bands read."""
        return self.bands * self.rows

    def recall(self, jaccard: float) -> float:
        """The chance that two units of this similarity meet in a band: in all rows of one with j^r, so in any with 1 - (1 - j^r)^b."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)


def banding(threshold: float) -> Banding:
    """The bands for a threshold: as few as bring ``RECALL`` at it, with as many rows in each as that allows.

    Each band is a key, of eight bytes, under which a unit is entered in an index, and what it proposes is verified: so few bands
    cost less than precise ones. Two rows are the least, for a value alone is shared by all that share a stock phrase. Units below the
    threshold meet too: of those at .4 one in two at the threshold of .8, of those at .1 one in fifteen; few pairs of news are so like.

    Args:
        threshold: Jaccard similarity, from .5 to 1.

    >>> [(threshold, *banding(threshold)) for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)]
    [(0.5, 25, 2), (0.6, 16, 2), (0.7, 11, 2), (0.8, 7, 2), (0.9, 7, 4), (1.0, 1, 16)]
    >>> round(banding(0.8).recall(0.8), 4)
    0.9992
    """
    cuts = [Banding(_needed(threshold, rows), rows) for rows in range(2, _MOST_ROWS + 1)]
    allowed = max(_FEW, cuts[0].bands)
    return max((cut for cut in cuts if cut.bands <= allowed), key=lambda cut: cut.rows)


def _needed(threshold: float, rows: int) -> int:
    """Bands of so many rows that bring ``RECALL`` at a threshold."""
    return max(1, ceil(log(1 - RECALL) / log1p(-(threshold**rows)))) if threshold < 1 else 1


def signatures(hashes: U32, offsets: I64, permutations: int = PERMUTATIONS) -> U32:
    """MinHash signatures of ragged rows, none of them empty: shape (n, permutations), uint32."""
    count = len(offsets) - 1
    if not count:
        return np.empty((0, permutations), np.uint32)
    factors, shifts = _permutations()
    mixed = _mix32(hashes)
    least = np.empty((permutations, count), np.uint32)
    # Whole rows go through the permutations in blocks that stay in the cache, and as few as that allows: each costs as much as 10,000 cells.
    for first, stop in _blocks(offsets):
        part, starts = mixed[offsets[first] : offsets[stop]], offsets[first:stop] - offsets[first]
        step = min(permutations, max(1, _BLOCK // len(part)))
        cells = np.empty((step, len(part)), np.uint32)
        for row in range(0, permutations, step):
            last = min(permutations, row + step)
            block = np.multiply(factors[row:last, None], part, out=cells[: last - row])
            block += shifts[row:last, None]
            np.minimum.reduceat(block, starts, axis=1, out=least[row:last, first:stop])
    return np.ascontiguousarray(least.T)


def band_keys(values: U32, cut: Banding) -> U32:
    """The key of each band of some signatures: shape (n, bands); the same values in two bands give two keys."""
    count = len(values)
    rows = values[:, : cut.permutations].reshape(count, cut.bands, cut.rows)
    hashed = np.empty((count, cut.bands), np.uint64)
    hashed[:] = np.arange(1, cut.bands + 1)
    for row in range(cut.rows):
        hashed *= STEP
        hashed += rows[:, :, row]
    return upper(mix64(hashed))


def set_hashes(sets: Rows) -> U64:
    """A 64-bit hash of each set, none of them empty: equal for equal sets, and for others with a chance of about 2^-64."""
    if not len(sets):
        return np.empty(0, np.uint64)
    return mix64(np.add.reduceat(mix64(sets.values.astype(np.uint64) + np.uint64(1)), sets.offsets[:-1]))


def _blocks(offsets: I64) -> list[tuple[int, int]]:
    """Rows in groups whose hashes fill half a block, so that two permutations or more are done at once; a longer row is alone."""
    found: list[tuple[int, int]] = []
    first, count = 0, len(offsets) - 1
    while first < count:
        stop = max(first + 1, int(offsets.searchsorted(offsets[first] + _BLOCK // 2, side="right")) - 1)
        found.append((first, min(stop, count)))
        first = found[-1][1]
    return found


def _mix32(values: U32) -> U32:
    """The 32-bit finalizer of MurmurHash3, which datasketch applies before it permutes."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


@cache
def _permutations() -> U32:
    """Factors and shifts of datasketch's permutations, shape (2, 128): constants, kept because drawing them costs 200 us."""
    # The import costs most of a second, and a single document needs none of it.
    from datasketch import MinHash

    permutations: U32 = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme=SCHEME).permutations
    return permutations
