"""Which texts are alike, counted: an inverted index of all word 5-grams, without a hash, a sample or a bound.

Exact, and plain enough to be believed: tokens are numbered by a dict, 5-grams by the numbers of what they are put together from,
and for every distinct set of 5-grams the index tells how many it shares with every other one. It knows nothing of the package it
judges but what a shingle is (for languages with spaces between words), and how short a text may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

SHINGLE = 5
"""Tokens in a shingle."""
MIN_WORDS = 8
"""Texts of fewer tokens are not compared."""
_TOKEN = re.compile(r"\w+")
_BLOCK = 1 << 22
"""Postings that are counted at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Rows of numbers of unequal length, end to end: row i is ``values[offsets[i]:offsets[i + 1]]``."""

    values: I64
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> I64:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def sizes(self) -> I64:
        """Length of each row."""
        return np.diff(self.offsets)

    def of(self, rows: I64) -> Ragged:
        """Some of the rows, in that order.

        >>> Ragged(np.array([5, 6, 7]), np.array([0, 2, 2, 3])).of(np.array([2, 0])).values.tolist()
        [7, 5, 6]
        """
        sizes = self.sizes[rows]
        offsets = _offsets(sizes)
        return Ragged(self.values[np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], sizes)], offsets)


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The texts that are compared, n of them, in input order; those of one document stand side by side.

    Attributes:
        places: shape (n,): which of the given texts each is.
        documents: shape (n,): document of each, rising.
        words: shape (n,): tokens of each.
        set_of: shape (n,): number of its set of shingles, in order of first appearance.
        sets: shingles of each distinct set, sorted.
        first: first unit that has each set.
    """

    places: I64
    documents: I64
    words: I64
    set_of: I64
    sets: Ragged
    first: I64

    def __len__(self) -> int:
        return len(self.places)

    def common(self, one: int, other: int) -> int:
        """Shingles that two units share."""
        return len(np.intersect1d(self.sets[int(self.set_of[one])], self.sets[int(self.set_of[other])], assume_unique=True))

    def sizes(self, *units: int) -> tuple[int, ...]:
        """Shingles of some units."""
        return tuple(len(self.sets[int(self.set_of[unit])]) for unit in units)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is to be found of each unit, n of them, among the units of earlier documents; unit -1 where there is none.

    Attributes:
        best: shape (n,): highest Jaccard similarity, 0..1; 0 when it is below ``FLOOR``.
        same: shape (n,): earliest unit of a Jaccard similarity at the threshold or above.
        alike: shape (n,): how many distinct sets of earlier units are at the threshold or above.
        inside: shape (n,): earliest unit that contains it.
        holds: shape (n,): earliest unit, smaller than it, that it contains.
    """

    best: F64
    same: I64
    alike: I64
    inside: I64
    holds: I64


FLOOR = 0.4
"""Jaccard similarities below this are not kept."""


def units_of(texts: Sequence[str], documents: Sequence[int]) -> Units:
    """The texts that are long enough, with their sets of shingles.

    Args:
        texts: in input order.
        documents: number of the document of each, rising.
    """
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(token, len(numbers)) for token in _TOKEN.findall(text.casefold())] for text in texts]
    words = np.array([len(row) for row in rows], np.int64)
    places = np.flatnonzero(words >= MIN_WORDS)
    words = words[places]
    tokens = np.fromiter((token for place in places.tolist() for token in rows[place]), np.int64, int(words.sum()))
    grams = _grams(tokens)
    starts = _offsets(words)[:-1]
    by_set: dict[bytes, int] = {}
    distinct: list[I64] = []
    set_of, first = np.empty(len(places), np.int64), []
    for unit, (start, count) in enumerate(zip(starts.tolist(), (words - SHINGLE + 1).tolist(), strict=True)):
        own = np.unique(grams[start : start + count])
        number = by_set.setdefault(own.tobytes(), len(by_set))
        if number == len(distinct):
            distinct.append(own)
            first.append(unit)
        set_of[unit] = number
    sets = Ragged(np.concatenate(distinct), _offsets(np.array([len(own) for own in distinct], np.int64)))
    return Units(places, np.asarray(documents, np.int64)[places], words, set_of, sets, np.array(first, np.int64))


def _grams(tokens: I64) -> I64:
    """A number for the 5-gram that begins at each token but the last four; equal for equal 5-grams only.

    >>> _grams(np.array([1, 2, 3, 4, 5, 2, 3, 4, 5, 2])).tolist()
    [0, 1, 2, 3, 4, 1]
    """
    pairs = _numbered(tokens[:-1], tokens[1:])
    fours = _numbered(pairs[:-2], pairs[2:])
    return _numbered(fours[:-1], tokens[SHINGLE - 1 :])


def _numbered(left: I64, right: I64) -> I64:
    """A number for each pair of numbers below 2^31."""
    numbers: I64 = np.unique(left << 32 | right, return_inverse=True)[1].astype(np.int64)
    return numbers


def _offsets(sizes: I64) -> I64:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Ordered pairs of distinct sets that are alike, each set with itself too: pair i is of set ``one[i]``, which rises."""

    one: I64
    other: I64
    common: I64


def alike(units: Units, containment: float) -> Pairs:
    """All pairs of distinct sets of a Jaccard similarity of ``FLOOR``, or one of which contains ``containment`` of the other."""
    sets = units.sets
    sizes = sets.sizes
    owners = np.repeat(np.arange(len(sets)), sizes)
    frequent = np.bincount(sets.values)[sets.values] > 1
    order = np.argsort(sets.values, kind="stable")
    postings = Ragged(owners[order], _offsets(np.bincount(sets.values)))
    found = [np.repeat(np.arange(len(sets)), 2).reshape(-1, 2)]
    counts = [sizes]
    kept, owners = sets.values[frequent], owners[frequent]
    upto = np.cumsum(postings.sizes[kept])
    for start, end in _blocks(owners, upto):
        read = postings.of(kept[start:end])
        keys = np.repeat(owners[start:end], read.sizes) * len(sets) + read.values
        distinct, common = np.unique(keys, return_counts=True)
        one, other = np.divmod(distinct, len(sets))
        jaccard = common / (sizes[one] + sizes[other] - common)
        wanted = (one != other) & ((jaccard >= FLOOR) | (common / np.minimum(sizes[one], sizes[other]) >= containment))
        found.append(np.stack([one[wanted], other[wanted]], axis=1))
        counts.append(common[wanted])
    pairs, shared = np.concatenate(found), np.concatenate(counts)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Pairs(pairs[order, 0], pairs[order, 1], shared[order])


def _blocks(owners: I64, upto: I64) -> Iterator[tuple[int, int]]:
    """Ranges of entries, none of which parts those of one owner, of about ``_BLOCK`` postings each."""
    start = 0
    while start < len(owners):
        before = int(upto[start - 1]) if start else 0
        last = min(int(np.searchsorted(upto, before + _BLOCK)), len(owners) - 1)
        end = int(np.searchsorted(owners, owners[last], side="right"))
        yield start, end
        start = end


def truth_of(units: Units, threshold: float, containment: float) -> Truth:
    """What is to be found of each unit."""
    pairs = alike(units, containment)
    sizes = units.sets.sizes
    rows = Ragged(np.arange(len(pairs.one)), _offsets(np.bincount(pairs.one, minlength=len(units.sets))))
    begins = np.searchsorted(units.documents, units.documents)  # first unit of each unit's document
    truth = Truth(np.zeros(len(units)), *(np.full(len(units), value, np.int64) for value in (-1, 0, -1, -1)))
    for low in range(0, len(units), 1 << 14):
        chosen = np.arange(low, min(low + (1 << 14), len(units)))
        read = rows.of(units.set_of[chosen])
        one, other, common = pairs.one[read.values], pairs.other[read.values], pairs.common[read.values]
        firsts = units.first[other]
        earlier = firsts < np.repeat(begins[chosen], read.sizes)
        jaccard = common / (sizes[one] + sizes[other] - common)
        held = earlier & (common / np.minimum(sizes[one], sizes[other]) >= containment)
        starts = read.offsets[:-1]
        truth.best[chosen] = np.maximum.reduceat(np.where(earlier, jaccard, 0), starts)
        truth.alike[chosen] = np.add.reduceat(earlier & (jaccard >= threshold), starts, dtype=np.int64)
        for told, which in (
            (truth.same, earlier & (jaccard >= threshold)),
            (truth.inside, held & (sizes[one] <= sizes[other])),
            (truth.holds, held & (sizes[one] > sizes[other])),
        ):
            least = np.minimum.reduceat(np.where(which, firsts, len(units)), starts)
            told[chosen] = np.where(least < len(units), least, -1)
    return truth
