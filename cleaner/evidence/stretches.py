"""Arithmetic over the lines of several documents laid end to end: no sum, window or run reaches from one document into another.

Every result for a line is a function of its own document's values. Sums are running sums over all documents, so they are exact, and the
same in any company, only for values that floats add without rounding: halves of words, counts, and what is counted in ``PARTS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

PARTS = 1_000_000.0
"""What shares are counted in before they are summed up: whole millionths add without rounding, in whatever company."""


def in_parts(shares: Floats) -> Floats:
    """Shares in whole millionths.

    >>> in_parts(np.array([0.7, 1 / 3])).tolist()
    [700000.0, 333333.0]
    """
    return np.rint(shares * PARTS)


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Which lines are those of which document; every document has one at least. Rows of lines may be stacked: their last axis counts.

    Attributes:
        bounds: where each document begins, and the number of all lines, shape (documents + 1,).
        owner: the document of each line, shape (lines,).
        begins: where the document of each line begins.
        stops: behind its last line.
        places: 0, 1, 2 and so on.
    """

    bounds: Ints
    owner: Ints
    begins: Ints
    stops: Ints
    places: Ints

    @classmethod
    def of(cls, sizes: Ints) -> Stretches:
        """Stretches of documents of so many lines each.

        >>> Stretches.of(np.array([2, 1])).begins.tolist()
        [0, 0, 2]
        """
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        owner = np.repeat(np.arange(len(sizes)), sizes)
        return cls(bounds, owner, bounds[owner], bounds[owner + 1], np.arange(len(owner)))

    @property
    def sizes(self) -> Ints:
        """Lines of each document."""
        return np.diff(self.bounds)

    def spread(self, facts: Any) -> Any:
        """Facts about documents, told to each of their lines."""
        return np.repeat(facts, self.sizes, axis=-1)

    def total(self, rows: Floats) -> Floats:
        """Sums over each document."""
        sums: Floats = np.add.reduceat(rows, self.bounds[:-1], axis=-1)
        return sums

    def most(self, rows: Floats) -> Floats:
        """The largest value of each document."""
        found: Floats = np.maximum.reduceat(rows, self.bounds[:-1], axis=-1)
        return found

    def first(self, mask: Bools) -> Ints:
        """For each document its first line that the mask picks; the number of all lines without one."""
        found: Ints = np.minimum.reduceat(np.where(mask, self.places, len(self.places)), self.bounds[:-1])
        return found

    def before(self, rows: Floats) -> Floats:
        """Sums over the lines above in the document."""
        sums = running(rows)
        return sums[..., :-1] - sums[..., self.begins]

    def above(self, sums: Floats, reach: int) -> Floats:
        """From running sums: those over the lines above within reach."""
        return sums[..., :-1] - sums[..., np.maximum(self.places - reach, self.begins)]

    def below(self, sums: Floats, reach: int) -> Floats:
        """From running sums: those over the lines below within reach."""
        return sums[..., np.minimum(self.places + 1 + reach, self.stops)] - sums[..., 1:]

    def shifted(self, rows: Floats, offset: int, outside: float) -> Floats:
        """Rows moved so that each place holds what stands ``offset`` places further on in its document; ``outside`` beyond its edge.

        >>> Stretches.of(np.array([3, 1])).shifted(np.array([1.0, 2.0, 3.0, 4.0]), 1, -1.0).tolist()
        [2.0, 3.0, -1.0, -1.0]
        """
        moved = np.full_like(rows, outside)
        if offset > 0:
            moved[..., :-offset] = rows[..., offset:]
        else:
            moved[..., -offset:] = rows[..., :offset]
        there = self.places + offset
        moved[..., (there < self.begins) | (there >= self.stops)] = outside
        return moved

    def last_above(self, masks: Bools) -> Ints:
        """For each line the nearest line above it in its document that the mask picks; -1 without one.

        >>> Stretches.of(np.array([3, 2])).last_above(np.array([False, True, False, False, False])).tolist()
        [-1, -1, 1, -1, -1]
        """
        found = np.full(masks.shape, -1)
        np.maximum.accumulate(np.where(masks, self.places, -1)[..., :-1], axis=-1, out=found[..., 1:])
        found[found < self.begins] = -1
        return found

    def runs(self, mask: Bools) -> tuple[Ints, Ints]:
        """For each line, where the unbroken run of equal values around it begins in its document, and behind its end.

        >>> [run.tolist() for run in Stretches.of(np.array([3, 1])).runs(np.array([True, True, False, False]))]
        [[0, 0, 2, 3], [2, 2, 3, 4]]
        """
        return self.cut(mask[1:] != mask[:-1])

    def cut(self, breaks: Bools) -> tuple[Ints, Ints]:
        """For each line, where the run around it begins in its document, and behind its end.

        Args:
            breaks: between which lines a run ends, shape (lines - 1,).
        """
        new = np.concatenate(([True], breaks))
        new[self.bounds[:-1]] = True
        bounds = np.append(np.flatnonzero(new), len(new))
        lengths = np.diff(bounds)
        return np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)

    def highest_so_far(self, values: Floats) -> Floats:
        """The largest value from the document's beginning to each line; exact for whole and half numbers."""
        # Each document is lifted above all before it, so that what was highest there counts no more.
        lift = self.owner * (np.ceil(values.max() - values.min()) + 1)
        found: Floats = np.maximum.accumulate(values + lift) - lift
        return found

    def highest_from_here(self, values: Floats) -> Floats:
        """The largest value from each line to the document's end; exact for whole and half numbers."""
        lift = (self.owner[-1] - self.owner) * (np.ceil(values.max() - values.min()) + 1)
        found: Floats = np.maximum.accumulate((values + lift)[::-1])[::-1] - lift
        return found


def running(rows: Floats | Bools) -> Floats:
    """Sums of the rows up to each line, shape (..., lines + 1)."""
    sums = np.zeros((*rows.shape[:-1], rows.shape[-1] + 1))
    np.cumsum(rows, axis=-1, out=sums[..., 1:])
    return sums
