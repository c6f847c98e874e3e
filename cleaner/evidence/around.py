"""What stands around each line: neighbours, windows, openers above it, the rest of the article before and behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.evidence.article import Article, runs
from cleaner.evidence.surface import Block, Bools, Floats, Ints

WINDOWS = (1, 3, 6, 12)
"""Lines of the windows above and below."""
FAR = 41.0
"""Lines from which on an opener above is none."""


def windows(rows: Block) -> Block:
    """Means of rows over the lines above and below, ``<row>_above_<size>`` and ``<row>_below_<size>``; lines beyond the edge count 0."""
    sums = _sums(rows.rows)
    places = np.arange(rows.rows.shape[1])
    found = [_beside(sums, places, size) / size for size in WINDOWS]
    names = [f"{name}_{side}_{size}" for size in WINDOWS for side in ("above", "below") for name in rows.names]
    return Block(tuple(names), np.concatenate(found))


def _sums(rows: Floats | Bools) -> Floats:
    """Sums of the rows up to each line, shape (rows, lines + 1)."""
    sums = np.zeros((len(rows), rows.shape[1] + 1))
    np.cumsum(rows, axis=1, out=sums[:, 1:])
    return sums


def _beside(sums: Floats, places: Ints, reach: int) -> Floats:
    """From sums of rows: theirs over the lines above within reach, and behind these rows over those below."""
    count = len(places)
    above = sums[:, places] - sums[:, np.maximum(places - reach, 0)]
    below = sums[:, np.minimum(places + 1 + reach, count)] - sums[:, places + 1]
    return np.concatenate((above, below))


def neighbours(rows: Block, offsets: Sequence[int], outside: float) -> Block:
    """Rows as they are ``offset`` lines away, ``<row>_before_1`` and so on; ``outside`` beyond the edge."""
    names = [f"{name}_{'before' if offset < 0 else 'behind'}_{abs(offset)}" for offset in offsets for name in rows.names]
    return Block(tuple(names), np.concatenate([shifted(rows.rows, offset, outside) for offset in offsets]))


def shifted(rows: Floats, offset: int, outside: float) -> Floats:
    """Rows moved along their last axis, so that each place holds what stands ``offset`` places further on.

    >>> shifted(np.array([1.0, 2.0, 3.0]), 1, -1.0).tolist()
    [2.0, 3.0, -1.0]
    """
    moved = np.full_like(rows, outside)
    if offset > 0:
        moved[..., :-offset] = rows[..., offset:]
    else:
        moved[..., -offset:] = rows[..., :offset]
    return moved


def counts_near(rows: Block, reach: int = 6) -> Block:
    """How many of the lines within reach carry a row, ``<row>_near_above`` and ``<row>_near_below``."""
    sums = _sums(rows.rows > 0.45)
    names = [f"{name}_near_{side}" for side in ("above", "below") for name in rows.names]
    return Block(tuple(names), _beside(sums, np.arange(rows.rows.shape[1]), reach))


def last_before(mask: Bools) -> Ints:
    """For each line the index of the nearest line above it that the mask picks; -1 without one; masks may be stacked.

    >>> last_before(np.array([False, True, False, False])).tolist()
    [-1, -1, 1, 1]
    """
    found = np.full(mask.shape, -1)
    np.maximum.accumulate(np.where(mask, np.arange(mask.shape[-1]), -1)[..., :-1], axis=-1, out=found[..., 1:])
    return found


def since(masks: Bools, words: Floats, prose: Bools) -> Floats:
    """Logarithm of one more than the words of prose since the last line above that a mask picks; -1 without one.

    Args:
        masks: what is picked, shape (masks, lines).
        words: length of each line.
        prose: which lines are prose.
    """
    sums = np.concatenate(([0.0], np.cumsum(np.where(prose, words, 0.0))))
    above = last_before(masks)
    return np.where(above >= 0, np.log1p(np.maximum(sums[:-1] - sums[above + 1], 0)), -1.0)


def opener_above(openers: Bools, prose: Bools) -> dict[str, Floats | Ints]:
    """How far below an opener each line stands, and how many lines of prose lie between."""
    above = last_before(openers)
    distance = np.minimum(np.where(above >= 0, np.arange(len(openers)) - above, FAR), FAR)
    sums = np.concatenate(([0], np.cumsum(prose)))
    between = sums[:-1] - sums[above + 1]
    return {"below_opener": distance, "prose_since_opener": np.where(distance < FAR, np.minimum(between, 5), 9.0)}


def place(article: Article, words: Floats) -> dict[str, Floats | Ints]:
    """Where each line stands: from the document's ends, from the article's, and how much prose lies before and behind it."""
    count = len(words)
    places = np.arange(count)
    zone = article.zone
    written = np.where(article.prose, words, 0.0)
    total = max(float(written.sum()), 1.0)
    sums = np.concatenate(([0.0], np.cumsum(written)))
    before = sums[:-1]
    begins, stops = runs(article.prose)
    run = sums[stops] - sums[begins]
    longest = max(float(run.max()), 1.0)
    return {
        "zone": zone,
        "from_article": np.where(zone == 0, article.first - places, np.where(zone == 2, places - article.last, 0)),
        "from_edge": np.where(zone == 1, np.minimum(places - article.first, article.last - places), -1),
        "from_start": places,
        "from_end": (count - 1 - places),
        "fraction": places / max(count - 1, 1),
        "prose_before": before / total,
        "prose_behind": (total - before - written) / total,
        "longest_behind": _longest_behind(run, stops) / longest,
        "longest_before": _longest_behind(run[::-1], count - begins[::-1])[::-1] / longest,
        "run": np.where(article.prose, 0, stops - begins),
        "prose_run": np.where(article.prose, stops - begins, 0),
        "prose_run_share": np.where(article.prose, run / longest, 0.0),
    }


def _longest_behind(run: Floats, stops: Ints) -> Floats:
    """The most words of prose in any run behind that of each line, which ends at ``stops``."""
    best = np.concatenate((np.maximum.accumulate(run[::-1])[::-1], [0.0]))
    return best[stops]


def run_means(values: Floats, prose: Bools) -> Floats:
    """Mean of values over the run of lines without prose that each stands in; -1 for prose."""
    begins, stops = runs(prose)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return np.where(prose, -1.0, (sums[stops] - sums[begins]) / (stops - begins))


def lists_after_colon(ends_in_colon: Bools, breaks: Bools) -> Floats:
    """Lines since one that ended in a colon, with no line between that breaks a list; 99 without one."""
    above, broken = last_before(ends_in_colon), last_before(breaks)
    return np.where((above >= 0) & (broken <= above), np.arange(len(breaks)) - above, 99.0)
