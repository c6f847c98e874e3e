"""Where the article stands in a document: its lines of prose, and its core, from the first of them to the last."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.evidence.surface import Bools, Floats, Ints

LONGEST = 60
"""Words of a line that count at most: a very long one is no more of an article than a long one."""
GAP, FURNITURE, OPENER = 3.0, 3.0, 30.0
"""What a line that is no prose takes from the core; what telling words in it take besides; and an opener of foreign blocks."""
PROSE_BONUS = 10.0


class Article(NamedTuple):
    """Where the article stands.

    Attributes:
        prose: which lines are prose, shape (lines,).
        first: index of its first line.
        last: index of its last line.
        zone: 0 before it, 1 inside, 2 after it, shape (lines,).
    """

    prose: Bools
    first: int
    last: int
    zone: Ints

    @property
    def core(self) -> Bools:
        """Which lines are prose inside it."""
        inside: Bools = self.prose & (self.zone == 1)
        return inside


def prose(words: Floats, sentence: Floats, lower: Floats, ruled: Bools) -> Bools:
    """Which lines read like prose: 12 words or more that end a sentence, mostly lower case; or 28 words or more; and no rule on them."""
    found: Bools = (((words >= 12) & (sentence > 0) & (lower > 0.8)) | (words >= 28)) & ~ruled
    return found


def locate(words: Floats, prose_lines: Bools, telling: Floats, openers: Bools) -> Article:
    """The core: the stretch of lines with the largest sum, prose counting for it and all else against it.

    Args:
        words: length of each line.
        prose_lines: which are prose.
        telling: how much the words of each line tell of furniture, 0..1.
        openers: which lines open a foreign block, as "Related" does.

    The maximum-sum segment, found in one pass (Kadane); of equal ones the first.
    """
    worth = np.where(prose_lines, np.minimum(words, LONGEST) + PROSE_BONUS, -GAP)
    worth = worth - FURNITURE * (telling > 0.6) - OPENER * openers
    sums = np.concatenate(([0.0], np.cumsum(worth)))
    lowest = np.minimum.accumulate(sums[:-1])
    last = int(np.argmax(sums[1:] - lowest))
    first = int(np.argmin(sums[: last + 1]))
    places = np.arange(len(words))
    return Article(prose_lines, first, last, np.where(places < first, 0, np.where(places > last, 2, 1)))


def runs(mask: Bools) -> tuple[Ints, Ints]:
    """For each line, where the unbroken run of equal values around it begins, and behind its end.

    >>> [run.tolist() for run in runs(np.array([True, True, False]))]
    [[0, 0, 2], [2, 2, 3]]
    """
    bounds = np.concatenate(([0], np.flatnonzero(mask[1:] != mask[:-1]) + 1, [len(mask)]))
    lengths = np.diff(bounds)
    return np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)
