"""Which documents carry the same story: proposed by the passages they share, decided by their words, told by the first of each story.

Two documents carry the same story when a good share of the words of the shorter one stands in runs of five words or more that the
other has too. Words are counted rather than shingles: one changed number spoils five shingles, but only the one word is another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from cleaner.dedup.sketch import shingle_hashes
from cleaner.dedup.tokens import I64, U64, Tokens, tokenize

SHARE = 0.5
"""Share of the shorter one's words from which two documents carry the same story: a copy that was cut, or grew, by the half still does.
Two articles that have a quotation, a box of facts or a disclaimer in common hardly ever share more than a third."""
_LEAST_STOCK = 4
"""Documents that must have a passage, and little else in common, for it to be stock: two or three may each have written around it."""
_MOST_ASKED = 16
"""Documents, the first that have a passage, that tell whether it is stock."""
_MOST_STORIES = 8
"""Stories that one passage leads to: the first that have it."""
_MOST_OF_ONE = 4
"""Documents of one story that one passage leads to."""
_MOST_TRIED = 8
"""First documents of stories, and as many others, that a document is compared with: those with which it shares most."""


class Shares(NamedTuple):
    """What two texts share.

    Attributes:
        first: share of the first one's words that stand in the second too, 0..1.
        second: share of the second one's words that stand in the first too, 0..1.
        shorter: the one of these that is of the text with fewer words.
    """

    first: float
    second: float
    shorter: float


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a text, as far as comparison needs them.

    Attributes:
        count: how many; characters, in scripts without spaces.
        runs: the hash of the shingle that begins at each word but the last few.
        stops: the word before which it ends.
        ordered: ``runs``, sorted.
    """

    count: int
    runs: U64
    stops: I64
    ordered: U64


def words_of(texts: Sequence[str]) -> Words:
    """The words of a text's paragraphs, end to end.

    >>> words_of(["One two three,", "four five six."]).count
    6
    """
    return _words(tokenize(texts))


def words_of_each(texts: Sequence[str]) -> list[Words]:
    """The words of each of some paragraphs.

    >>> [words.count for words in words_of_each(["One two three,", "four."])]
    [3, 1]
    """
    return [_words(tokenize([text])) for text in texts]


def _words(tokens: Tokens) -> Words:
    runs, stops = shingle_hashes(tokens)
    return Words(len(tokens.hashes), runs, stops, np.sort(runs))


def shares(one: Words, other: Words) -> Shares:
    """What two texts share.

    >>> shares(words_of(["a b c d e f g h"]), words_of(["a b c d e f x y z z"]))
    Shares(first=0.75, second=0.6, shorter=0.75)
    """
    first, second = covered(one, other), covered(other, one)
    return Shares(first, second, first if one.count <= other.count else second)


def covered(one: Words, other: Words) -> float:
    """Share of a text's words, 0..1, that stand in runs of five that another text has too."""
    if not len(one.runs) or not len(other.runs):
        return 0.0
    places = np.minimum(other.ordered.searchsorted(one.runs), len(other.ordered) - 1)
    starts = np.flatnonzero(other.ordered[places] == one.runs)
    edges = np.zeros(one.count + 1, np.int64)
    edges[starts] += 1
    np.subtract.at(edges, one.stops[starts], 1)
    return int(np.count_nonzero(edges.cumsum()[:-1])) / one.count


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that shares passages with others.

    Attributes:
        number: what it is called.
        chars: its length in code points.
        passages: for each group of like passages of which it has some, how many code points these have.
        text: whether there is a text to compare; without, the passages decide.
    """

    number: int
    chars: int
    passages: Mapping[int, int]
    text: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A document that carries a story.

    Attributes:
        number: what it is called.
        of: the document it was found by: the first of the story, or one that has most of its words in common with it.
    """

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story: its first document, and the others that carry it, in order."""

    first: int
    members: tuple[Member, ...]


@dataclass(slots=True)
class _Told:
    """What is known of the stories so far.

    Attributes:
        first: document -> first document of its story.
        of: document -> the document it was found by.
        carriers: passage -> first document of a story -> documents of that story that have the passage.
    """

    first: dict[int, int] = field(default_factory=dict)
    of: dict[int, int] = field(default_factory=dict)
    carriers: dict[int, dict[int, list[int]]] = field(default_factory=dict)

    def remember(self, candidate: Candidate, first: int, of: int) -> None:
        """A document carries a story from now on."""
        self.first[candidate.number], self.of[candidate.number] = first, of
        for passage in candidate.passages:
            stories = self.carriers.setdefault(passage, {})
            if first in stories or len(stories) < _MOST_STORIES:
                members = stories.setdefault(first, [])
                if len(members) < _MOST_OF_ONE:
                    members.append(candidate.number)


def stories(candidates: Iterable[Candidate], compare: Callable[[int, int], Shares], share: float) -> list[Story]:
    """The stories that two documents or more carry, by their first ones.

    Every document is compared with the first documents of the stories with which it shares passages, those with most of them first.
    It carries the story of the first one that shares enough with it. If none does, it may still be the copy of a later one of a story
    (a report that was cut down to what had been added to the flash): then ``share`` of both must be alike, so that a round-up, which
    holds many stories, does not join them. No two others are compared, and stock passages bring no two together.

    Args:
        candidates: in the order in which they appeared.
        compare: what two documents share, given their numbers.
        share: of the shorter one's words, 0..1.

    >>> candidates = [Candidate(number, 100, {7: 60}) for number in (1, 2, 3)]
    >>> stories(candidates, lambda one, other: Shares(0.6, 0.6, 0.6) if other < 3 else Shares(0.2, 0.2, 0.2), 0.5)
    [Story(first=1, members=(Member(number=2, of=1),))]
    """
    told = _Told()
    known = {candidate.number: candidate for candidate in candidates}
    stock = _stock(known.values(), share)
    for candidate in known.values():
        own = replace(candidate, passages={key: size for key, size in candidate.passages.items() if key not in stock})
        of = _found_by(own, told, known, compare, share)
        told.remember(own, candidate.number if of is None else told.first[of], candidate.number if of is None else of)
    groups: dict[int, list[Member]] = {}
    for number, of in told.of.items():
        if of != number:
            groups.setdefault(told.first[number], []).append(Member(number, of))
    return [Story(first, tuple(members)) for first, members in groups.items()]


def _found_by(
    candidate: Candidate, told: _Told, known: Mapping[int, Candidate], compare: Callable[[int, int], Shares], share: float
) -> int | None:
    """The document by which a story is found that this one carries too."""
    if not candidate.text:
        return None
    common: Counter[int] = Counter()
    weight: dict[int, float] = {}
    for passage, chars in sorted(candidate.passages.items()):
        carriers = told.carriers.get(passage, {})
        for number in (number for members in carriers.values() for number in members):
            common[number] += chars
            # What many stories have says little; else eight that share a disclaimer would be tried before the one that counts.
            weight[number] = weight.get(number, 0.0) + chars / len(carriers)
    ranked = sorted(weight, key=lambda number: (-weight[number], number))
    for first in [number for number in ranked if told.first[number] == number][:_MOST_TRIED]:
        if known[first].text:
            enough = compare(first, candidate.number).shorter >= share
        else:
            enough = common[first] >= share * candidate.chars
        if enough:
            return first
    for number in [number for number in ranked if told.first[number] != number][:_MOST_TRIED]:
        found = compare(number, candidate.number)
        if min(found.first, found.second) >= share:
            return number
    return None


def _stock(candidates: Iterable[Candidate], share: float) -> frozenset[int]:
    """The passages that are stock: an imprint, a note on the author.

    Most of the documents that have such a passage, and ``_LEAST_STOCK`` of them, have little else in common with one another; the first
    ones tell. Without this a brief that is shorter than the imprint below it carried the story of everything above that imprint.
    """
    carriers: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        for passage in candidate.passages:
            found = carriers.setdefault(passage, [])
            if len(found) < _MOST_ASKED:
                found.append(candidate)
    return frozenset(
        passage
        for passage, found in carriers.items()
        if len(found) >= _LEAST_STOCK and _strangers(found, share) >= max(_LEAST_STOCK, len(found) / 2)
    )


def _strangers(found: Sequence[Candidate], share: float) -> int:
    """How many of some documents have less than a share of their text in common with the others."""
    often = Counter(passage for candidate in found for passage in candidate.passages)
    return sum(
        sum(chars for passage, chars in candidate.passages.items() if often[passage] > 1) < share * candidate.chars
        for candidate in found
    )
