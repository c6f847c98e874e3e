"""How units stand to each other, by the exact sizes of their shingle sets and of what these share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.rows import Rows
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.tokens import I64, U32, U64
from cleaner.document import Relation

RELATIONS = (Relation.SAME, Relation.INSIDE, Relation.HOLDS)
"""By rank: how much each says."""
_AT_ONCE = 1 << 16
"""Shingles that are looked up at a time: what is made of them stays in a core's second-level cache."""
_SLOTS_A_VALUE = 4
"""Slots of a table for each value, or up to twice as many: then one value in twelve is displaced. With 2 it is slower, with 8 no faster."""
_MOST_SLOTS = 1 << 13
"""Slots of a row at most: a batch may hold one very long text and many short ones."""


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


def shared(ours: Rows, places: I64, theirs: Rows) -> I64:
    """How many shingles the two units of some pairs have in common.

    Args:
        ours: shingle sets, each sorted and unique.
        places: of the first unit of each pair among ``ours``.
        theirs: shingle set of the second unit of each pair; none is empty.

    >>> ours = Rows(np.array([1, 3, 5, 3, 4, 9], np.uint32), np.array([0, 3, 6]))
    >>> shared(ours, np.array([0, 0, 1]), ours.at(np.array([1, 0, 0]))).tolist()
    [1, 3, 1]
    """
    found = np.zeros(len(theirs), np.int64)
    if not len(theirs):
        return found
    asked = np.zeros(len(ours), np.bool_)
    asked[places] = True
    table = _Table(ours.at(np.flatnonzero(asked)))
    ranks = (np.cumsum(asked) - 1)[places]
    for first, stop in _parts(theirs.offsets):
        start, end = theirs.offsets[first], theirs.offsets[stop]
        sizes = np.diff(theirs.offsets[first : stop + 1])
        had = table.has(np.repeat(ranks[first:stop], sizes), theirs.values[start:end])
        np.add.reduceat(had, theirs.offsets[first:stop] - start, dtype=np.int64, out=found[first:stop])
    return found


def _parts(offsets: I64) -> Iterator[tuple[int, int]]:
    """Rows in groups of so many values together; a larger one is alone."""
    first, count = 0, len(offsets) - 1
    while first < count:
        stop = max(first + 1, int(offsets.searchsorted(offsets[first] + _AT_ONCE, side="right")) - 1)
        yield first, stop
        first = stop


class _Table:
    """Rows spread over slots, so that one look tells whether a row has a value; to search in sorted rows takes three times as long.

    Every row has so many slots, a power of two, and the last bits of a value name its slot. Where two want the same slot one of them has it;
    the other is *displaced*, and is searched for.
    """

    def __init__(self, rows: Rows) -> None:
        sizes = rows.sizes
        self._width = min(_MOST_SLOTS, 1 << (_SLOTS_A_VALUE * len(rows.values) // len(rows)).bit_length())
        owners = np.repeat(np.arange(len(rows)), sizes)
        slots = self._slots(owners, rows.values)
        # In an empty slot stands a value that belongs into the next one, so nothing is found there.
        self._values = np.arange(len(rows) * self._width, dtype=np.uint32) ^ np.uint32(1)
        self._values[slots] = rows.values
        displaced = np.flatnonzero(self._values[slots] != rows.values)
        self._shared = np.zeros(len(self._values), np.bool_)
        self._shared[slots[displaced]] = True
        self._displaced = _keyed(owners[displaced], rows.values[displaced])

    def has(self, owners: I64, values: U32) -> NDArray[np.bool_]:
        """Of some values, whether the row named beside each has it."""
        slots = self._slots(owners, values)
        found: NDArray[np.bool_] = self._values[slots] == values
        unsure = np.flatnonzero(self._shared[slots] & ~found)
        if len(unsure):
            keys = _keyed(owners[unsure], values[unsure])
            at = np.minimum(self._displaced.searchsorted(keys), len(self._displaced) - 1)
            found[unsure] = self._displaced[at] == keys
        return found

    def _slots(self, owners: I64, values: U32) -> I64:
        """Where each value stands if the row beside it has it."""
        slots = owners * self._width
        slots += values & np.uint32(self._width - 1)
        return slots


def _keyed(ranks: I64, values: U32) -> U64:
    """Values with the rank of their row in front: sorted if ranks are, and values by row."""
    return ranks.astype(np.uint64) << np.uint64(32) | values


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
