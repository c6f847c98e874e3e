"""How two units stand to each other, by the exact sizes of their shingle sets and of what these share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.tokens import U64
from cleaner.document import Relation

_RANK = {Relation.SAME: 0, Relation.INSIDE: 1, Relation.HOLDS: 2}


class Match(NamedTuple):
    """A unit is like another; sorts by how much that says, then by which unit is earlier.

    Attributes:
        rank: 0 for ``same``, 1 for ``inside``, 2 for ``holds``.
        beside: whether the other unit stands in the same document.
        of: the other unit: its place in the document when it stands beside, else its number in the index. Both rise in input order.
        jaccard: exact, 0..1.
        containment: share of the smaller unit's shingles that the other has too, exact, 0..1.
    """

    rank: int
    beside: bool
    of: int
    jaccard: float
    containment: float

    @property
    def relation(self) -> Relation:
        """How the unit stands to ``of``."""
        return tuple(_RANK)[self.rank]


def shared(unit: U64, others: Sequence[U64]) -> list[int]:
    """How many shingles a unit has in common with each of some others; all are sorted and unique, none is empty.

    >>> one, two = np.array([1, 3, 5], np.uint64), np.array([3, 4, 5, 9], np.uint64)
    >>> shared(one, [two, one])
    [2, 3]
    """
    joined = np.concatenate(others) if len(others) > 1 else others[0]
    places = unit.searchsorted(joined)
    places[places == len(unit)] = 0
    hits = unit[places] == joined
    if len(others) == 1:  # the usual case, and three calls of NumPy fewer
        return [int(np.count_nonzero(hits))]
    starts = [0, *accumulate(len(other) for other in others[:-1])]
    counts: list[int] = np.add.reduceat(hits, starts, dtype=np.int64).tolist()
    return counts


def relate(sizes: tuple[int, int], common: int, settings: DuplicateSettings) -> tuple[Relation, float, float] | None:
    """How the first of two units stands to the second, with Jaccard and containment; None when they are not alike.

    Of two units the smaller can only be inside the other, which then holds it; of two of one size the first is inside.

    Args:
        sizes: shingles of the first and of the second.
        common: shingles that both have.
        settings: give the thresholds.

    >>> relate((10, 10), 9, DuplicateSettings())
    (<Relation.SAME: 'same'>, 0.8181818181818182, 0.9)
    >>> relate((10, 100), 9, DuplicateSettings())
    (<Relation.INSIDE: 'inside'>, 0.0891089108910891, 0.9)
    >>> relate((100, 10), 9, DuplicateSettings())[0]
    <Relation.HOLDS: 'holds'>
    >>> relate((10, 10), 8, DuplicateSettings()) is None
    True
    """
    first, second = sizes
    jaccard, containment = common / (first + second - common), common / min(sizes)
    if jaccard >= settings.threshold:
        return Relation.SAME, jaccard, containment
    if containment >= settings.containment:
        return (Relation.INSIDE if first <= second else Relation.HOLDS), jaccard, containment
    return None


def matches(unit: U64, others: Sequence[tuple[int, U64]], settings: DuplicateSettings, *, beside: bool) -> list[Match]:
    """What of some others, each with its number or place, a unit is like, the best first."""
    found = []
    for (of, other), common in zip(others, shared(unit, [other for _, other in others]), strict=True):
        related = relate((len(unit), len(other)), common, settings)
        if related:
            relation, jaccard, containment = related
            found.append(Match(_RANK[relation], beside, of, jaccard, containment))
    return sorted(found)


def copy_of(place: int) -> Match:
    """The match of a passage with one at another place of its document that has the same shingles."""
    return Match(_RANK[Relation.SAME], beside=True, of=place, jaccard=1.0, containment=1.0)
