"""What stands around each line: neighbours, windows, openers above it, the rest of the article before and behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.evidence.article import Article
from cleaner.evidence.stretches import PARTS, Bools, Floats, Ints, Stretches, in_parts, running
from cleaner.evidence.surface import Block

WINDOWS = (1, 3, 6, 12)
"""Lines of the windows above and below."""
FAR = 41.0
"""Lines from which on an opener above is none."""


def windows(stretches: Stretches, rows: Block) -> Block:
    """Means of rows over the lines above and below, ``<row>_above_<size>`` and ``<row>_below_<size>``; lines beyond the edge count 0.

    Args:
        stretches: the documents.
        rows: shares, 0..1.
    """
    sums = running(in_parts(rows.rows))
    sides = [(side(sums, size), size) for size in WINDOWS for side in (stretches.above, stretches.below)]
    names = [f"{name}_{side}_{size}" for size in WINDOWS for side in ("above", "below") for name in rows.names]
    return Block(tuple(names), np.concatenate([found / (size * PARTS) for found, size in sides]))


def neighbours(stretches: Stretches, rows: Block, offsets: Sequence[int], outside: float) -> Block:
    """Rows as they are ``offset`` lines away, ``<row>_before_1`` and so on; ``outside`` beyond the edge."""
    names = [f"{name}_{'before' if offset < 0 else 'behind'}_{abs(offset)}" for offset in offsets for name in rows.names]
    return Block(tuple(names), np.concatenate([stretches.shifted(rows.rows, offset, outside) for offset in offsets]))


def counts_near(stretches: Stretches, rows: Block, reach: int = 6) -> Block:
    """How many of the lines within reach carry a row, ``<row>_near_above`` and ``<row>_near_below``."""
    sums = running(rows.rows > 0.45)
    names = [f"{name}_near_{side}" for side in ("above", "below") for name in rows.names]
    return Block(tuple(names), np.concatenate((stretches.above(sums, reach), stretches.below(sums, reach))))


def since(stretches: Stretches, masks: Bools, words: Floats, prose: Bools) -> Floats:
    """Logarithm of one more than the words of prose since the last line above that a mask picks; -1 without one.

    Args:
        stretches: the documents.
        masks: what is picked, shape (masks, lines).
        words: length of each line.
        prose: which lines are prose.
    """
    sums = running(np.where(prose, words, 0.0))
    above = stretches.last_above(masks)
    return np.where(above >= 0, np.log1p(np.maximum(sums[:-1] - sums[above + 1], 0)), -1.0)


def opener_above(stretches: Stretches, openers: Bools, prose: Bools) -> dict[str, Floats | Ints]:
    """How far below an opener each line stands, and how many lines of prose lie between."""
    above = stretches.last_above(openers)
    distance = np.minimum(np.where(above >= 0, stretches.places - above, FAR), FAR)
    sums = running(prose)
    between = sums[:-1] - sums[above + 1]
    return {"below_opener": distance, "prose_since_opener": np.where(distance < FAR, np.minimum(between, 5), 9.0)}


def place(stretches: Stretches, article: Article, words: Floats) -> dict[str, Floats | Ints]:
    """Where each line stands: from the document's ends, from the article's, and how much prose lies before and behind it."""
    places, from_start, zone = stretches.places, stretches.places - stretches.begins, article.zone
    first, last = stretches.spread(article.first), stretches.spread(article.last)
    written = np.where(article.prose, words, 0.0)
    total = np.maximum(stretches.spread(stretches.total(written)), 1.0)
    sums = running(written)
    before = sums[:-1] - sums[stretches.begins]
    begins, stops = stretches.runs(article.prose)
    run = sums[stops] - sums[begins]
    longest = np.maximum(stretches.spread(stretches.most(run)), 1.0)
    # The highest in the runs above this line's own, and below it.
    above = np.append(0.0, stretches.highest_so_far(run))[begins]
    below = np.append(stretches.highest_from_here(run), 0.0)[stops]
    return {
        "zone": zone,
        "from_article": np.where(zone == 0, first - places, np.where(zone == 2, places - last, 0)),
        "from_edge": np.where(zone == 1, np.minimum(places - first, last - places), -1),
        "from_start": from_start,
        "from_end": stretches.stops - 1 - places,
        "fraction": from_start / np.maximum(stretches.stops - stretches.begins - 1, 1),
        "prose_before": before / total,
        "prose_behind": (total - before - written) / total,
        "longest_behind": np.where(stops < stretches.stops, below, 0.0) / longest,
        "longest_before": np.where(begins > stretches.begins, above, 0.0) / longest,
        "run": np.where(article.prose, 0, stops - begins),
        "prose_run": np.where(article.prose, stops - begins, 0),
        "prose_run_share": np.where(article.prose, run / longest, 0.0),
    }


def run_means(stretches: Stretches, shares: Floats, prose: Bools) -> Floats:
    """Mean of shares over the run of lines without prose that each stands in; -1 for prose."""
    begins, stops = stretches.runs(prose)
    sums = running(in_parts(shares))
    return np.where(prose, -1.0, (sums[stops] - sums[begins]) / ((stops - begins) * PARTS))


def lists_after_colon(stretches: Stretches, ends_in_colon: Bools, breaks: Bools) -> Floats:
    """Lines since one that ended in a colon, with no line between that breaks a list; 99 without one."""
    above, broken = stretches.last_above(np.stack((ends_in_colon, breaks)))
    return np.where((above >= 0) & (broken <= above), stretches.places - above, 99.0)
