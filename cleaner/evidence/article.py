"""Where the article stands in each document: its lines of prose, and its core, from the first of them to the last."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.evidence.stretches import Bools, Floats, Ints, Stretches, running

LONGEST = 60
"""Words of a line that count at most: a very long one is no more of an article than a long one."""
GAP, FURNITURE, OPENER = 3.0, 3.0, 30.0
"""What a line that is no prose takes from the core; what telling words in it take besides; and an opener of foreign blocks."""
PROSE_BONUS = 10.0


class Article(NamedTuple):
    """Where the articles of documents stand.

    Attributes:
        prose: which lines are prose, shape (lines,).
        first: index of the first line of each document's article, shape (documents,).
        last: index of its last line.
        zone: 0 before it, 1 inside, 2 after it, shape (lines,).
    """

    prose: Bools
    first: Ints
    last: Ints
    zone: Ints

    @property
    def inside(self) -> Bools:
        """Which lines stand inside it."""
        inside: Bools = self.zone == 1
        return inside

    @property
    def core(self) -> Bools:
        """Which lines are prose inside it."""
        core: Bools = self.prose & self.inside
        return core


def prose(words: Floats, sentence: Floats, lower: Floats, ruled: Bools) -> Bools:
    """Which lines read like prose: 12 words or more that end a sentence, mostly lower case; or 28 words or more; and no rule on them."""
    found: Bools = (((words >= 12) & (sentence > 0) & (lower > 0.8)) | (words >= 28)) & ~ruled
    return found


def locate(stretches: Stretches, words: Floats, prose_lines: Bools, telling: Floats, openers: Bools) -> Article:
    """The core: of each document the stretch of lines with the largest sum, prose counting for it and all else against it.

    Args:
        stretches: the documents.
        words: length of each line.
        prose_lines: which are prose.
        telling: how much the words of each line tell of furniture, 0..1.
        openers: which lines open a foreign block, as "Related" does.

    The maximum-sum segment, found in one pass (Kadane); of equal ones the first.
    """
    worth = np.where(prose_lines, np.minimum(words, LONGEST) + PROSE_BONUS, -GAP)
    sums = running(worth - FURNITURE * (telling > 0.6) - OPENER * openers)
    lowest = -stretches.highest_so_far(-sums[:-1])
    gain = sums[1:] - lowest
    last = stretches.first(gain == stretches.spread(stretches.most(gain)))
    first = stretches.first(sums[:-1] == stretches.spread(lowest[last]))
    zone = (stretches.places >= stretches.spread(first)).astype(np.int64) + (stretches.places > stretches.spread(last))
    return Article(prose_lines, first, last, zone)
