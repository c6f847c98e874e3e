"""Which units may be alike: those of earlier documents by a lasting index, those of one document by what they share.

Both only propose; whoever asks verifies exactly. Proposals are sorted by number, and numbers rise in input order, so that nothing
depends on the order of hashes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from cleaner.dedup.sketch import PERMUTATIONS, Units
from cleaner.dedup.table import Table
from cleaner.dedup.tokens import I64, STEP, U32, U64, mix64, upper
from cleaner.document import Source, UnitRef

RECALL = 0.998
"""Least chance that two units just at the Jaccard threshold meet in a band."""
MAX_POSTINGS = 32
"""Passages of one document that one shingle leads to: the first that have it. Keeps a page of 50,000 alike lines linear."""


def banding(threshold: float) -> tuple[int, int]:
    """Bands, and rows in each, into which a signature is cut.

    Two units of Jaccard similarity j agree in a band of r rows with chance j^r, so in at least one of b bands with
    1 - (1 - j^r)^b. Of all cuts of 128 rows that bring ``RECALL`` at the threshold this is the one with most rows in a band: the
    fewest false candidates. At .8 it is 21 bands of 6 rows: 1 - (1 - .8^6)^21 = .9983, while a pair of .3 meets with chance .015.
    (Prints come on top, and find nearly all that bands miss.)

    >>> banding(0.8)
    (21, 6)
    >>> 1 - (1 - 0.8**6) ** 21 > RECALL > 1 - (1 - 0.8**7) ** 18
    True
    """
    fitting = [rows for rows in range(1, PERMUTATIONS + 1) if 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= RECALL]
    rows = max(fitting, default=1)
    return PERMUTATIONS // rows, rows


class Index:
    """Units of the documents seen so far, numbered from 0 in input order.

    A unit is entered under three kinds of 32-bit keys. One of its whole shingle set finds exact repeats, however often the rest of
    its keys was seen. One per band of its signature finds units of high Jaccard similarity. And its prints find containment: two
    units that share eight tokens in a row share a print, and a passage of which .9 is in another always has such a run: one
    changed word spoils at least four shingles, so among n shingles at most .1 n / 4 changes, between which lie runs of
    .9 n / (.025 n + 1) or more: 6 at n = 8, 18 at n = 40; four are enough. What is lost is lost to ``MAX_PER_KEY`` alone.
    """

    def __init__(self, threshold: float) -> None:
        self._banding = banding(threshold)
        self._table = Table()
        self._sources: list[Source] = []
        self._firsts = array("q")  # number of each document's first unit
        self._lines: list[array[int]] = []
        self._rows: list[tuple[U64, I64]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays it keeps; a process grows by a quarter more (objects around them, the allocator)."""
        rows = sum(hashes.nbytes + offsets.nbytes for hashes, offsets in self._rows)
        return self._table.nbytes + rows + sum(len(lines) * lines.itemsize for lines in self._lines)

    def candidates(self, keys: Keys, chosen: Sequence[int]) -> dict[int, list[int]]:
        """For those of the chosen units that have any: the numbers of earlier units to compare with, sorted."""
        if not self._count:
            return {}
        values, owners = keys.of(chosen)
        places, numbers = self._table.find(values)
        found: dict[int, list[int]] = {}
        pairs = np.sort(owners[places] * self._count + numbers)
        for pair in dict.fromkeys(pairs.tolist()):
            owner, number = divmod(pair, self._count)
            found.setdefault(owner, []).append(number)
        return found

    def remember(self, source: Source, units: Units, keys: Keys, chosen: Sequence[int]) -> None:
        """Take in the chosen units of a document; ``chosen`` is sorted."""
        if not chosen:
            return
        values, owners = keys.of(chosen)
        rank = np.zeros(len(units), np.uint32)
        rank[chosen] = np.arange(self._count, self._count + len(chosen), dtype=np.uint32)
        self._table.add(values, rank[owners])
        self._sources.append(source)
        self._firsts.append(self._count)
        self._lines.append(array("q", units.lines[chosen, 0].tolist()))
        if len(chosen) == len(units):
            self._rows.append((units.hashes, units.offsets))
        else:
            rows = [units.shingles(unit) for unit in chosen]
            self._rows.append((np.concatenate(rows), np.cumsum([0, *map(len, rows)])))
        self._count += len(chosen)

    def shingles(self, number: int) -> U64:
        """The shingle hashes of a unit, sorted and unique."""
        document = bisect_right(self._firsts, number) - 1
        hashes, offsets = self._rows[document]
        unit = number - self._firsts[document]
        return hashes[offsets[unit] : offsets[unit + 1]]

    def ref(self, number: int) -> UnitRef:
        """What a unit is shown as."""
        document = bisect_right(self._firsts, number) - 1
        return UnitRef(self._sources[document], self._lines[document][number - self._firsts[document]] or None)

    def keys(self, units: Units) -> Keys:
        """All keys of some units, which need signatures for that.

        Raises:
            ValueError: the units were sketched with ``across=False``.
        """
        if units.signatures is None:
            raise ValueError("units to be compared across documents need signatures: sketch them with across=True")
        count = len(units)
        bands, rows = self._banding
        cut = units.signatures[:, : bands * rows].reshape(count, bands, rows)
        hashed = np.empty((count, bands), np.uint64)
        hashed[:] = np.arange(1, bands + 1)
        for row in range(rows):
            hashed *= STEP
            hashed += cut[:, :, row]
        every = np.arange(count)
        owners = np.concatenate([every, every.repeat(bands), every.repeat(units.print_offsets[1:] - units.print_offsets[:-1])])
        values = np.concatenate([upper(set_hashes(units)), upper(mix64(hashed)).ravel(), units.prints])
        order = owners.argsort(kind="stable")
        return Keys(values[order], owners[order])


class Keys(NamedTuple):
    """Keys of some units, sorted by unit, and which unit each is of."""

    values: U32
    owners: I64

    def of(self, chosen: Sequence[int]) -> Keys:
        """The keys of some of the units."""
        wanted = np.zeros(int(self.owners[-1]) + 1, np.bool_)
        wanted[chosen] = True
        keep = wanted[self.owners]
        return self if keep.all() else Keys(self.values[keep], self.owners[keep])


def set_hashes(units: Units) -> U64:
    """A 64-bit hash of each unit's shingle set: equal for equal sets, and for others with a chance of about 2^-64."""
    if not len(units):
        return np.empty(0, np.uint64)
    return mix64(np.add.reduceat(units.hashes, units.offsets[:-1]))


def within(units: Units, chosen: Sequence[int], least: float) -> dict[int, list[int]]:
    """For those of the chosen units of one document that have any: others of them to compare with, sorted.

    Exact but for ``MAX_POSTINGS``. Two units are alike only if the smaller shares ``least`` of its shingles with the other; then
    among any more than ``1 - least`` of its shingles, taken here rarest first, is one that the other has (prefix filter, Chaudhuri
    et al., ICDE 2006). Most documents repeat no shingle, and one sort tells.

    Args:
        units: of one document.
        chosen: sorted, no two with equal shingle sets.
        least: the lower of the two thresholds, 0..1.
    """
    rows = [units.shingles(unit) for unit in chosen]
    if len(rows) < 2:
        return {}
    joined = np.concatenate(rows)
    ordered = np.sort(joined)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return {}
    distinct, more = np.unique(repeated, return_counts=True)
    sizes = np.array([len(row) for row in rows])
    places = np.minimum(distinct.searchsorted(joined), len(distinct) - 1)
    common = distinct[places] == joined
    firsts = np.cumsum(sizes) - sizes
    owners = np.repeat(np.arange(len(rows)), sizes)[common]
    places = places[common]
    enough = np.add.reduceat(common, firsts, dtype=np.int64) >= np.ceil(least * sizes - 1e-9)
    if not enough.any():
        return {}
    postings = _Postings(places, owners)
    ends = np.cumsum(np.add.reduceat(common, firsts, dtype=np.int64))
    found: dict[int, list[int]] = {}
    for unit in np.flatnonzero(enough).tolist():
        own = places[ends[unit - 1] if unit else 0 : ends[unit]]
        spare = int(sizes[unit]) - ceil(least * int(sizes[unit]) - 1e-9) + 1 - (int(sizes[unit]) - len(own))
        rarest = own[np.argsort(more[own], kind="stable")[:spare]]
        others = {chosen[other] for place in rarest.tolist() for other in postings.of(place)} - {chosen[unit]}
        if others:
            found[chosen[unit]] = sorted(others)
    return found


class _Postings:
    """Which rows have a shingle: the first ``MAX_POSTINGS`` of them."""

    def __init__(self, places: I64, owners: I64) -> None:
        order = np.argsort(places, kind="stable")
        self._owners = owners[order]
        self._starts = np.append(0, np.cumsum(np.bincount(places)))

    def of(self, place: int) -> list[int]:
        """Rows that have the shingle at a place, in order."""
        start, end = int(self._starts[place]), int(self._starts[place + 1])
        rows: list[int] = self._owners[start : min(end, start + MAX_POSTINGS)].tolist()
        return rows
