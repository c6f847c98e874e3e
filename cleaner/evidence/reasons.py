"""Reasons in words: from what each kind of evidence adds to a line's score to what a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleaner.evidence.features import Table
from cleaner.evidence.stretches import Bools, Floats, Ints
from cleaner.evidence.widgets import CARD, LIST

_MOST = 3
"""Reasons that are told."""
_LEAST = 15
"""What a kind of evidence must add to be a reason, in hundredths."""
_LONGEST = 40
"""Code points of an opener that are told."""
_UNDER = "under"
"""Stands for the opener above a line until its words are put there."""
_WORDS_OF = {
    "related": "words of lists of other stories",
    "newsletter": "words of newsletter boxes",
    "share": "words of share and follow buttons",
    "comments": "words of comment sections",
    "advertising": "words of advertising",
    "subscribe": "words of subscriptions and logins",
    "legal": "words of legal notices",
    "cookies": "words of cookie notices",
    "credit": "words of picture credits",
    "byline": "words of bylines",
    "bio": "words of notes on authors",
    "stamp": "words of dates of publication",
    "calendar": "a date",
    "sections": "the name of a section",
    "menu": "words of menus",
    "video": "words of players",
    "tags": "words of tag lists",
    "support": "words of donation pleas",
    "app": "words of app prompts",
    "commerce": "words of shops",
    "feedback": "words of feedback forms",
    "reader": "it speaks to the reader",
}


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What reasons may speak of.

    Attributes:
        table: the features.
        lines: the lines that are spoken of, shape (n,).
        widgets: the kind of furniture of several lines in which each gained; "" for none.
    """

    table: Table
    lines: Ints
    widgets: NDArray[np.str_]

    def __getitem__(self, name: str) -> Floats:
        """A feature of these lines."""
        found: Floats = self.table.columns[name][self.lines]
        return found

    def has(self, name: str) -> Bools:
        """Of which of them a feature is not 0."""
        found: Bools = self[name] != 0
        return found


_WIDGETS = {
    "offers": "inside a box that asks for a subscription or a gift",
    "comments": "inside a thread of comments",
    "byline": "between lines about authors",
    "date": "between lines with dates",
    "legal": "between legal notices",
    "video": "inside a player",
    "share": "between share buttons",
    "related": "between lines that lead to other stories",
    CARD: "one of the cards of a list of other stories",
    LIST: "one of a list of other stories",
}

_Cases: TypeAlias = Sequence[tuple[Bools, str]]
"""What may be said, the first of which holds: of which lines it holds, and the words; "" says nothing."""


def reasons(added: Ints, kinds: Sequence[str], facts: Facts, texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The strongest reasons for each line, strongest first.

    Args:
        added: what each kind adds to their scores beyond what it adds to an average line of an article, in hundredths, shape
            (kinds, n).
        kinds: the kinds, by name.
        facts: what the words are made of.
        texts: of all units.
    """
    numbers = {"": 0}
    said = np.zeros(added.shape, np.int64)
    for row, kind in enumerate(kinds):
        # The first case that holds is written last.
        for holds, words in reversed(_TELLERS[kind](facts) if kind in _TELLERS else ()):
            said[row, holds] = numbers.setdefault(words, len(numbers))
    widget = np.zeros((1, added.shape[1]), np.int64)
    for kind, words in _WIDGETS.items():
        widget[0, facts.widgets == kind] = numbers.setdefault(words, len(numbers))
    # What a line gained in a widget, it would not have gone without: that is the first reason.
    said, added = np.vstack((widget, said)), np.vstack((np.where(widget > 0, added.max(initial=0) + 1 + _LEAST, 0), added))
    # Of equally strong kinds the first by name.
    order = np.argsort(-added, axis=0, kind="stable")
    ordered = np.where(np.take_along_axis(added, order, axis=0) >= _LEAST, np.take_along_axis(said, order, axis=0), 0)
    # What says nothing moves behind what says something.
    first = np.take_along_axis(ordered, np.argsort(ordered == 0, axis=0, kind="stable")[:_MOST], axis=0)
    return list(_worded(first, list(numbers), facts, texts))


def _worded(numbers: Ints, phrases: Sequence[str], facts: Facts, texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The phrases of these numbers, shape (3, n), line by line; 0 is none."""
    openers = (facts.lines - facts["below_opener"].astype(np.int64)).tolist()
    made: dict[tuple[int, ...], tuple[str, ...]] = {}
    for one, opener in zip(zip(*numbers.tolist(), strict=True), openers, strict=True):
        if one not in made:
            made[one] = tuple(phrases[number] for number in one if number) or ("many small signs together",)
        told = made[one]
        yield tuple(_under(texts[opener]) if words is _UNDER else words for words in told) if _UNDER in told else told


def _under(opener: str) -> str:
    return f"under “{opener if len(opener) <= _LONGEST else opener[: _LONGEST - 1] + '…'}”"


def _place(facts: Facts) -> _Cases:
    zone = facts["zone"]
    return (
        (zone == 0, "before the article's beginning"),
        (zone == 2, "after the article's end"),
        (facts["from_edge"] <= 1, "among the last lines of the article"),
        (zone == 1, "between lines of the article"),
    )


def _opener(facts: Facts) -> _Cases:
    distance = facts["below_opener"]
    return (
        ((distance > 0) & (distance <= 40) & (facts["prose_since_opener"] <= 2), _UNDER),
        (facts.has("opener"), "it opens a list of other things"),
    )


def _words(facts: Facts) -> _Cases:
    strength = np.stack(
        [
            np.maximum(np.maximum(facts[f"line_{name}"], 0.8 * facts[f"starts_{name}"]), facts[f"words_{name}"])
            for name in _WORDS_OF
        ]
    )
    best = np.where(strength.any(axis=0), np.argmax(strength, axis=0), -1)
    return [(best == number, words) for number, words in enumerate(_WORDS_OF.values())]


def _article(facts: Facts) -> _Cases:
    shared = facts["cohesion"]
    return (
        (shared == 0, "shares no word with the article"),
        ((shared > 0) & (shared < 0.34), "shares few words with the article"),
        (facts["novel_names"] > 0.5, "names that the article does not name"),
    )


def _shape(facts: Facts) -> _Cases:
    return (
        (facts["date_share"] > 0.3, "mostly a date or a time"),
        (facts.has("all_capitals"), "all in capitals"),
        (facts["words"] < 6, "only a few words"),
        (facts.has("copyright"), "a copyright sign"),
        (facts["glued"] > 0.2, "words glued together"),
        (~facts.has("sentence"), "no sentence"),
    )


def _around(facts: Facts) -> _Cases:
    return (
        (facts["telling_above_3"] + facts["telling_below_3"] > 0.6, "furniture above and below"),
        (facts["prose_above_3"] + facts["prose_below_3"] < 0.5, "no prose beside it"),
    )


def _repeat(facts: Facts) -> _Cases:
    return (
        (facts.has("doubled"), "says one thing twice"),
        (facts.has("repeats") | facts.has("repeated_runs"), "stands more than once in the document"),
    )


def _caption(facts: Facts) -> _Cases:
    told = facts.has("group_credit") | facts.has("credit_late") | facts.has("trailing_name")
    return ((told, "reads like a caption"),)


def _person(facts: Facts) -> _Cases:
    return (
        (facts.has("introduction") | facts.has("author"), "speaks of the author"),
        (facts.has("name_only"), "only a name"),
    )


def _layout(facts: Facts) -> _Cases:
    return ((facts["indented"] == 2, "indented otherwise than the article"),)


def _list(facts: Facts) -> _Cases:
    return (((facts["pattern_run"] > 2) | facts.has("numbered"), "one of a list of like lines"),)


def _rule(facts: Facts) -> _Cases:
    ruled = facts.has("ruled")
    return ((ruled, "a rule knows its kind"), (~ruled, "rules take the lines beside it"))


_TELLERS: dict[str, Callable[[Facts], _Cases]] = {
    "place": _place,
    "opener": _opener,
    "words": _words,
    "article": _article,
    "shape": _shape,
    "around": _around,
    "repeat": _repeat,
    "caption": _caption,
    "person": _person,
    "layout": _layout,
    "list": _list,
    "rule": _rule,
}
"""What each kind of evidence says; facts about the whole document say nothing of one line."""
