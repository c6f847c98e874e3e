"""Which lines may be the headline: it stands above the article, is no sentence of it, and looks like a teaser to everything else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cleaner.evidence.article import Article
from cleaner.evidence.surface import Bools, Floats

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


def headlines(columns: Mapping[str, Floats], article: Article) -> Bools:
    """The lines that are most like a headline, three at most: near the article's beginning, using its words, telling of no furniture."""
    words = columns["words"]
    places = np.arange(len(words))
    may = (places <= article.first + BEHIND) & (words >= WORDS[0]) & (words <= WORDS[1])
    may &= (columns["ruled"] == 0) & (columns["date_share"] < 0.4)
    votes = np.sum([weight * np.maximum(columns[name], 0.0) for name, weight in _VOTES.items()], axis=0)
    votes = np.where(may, votes + 0.6 * (words >= 5) + 0.3 * (words >= 7), -np.inf)
    chosen = np.argsort(-votes, kind="stable")[:MOST]
    found = np.zeros(len(words), np.bool_)
    found[chosen[np.isfinite(votes[chosen])]] = True
    return found
