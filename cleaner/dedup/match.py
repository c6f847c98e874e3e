"""How units stand to each other, by the exact sizes of their shingle sets and of what these share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.tokens import I64, U32, U64
from cleaner.document import Relation

RELATIONS = (Relation.SAME, Relation.INSIDE, Relation.HOLDS)
"""By rank: how much each says."""
_AT_ONCE = 1 << 20
"""Shingles that are looked up at a time."""


class Match(NamedTuple):
    """A unit is like another; sorts by how much that says, then by which unit is earlier.

    Attributes:
        rank: 0 for ``same``, 1 for ``inside``, 2 for ``holds``.
        beside: whether the other unit stands in the same document.
        of: the other unit: its place in the document when it stands beside, else its number in the index. Both rise in input order.
        jaccard: exact, 0..1.
        containment: share of the smaller unit's shingles that the other has too, exact, 0..1.
        larger: whether the unit has more shingles than the other.
    """

    rank: int
    beside: bool
    of: int
    jaccard: float
    containment: float
    larger: bool = False

    @property
    def relation(self) -> Relation:
        """How the unit stands to ``of``."""
        return RELATIONS[self.rank]


class Related(NamedTuple):
    """How the first of some pairs of units stand to the second.

    Attributes:
        ranks: shape (n,): place in ``RELATIONS``; -1 when they are not alike.
        jaccard: shape (n,).
        containment: shape (n,): share of the smaller one's shingles that the other has too.
        larger: shape (n,): whether the first has more shingles.
    """

    ranks: I64
    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    larger: NDArray[np.bool_]

    def at(self, places: I64) -> Related:
        """Of the pairs at some places."""
        return Related(self.ranks[places], self.jaccard[places], self.containment[places], self.larger[places])


def shared(hashes: U32, offsets: I64, units: I64, others: Sequence[U32]) -> I64:
    """How many shingles the two units of some pairs have in common.

    Args:
        hashes: shingle sets of units, end to end, each sorted and unique.
        offsets: where they begin, and the last ends.
        units: sorted; the first unit of each pair.
        others: shingle set of the second unit of each pair; none is empty.

    >>> hashes, offsets = np.array([1, 3, 5, 3, 4, 9], np.uint32), np.array([0, 3, 6])
    >>> shared(hashes, offsets, np.array([0, 0, 1]), [hashes[3:], hashes[:3], hashes[:3]]).tolist()
    [1, 3, 1]
    """
    sizes = np.array([len(other) for other in others], np.int64)
    found = np.zeros(len(others), np.int64)
    for first, stop in _parts(sizes):
        asked, rank = np.unique(units[first:stop], return_inverse=True)
        counts = offsets[asked + 1] - offsets[asked]
        places = np.arange(counts.sum()) + np.repeat(offsets[asked] - (np.cumsum(counts) - counts), counts)
        ours = _keyed(np.arange(len(asked)), counts, hashes[places])
        theirs = _keyed(rank, sizes[first:stop], np.concatenate(others[first:stop]))
        at = ours.searchsorted(theirs)
        at[at == len(ours)] = 0
        starts = np.cumsum(sizes[first:stop]) - sizes[first:stop]
        np.add.reduceat(ours[at] == theirs, starts, dtype=np.int64, out=found[first:stop])
    return found


def _parts(sizes: I64) -> Iterator[tuple[int, int]]:
    """Pairs in groups of so many shingles together; a larger one is alone."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(ends[first - 1]) if first else 0
        stop = max(first + 1, int(ends.searchsorted(before + _AT_ONCE, side="right")))
        yield first, stop
        first = stop


def _keyed(ranks: I64, counts: I64, values: U32) -> U64:
    """Values with the rank of their unit in front: sorted if ranks are, and values by unit."""
    keyed = values.astype(np.uint64)
    keyed |= np.repeat(ranks.astype(np.uint64) << np.uint64(32), counts)
    return keyed


def relate(first: I64, second: I64, common: I64, settings: DuplicateSettings) -> Related:
    """How the first units of some pairs stand to the second.

    Of two units the smaller can only be inside the other, which then holds it; of two of one size the first is inside.

    Args:
        first: shingles of the first units.
        second: shingles of the second.
        common: shingles that both have.
        settings: give the thresholds.

    >>> found = relate(*np.array([(10, 10, 9), (10, 100, 9), (100, 10, 9), (10, 10, 8)]).T, DuplicateSettings())
    >>> found.ranks.tolist(), [round(value, 3) for value in found.jaccard.tolist()], found.containment.tolist()
    ([0, 1, 2, -1], [0.818, 0.089, 0.089, 0.667], [0.9, 0.9, 0.9, 0.8])
    """
    jaccard, containment = common / (first + second - common), common / np.minimum(first, second)
    ranks = np.full(len(common), -1)
    if settings.containment is not None:
        inside = containment >= settings.containment
        ranks[inside] = np.where(first <= second, 1, 2)[inside]
    ranks[jaccard >= settings.threshold] = 0
    return Related(ranks, jaccard, containment, first > second)


def copy_of(place: int) -> Match:
    """The match of a passage with one at another place of its document that has the same shingles."""
    return Match(0, beside=True, of=place, jaccard=1.0, containment=1.0)
