"""From the scores of single lines to what is compared with the threshold of a strength.

What else a line would take along, what stands around it, the headline, and whether anything in the document is sure at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.evidence.features import Table
from cleaner.evidence.headline import headlines
from cleaner.evidence.model import Model
from cleaner.evidence.stretches import PARTS, Bools, Floats, Ints, Stretches, in_parts
from cleaner.evidence.widgets import gains

SURE = 8.0
"""Score of a line that a rule takes."""


def decisive(model: Model, stretches: Stretches, scores: Floats, stake: Floats, ruled: Bools) -> Floats:
    """Scores in which it counts what else a line would take along, and what stands around it, in whole millionths.

    The more of the article a line would take along, the surer it must be; and a line between surer ones gains, for what goes of a
    block should go as a whole. Behind its last line a document is as sure as can be: what is left there belongs to nothing.

    Args:
        model: its ``stake`` and ``lift`` hold how much.
        stretches: which lines are those of which document.
        scores: of the lines.
        stake: logarithm of each line's share of the article.
        ruled: which lines a rule takes.
    """
    own = scores - model.stake * np.maximum(0.0, stake - np.log(model.stake_free))
    own = in_parts(np.where(ruled, np.maximum(own, SURE), own))
    from_above = _flow(stretches, own, model, beyond=-np.inf)
    back = Stretches.of(stretches.sizes[::-1])
    from_below = _flow(back, own[::-1], model, beyond=SURE)[::-1]
    decided: Floats = np.maximum(own, np.minimum(from_above, from_below)) / PARTS
    return decided


def _flow(stretches: Stretches, values: Floats, model: Model, *, beyond: float) -> Floats:
    """How far the surest line above can raise each line: by ``lift`` at most, less with every line between.

    What comes from above loses ``fade``, and is then held between the line's own value and as much as it can be lifted. Two such steps
    are one of the same form, so that steps are joined two and two, four and four, and so on (Hillis and Steele's parallel prefix).

    Args:
        stretches: the documents.
        values: of the lines, in ``PARTS``, as the result.
        model: holds ``lift`` and ``fade``.
        beyond: score of what stands before each document.
    """
    lift, fade = in_parts(np.array([model.lift, model.fade])).tolist()
    least, most = values.copy(), np.maximum(values, values + lift - fade)
    # What comes from beyond a document is known, so that the bounds of its first line are one.
    first = stretches.bounds[:-1]
    least[first] = most[first] = np.clip(in_parts(np.array(beyond)) - fade, values[first], most[first])
    step = 1
    while step < stretches.sizes.max():
        low, high = least[step:], most[step:]
        below, above = least[:-step] - fade * step, most[:-step] - fade * step
        # Lines of which everything above is joined already stay as they are: their bounds are one.
        least[step:], most[step:] = np.clip(below, low, high), np.clip(above, low, high)
        step *= 2
    return least


class Verdict(NamedTuple):
    """What is said of each line.

    Attributes:
        scores: what is compared with the thresholds; two lines of one score are equally sure.
        widget: the kind of widget in which it gained, as ``Gains.kind``.
        headline: whether it is its document's headline, and stays.
        open: whether anything of its document may go.
    """

    scores: Floats
    widget: Ints
    headline: Bools
    open: Bools


def verdict(model: Model, table: Table, scores: Floats, votes: Floats, spared: Bools | None = None) -> Verdict:
    """What is said of the lines of some documents.

    A document in which nothing is sure is left alone: its scores stay below every threshold. So an article that holds no furniture
    loses nothing, and what is left of a document that was cleaned stays as it is.

    Args:
        model: the weights are not asked.
        table: the features.
        scores: of the lines, one by one.
        votes: which of them is the headline, as ``Headline.votes``.
        spared: documents of which something may go though nothing is sure; None: none. Texts in one line are: rules have no line there
            to speak of, and so nothing is.
    """
    stretches, ruled = table.stretches, table.columns["ruled"] > 0
    final = decisive(model, stretches, scores, table.columns["stake"], ruled)
    gained = gains(model.widgets, table, final)
    final = final + gained.amount
    headline = headlines(stretches, votes)
    sure = stretches.most(np.where(headline, -np.inf, final)) >= model.opens
    opened = stretches.spread(sure if spared is None else sure | spared)
    held = np.minimum(final, min(model.thresholds.values()) - 0.01)
    return Verdict(np.where(opened, final, held), gained.kind, headline, opened)
