"""Reasons in words: from what each kind of evidence adds to a line's score to what a person reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cleaner.evidence.features import Table
from cleaner.evidence.surface import Floats
from cleaner.evidence.units import Unit

_MOST = 3
"""Reasons that are told."""
_LEAST = 0.15
"""What a kind of evidence must add to be a reason."""
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


class Facts(NamedTuple):
    """What a reason may speak of."""

    units: Sequence[Unit]
    table: Table

    def value(self, name: str, place: int) -> float:
        """A feature of a unit."""
        return self.table.columns.at(name, place)


def reasons(added: Floats, kinds: Sequence[str], facts: Facts, place: int) -> tuple[str, ...]:
    """The strongest reasons for a line, strongest first.

    Args:
        added: what each feature and table adds to its score beyond what it adds to an average line of an article.
        kinds: the kind of each of them.
        facts: what the words are made of.
        place: index of the line's unit.
    """
    sums = dict.fromkeys(kinds, 0.0)
    for kind, value in zip(kinds, added.tolist(), strict=True):
        sums[kind] += value
    told: list[str] = []
    for _, kind in sorted((-value, kind) for kind, value in sums.items() if value >= _LEAST):
        if len(told) == _MOST:
            break
        if kind in _TELLERS and (words := _TELLERS[kind](facts, place)) and words not in told:
            told.append(words)
    return tuple(told) or ("many small signs together",)


def _place(facts: Facts, place: int) -> str:
    zone = int(facts.table.article.zone[place])
    if zone == 1:
        return "among the last lines of the article" if facts.value("from_edge", place) <= 1 else "between lines of the article"
    if zone == 0:
        return "before the article's beginning"
    return "after the article's end"


def _opener(facts: Facts, place: int) -> str:
    distance = int(facts.value("below_opener", place))
    if not 0 < distance <= 40 or facts.value("prose_since_opener", place) > 2:
        return "it opens a list of other things" if facts.value("opener", place) else ""
    text = facts.units[place - distance].text
    return f"under “{text if len(text) <= 40 else text[:39] + '…'}”"


def _words(facts: Facts, place: int) -> str:
    best, most = "", 0.0
    for name, words in _WORDS_OF.items():
        strength = max(
            facts.value(f"line_{name}", place), 0.8 * facts.value(f"starts_{name}", place), facts.value(f"words_{name}", place)
        )
        if strength > most:
            best, most = words, strength
    return best


def _article(facts: Facts, place: int) -> str:
    shared = facts.value("cohesion", place)
    if shared == 0:
        return "shares no word with the article"
    if 0 < shared < 0.34:
        return "shares few words with the article"
    return "names that the article does not name" if facts.value("novel_names", place) > 0.5 else ""


def _shape(facts: Facts, place: int) -> str:
    if facts.value("date_share", place) > 0.3:
        return "mostly a date or a time"
    if facts.value("all_capitals", place):
        return "all in capitals"
    if facts.value("words", place) < 6:
        return "only a few words"
    if facts.value("copyright", place):
        return "a copyright sign"
    if facts.value("glued", place) > 0.2:
        return "words glued together"
    return "" if facts.value("sentence", place) else "no sentence"


def _around(facts: Facts, place: int) -> str:
    if facts.value("telling_above_3", place) + facts.value("telling_below_3", place) > 0.6:
        return "furniture above and below"
    return "no prose beside it" if facts.value("prose_above_3", place) + facts.value("prose_below_3", place) < 0.5 else ""


def _repeat(facts: Facts, place: int) -> str:
    if facts.value("doubled", place):
        return "says one thing twice"
    return "stands more than once in the document" if facts.value("repeats", place) or facts.value("repeated_runs", place) else ""


def _caption(facts: Facts, place: int) -> str:
    told = facts.value("group_credit", place) or facts.value("credit_late", place) or facts.value("trailing_name", place)
    return "reads like a caption" if told else ""


def _person(facts: Facts, place: int) -> str:
    if facts.value("introduction", place) or facts.value("author", place):
        return "speaks of the author"
    return "only a name" if facts.value("name_only", place) else ""


def _layout(facts: Facts, place: int) -> str:
    return "indented otherwise than the article" if facts.value("indented", place) == 2 else ""


def _list(facts: Facts, place: int) -> str:
    return "one of a list of like lines" if facts.value("pattern_run", place) > 2 or facts.value("numbered", place) else ""


def _rule(facts: Facts, place: int) -> str:
    return "a rule knows its kind" if facts.value("ruled", place) else "rules take the lines beside it"


_TELLERS: dict[str, Callable[[Facts, int], str]] = {
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
