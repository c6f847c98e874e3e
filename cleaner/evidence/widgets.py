"""Furniture of several lines, which goes as a whole though some of its lines, alone, would pass as an article's.

Two kinds of order tell it: what stands between two lines of one kind, as a plea does between the heading and the form of a newsletter
box; and what an opener such as "Read next" opens, as long as headlines and summaries take turns. In both, the lines gain score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from cleaner.evidence.features import Table
from cleaner.evidence.stretches import Bools, Floats, Ints, running

_OF_A_KIND = 0.6
"""How strongly the words of a line speak of a group, 0..1, from which it is of that kind."""
_LONGEST = 60
"""Lines from an opener on, itself included, beyond which nothing is one of its cards."""
CARD, LIST = "card", "list"
"""The kinds of lines that an opener opens; all other kinds are groups of classes."""


@dataclass(frozen=True, slots=True)
class Between:
    """What lines between two sure lines of one kind gain.

    Attributes:
        lines: how far off these may be, in lines.
        gain: score.
        rules: topics of generic rules that make a line of this kind, too.
        article: words of prose without which the document holds no article, and nothing is gained: comments are what a forum is.
    """

    lines: int
    gain: float
    rules: tuple[str, ...]
    article: float = 0.0


@dataclass(frozen=True, slots=True)
class Cards:
    """What the lines below an opener gain while headlines and summaries take turns.

    Attributes:
        headline: score that all lines gain but summaries.
        summary: score that summaries gain.
        least: cards, of one headline and one summary at least, without which nothing is opened.
        most: cards beyond which nothing is.
        lowest: score of a headline below which it is none of a card.
        lowest_summary: the same of a summary.
        last_headline: score of the last card's headline below which it, with its summary, is left to the article that follows.
        last_summary: the same of its summary.
    """

    headline: float
    summary: float
    least: int
    most: int
    lowest: float
    lowest_summary: float
    last_headline: float
    last_summary: float


@dataclass(frozen=True, slots=True)
class Lists:
    """What headlines alone gain below an opener: a list of other stories without their summaries.

    Attributes:
        gain: score.
        least: headlines without which there is no list.
        lowest: score of a headline below which the list ends.
    """

    gain: float
    least: int
    lowest: float


@dataclass(frozen=True, slots=True)
class Widgets:
    """What lines in furniture of several lines gain.

    Attributes:
        sure: score from which a line counts as furniture here.
        between: group of classes -> what lines between two of it gain.
        cards: what lines below an opener gain.
        named: the same below an opener that a rule takes, if it is more.
        lists: the same where no summaries stand.
    """

    sure: float
    between: Mapping[str, Between]
    cards: Cards
    named: Cards
    lists: Lists

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of widgets, in the order of ``Gains.kind``."""
        return (*self.between, CARD, LIST)


class Gains(NamedTuple):
    """What each line gains.

    Attributes:
        amount: score, shape (lines,).
        kind: 0 for no widget and for lines that are sure without, else 1 more than the index of its kind among ``Widgets.kinds``.
    """

    amount: Floats
    kind: Ints


def gains(widgets: Widgets, table: Table, scores: Floats) -> Gains:
    """What the lines of some documents gain.

    Args:
        widgets: how much.
        table: their features.
        scores: theirs so far.
    """
    sure = (scores >= widgets.sure) | (table.columns["ruled"] > 0)
    amounts = np.zeros((len(widgets.kinds) + 1, len(scores)))
    for row, (group, between) in enumerate(widgets.between.items(), 1):
        here = table.columns[f"group_{group}"] > _OF_A_KIND
        for topic in between.rules:
            here = here | (table.columns[f"rule_{topic}"] > 0)
        written = table.columns["doc_core_words"] >= between.article
        amounts[row] = between.gain * (_enclosed(table, here & sure, between.lines) & written)
    amounts[-2:] = _opened(widgets, table, scores, sure)
    kind = np.argmax(amounts, axis=0)
    return Gains(amounts[kind, np.arange(len(scores))], np.where(sure, 0, kind))


def _enclosed(table: Table, marks: Bools, reach: int) -> Bools:
    """Which lines have a mark above and one below within reach."""
    sums = running(marks)
    found: Bools = (table.stretches.above(sums, reach) > 0) & (table.stretches.below(sums, reach) > 0)
    return found


class _Part(IntEnum):
    """What a line may be in a card."""

    HEADLINE = 0
    SUMMARY = 1
    ASIDE = 2
    """An author, a date, a count of comments: may stand anywhere."""


def _opened(widgets: Widgets, table: Table, scores: Floats, sure: Bools) -> Floats:
    """What lines gain as parts of cards, and as headlines of a list, shape (2, lines)."""
    columns, found = table.columns, np.zeros((2, len(scores)))
    short = (columns["starts_related"] > 0) & (columns["words"] <= 6) & (columns["sentence"] == 0)
    openers = (table.openers | short) & sure
    first = np.flatnonzero(openers & (table.article.zone > 0))
    if not len(first):
        return found
    parts = _parts(table)
    below = _Below(parts.tolist(), scores.tolist(), openers.tolist())
    stops = table.stretches.stops
    for cards, places in ((widgets.cards, first), (widgets.named, first[columns["ruled"][first] > 0])):
        gain = np.where(parts == _Part.SUMMARY, cards.summary, cards.headline)
        end = 0
        for place, stop in zip(places.tolist(), stops[places].tolist(), strict=True):
            if place >= end:
                opened = below.cards(place, stop, cards)
                here = slice(opened.start, opened.stop)
                found[0, here] = np.maximum(found[0, here], gain[here])
                end = max(end, opened.stop)
    listing = first[table.openers[first]]
    for place, stop in zip(listing.tolist(), stops[listing].tolist(), strict=True):
        listed = below.headlines(place, stop, widgets.lists)
        found[1, listed.start : listed.stop] = widgets.lists.gain
    return found


def _parts(table: Table) -> Ints:
    """A ``_Part`` for each line."""
    columns = table.columns
    words, question = columns["words"], columns["question"] > 0
    summary = ((columns["sentence"] > 0) & (words >= 8) & ~(question & (words <= 16))) | (words > 22)
    aside = (columns["date_share"] > 0.3) | (words <= 1.5) | (columns["name_only"] > 0)
    for group in ("date", "byline", "share", "comments"):
        aside = aside | (columns[f"group_{group}"] > 0.5)
    return np.where(summary, int(_Part.SUMMARY), np.where(aside, int(_Part.ASIDE), int(_Part.HEADLINE)))


class _Below(NamedTuple):
    """The lines of all documents, as one reads down from an opener."""

    parts: Sequence[int]
    scores: Sequence[float]
    openers: Sequence[bool]

    def cards(self, opener: int, stop: int, cards: Cards) -> range:
        """An opener and the lines of the cards below it; an empty range if there are too few.

        Args:
            opener: its place.
            stop: behind the last line of its document.
            cards: how many, and how sure.
        """
        begun: list[int] = []
        begins, last, summary = opener, None, opener
        place = opener + 1
        while place < min(stop, opener + _LONGEST) and not self.openers[place]:
            part = self.parts[place]
            if part == _Part.SUMMARY:
                if last != _Part.HEADLINE or self.scores[place] < cards.lowest_summary:
                    break
                begun.append(begins)
                summary = place
            elif part == _Part.HEADLINE:
                if self.scores[place] < cards.lowest or len(begun) == cards.most:
                    break
                begins = begins if last == part else place
            last = last if part == _Part.ASIDE else part
            place += 1
        if last == _Part.HEADLINE and place < stop:
            # A headline without a summary belongs to what follows.
            place = begins
        elif begun and place < stop and self.parts[place] == _Part.SUMMARY and place == summary + 1:
            # So may the last headline and its summary: a subhead of the article and the first of its paragraphs.
            certain = self.scores[begins] >= cards.last_headline and self.scores[summary] >= cards.last_summary
            place = place if certain else begun.pop()
        return range(opener, place) if len(begun) >= cards.least else range(0)

    def headlines(self, opener: int, stop: int, lists: Lists) -> range:
        """An opener and the lines of the list below it; an empty range if there are too few headlines.

        Args:
            opener: its place.
            stop: behind the last line of its document.
            lists: how many, and how sure.
        """
        headlines: list[int] = []
        place = opener + 1
        while place < min(stop, opener + _LONGEST) and not self.openers[place] and self.parts[place] != _Part.SUMMARY:
            if self.parts[place] == _Part.HEADLINE:
                if self.scores[place] < lists.lowest:
                    break
                headlines.append(place)
            place += 1
        if headlines and place < stop and self.parts[place] == _Part.SUMMARY:
            # The last one belongs to what follows.
            place = headlines.pop()
        return range(opener, place) if len(headlines) >= lists.least else range(0)
