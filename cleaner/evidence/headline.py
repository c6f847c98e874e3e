"""Which lines may be the headline: it stands above the article, is no sentence of it, and looks like a teaser to everything else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cleaner.evidence.article import Article
from cleaner.evidence.stretches import Bools, Floats, Stretches

MOST = 3
"""Lines that are taken for headlines: pages often write it twice, in the navigation and above the article, and not always best."""
BEHIND = 3
"""Lines behind the first one of the article's prose that may still be the headline."""
WORDS = (3, 32)
"""Length of a headline, in words."""
_VOTES = {
    "cohesion": 3.0,
    "from_article": -0.02,
    "telling": -1.0,
    "introduction": -0.5,
    "group_byline": -0.6,
    "name_only": -0.4,
    "novel_names": -0.5,
}
"""What speaks for and against a headline, by feature; found by trial on pages with gold, where three lines hold it in 98 of 100."""


def headlines(stretches: Stretches, columns: Mapping[str, Floats], article: Article) -> Bools:
    """The lines that are most like a headline, three of a document at most: near the article's beginning, using its words, no furniture."""
    words = columns["words"]
    may = (stretches.places <= stretches.spread(article.first + BEHIND)) & (words >= WORDS[0]) & (words <= WORDS[1])
    lines = np.flatnonzero(may & (columns["ruled"] == 0) & (columns["date_share"] < 0.4))
    votes = np.zeros(len(lines))
    for name, weight in _VOTES.items():
        votes += weight * np.maximum(columns[name][lines], 0.0)
    votes = votes + 0.6 * (words[lines] >= 5) + 0.3 * (words[lines] >= 7)
    owner = stretches.owner[lines]
    order = np.lexsort((-votes, owner))
    # Places among the candidates of the own document, which stand together.
    rank = np.arange(len(lines)) - np.searchsorted(owner, owner)
    found = np.zeros(len(words), np.bool_)
    found[lines[order[rank < MOST]]] = True
    return found
