"""Which lines are the headline: it stands above the article, is no sentence of it, and looks like a teaser to everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaner.evidence.features import Table
from cleaner.evidence.stretches import Bools, Floats, Ints, Stretches

BEHIND = 3
"""Lines behind the first one of the article's prose that may still be the headline."""
WORDS = (3, 32)
"""Length of a headline, in words."""
CLOSE = 100.0
"""How much less, in hundredths, may speak for a second line that is taken for the headline too: pages often write it twice."""
NEVER = -np.inf
"""Vote of a line that cannot be the headline."""


@dataclass(frozen=True, slots=True)
class Binned:
    """A feature and its bins.

    Attributes:
        name: of the feature.
        edges: where a new bin begins, rising; a value on an edge belongs to the bin above it.
    """

    name: str
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Headline:
    """What speaks for a headline.

    Attributes:
        features: what is looked at.
        weights: of all bins, end to end; two decimals.
    """

    features: tuple[Binned, ...]
    weights: Floats

    def cells(self, table: Table, lines: Ints) -> Ints:
        """Which weights some lines take, shape (features, n)."""
        begin = 0
        found = np.empty((len(self.features), len(lines)), np.int64)
        for row, one in enumerate(self.features):
            found[row] = begin + np.searchsorted(one.edges, table.columns[one.name][lines], "right")
            begin += len(one.edges) + 1
        return found

    def votes(self, table: Table) -> Floats:
        """How much speaks for each line, in hundredths; ``NEVER`` where nothing can."""
        lines = candidates(table)
        found = np.full(len(table.stretches.owner), NEVER)
        found[lines] = np.rint(self.weights * 100)[self.cells(table, lines)].sum(axis=0)
        return found


def candidates(table: Table) -> Ints:
    """The lines that may be a headline: not far behind the article's beginning, of its length, no date, and no rule on them."""
    words, columns = table.columns["words"], table.columns
    may = (
        (table.stretches.places <= table.stretches.spread(table.article.first + BEHIND))
        & (words >= WORDS[0])
        & (words <= WORDS[1])
    )
    found: Ints = np.flatnonzero(may & (columns["ruled"] == 0) & (columns["date_share"] < 0.4))
    return found


def headlines(stretches: Stretches, votes: Floats) -> Bools:
    """The line of each document for which most speaks, and the next one if hardly less does; of equal ones the first come first."""
    first = _best(stretches, votes)
    second = _best(stretches, np.where(first, NEVER, votes))
    close = votes >= stretches.spread(stretches.most(votes)) - CLOSE
    found: Bools = first | (second & close)
    return found


def _best(stretches: Stretches, votes: Floats) -> Bools:
    """The first line of each document for which most speaks; none where none can be."""
    best = (votes == stretches.spread(stretches.most(votes))) & (votes > NEVER)
    found = np.zeros(len(votes), np.bool_)
    first = stretches.first(best)
    found[first[first < len(votes)]] = True
    return found
