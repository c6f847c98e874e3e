"""Paragraphs of made-up news, and what news rooms do to them.

Words, figures and names are changed, sentences added and dropped, clauses moved, typing errors made or mended, ends cut off,
datelines and credits put around, quotes, punctuation and capitals changed.

Words are those of ``corpus.py``. Nothing is drawn but ``Random.random`` and ``Random.choices``: one seed gives the same text on
every platform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from random import Random
from typing import TypeVar

from corpus import vocabulary

T = TypeVar("T")
Words = list[str]
"""A paragraph, split at its blanks: punctuation stands with its word."""

LENGTHS = ((14, 8, 15), (20, 16, 30), (27, 31, 60), (28, 61, 120), (11, 121, 200))
"""Percent of the new paragraphs, and from how many words to how many they have; 62 words on average."""
TARGETS = ((15, 100, 100), (60, 73, 92), (15, 92, 99), (10, 57, 73))
"""Percent of the edited copies, and the Jaccard similarity to their source, in percent, at which their editing stops."""
_ATTEMPTS = 14
"""Edits that are tried on one copy."""

STOCK = (
    "according to a statement from the ministry of",
    "speaking on condition of anonymity because they were not authorised to speak to the media",
    "did not immediately respond to a request for comment",
    "in the first half of the year compared with the same period a year earlier",
    "This is a breaking story and will be updated as more information becomes available.",
    "said in a post on the social media platform formerly known as Twitter",
    "The views expressed in this article are those of the author and do not necessarily reflect those of the paper.",
    "on the sidelines of the annual meeting of the International Monetary Fund and the World Bank in Washington",
    "told reporters at a news conference in the capital on",
    "is expected to appear in court at a later date to face charges of",
)
"""Phrases that many passages share, the commonest first."""
_CITIES = ("LONDON", "BRUSSELS", "NEW DELHI", "WASHINGTON", "NAIROBI", "SAO PAULO", "TOKYO")
_MONTHS = ("January", "March", "April", "June", "August", "October")
_TYPEWRITER = str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-"})


class Chance:
    """What is drawn."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)

    def number(self, least: int, most: int) -> int:
        """One of the numbers from ``least`` to ``most``."""
        return least + int(self._rng.random() * (most - least + 1))

    def percent(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self._rng.random() * 100 < percent

    def pick(self, several: Sequence[T]) -> T:
        """One of several."""
        return several[self.number(0, len(several) - 1)]

    def weighted(self, several: Sequence[T], weights: Sequence[int], count: int = 1) -> list[T]:
        """So many of several, by running totals of their weights."""
        return self._rng.choices(several, cum_weights=weights, k=count)

    def spread(self, ranges: Sequence[tuple[int, int, int]]) -> int:
        """A number from one of some ranges, each given with its percentage, its least and its most."""
        turn = self._rng.random() * 100
        for percent, least, most in ranges:
            turn -= percent
            if turn < 0:
                return self.number(least, most)
        return ranges[-1][2]


class Author:
    """Writes paragraphs.

    Attributes:
        chance: decides.
        names: of people.
    """

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        self._words = vocabulary(seed)
        # 1 / (rank + 2.7), in whole numbers: Mandelbrot's form of Zipf's law.
        self._weights = list(accumulate(10_000_000 // (10 * rank + 27) for rank in range(len(self._words))))
        rare = self._words[60:]
        self.names = [f"{self.chance.pick(rare).capitalize()} {self.chance.pick(rare).capitalize()}" for _ in range(2000)]
        invented = [self.words(self.chance.number(6, 14)) for _ in range(50)]
        self._phrases = [*(phrase.split() for phrase in STOCK), *invented]
        self._phrase_weights = list(accumulate(10_000 // (rank + 2) for rank in range(len(self._phrases))))

    def words(self, count: int) -> Words:
        """So many words, by Zipf's law."""
        return self.chance.weighted(self._words, self._weights, count)

    def paragraph(self, length: int = 0) -> Words:
        """A new paragraph of that many words, or, without a number, of one among ``LENGTHS`` or a little more."""
        words = self.words(length or self.chance.spread(LENGTHS))
        ends = 0
        for at in range(self.chance.number(3, 9), len(words) - 1, 9):
            words[at] = self._with_company(words[at])
        while ends < len(words):
            words[ends] = words[ends][0].upper() + words[ends][1:]
            ends += self.chance.number(6, 28)
            ends = len(words) if ends + 5 > len(words) else ends
            words[ends - 1] = words[ends - 1].rstrip(",") + "."
            if self.chance.percent(10):
                words[ends - 1] += "”"
                words[max(0, ends - 6)] = "“" + words[max(0, ends - 6)]
        if not length and self.chance.percent(15):
            (phrase,) = self.chance.weighted(self._phrases, self._phrase_weights)
            at = self.chance.number(0, len(words))
            words[at:at] = phrase
        return words

    def _with_company(self, word: str) -> str:
        """A word with what stands in running text beside words; a blank would part two words."""
        turn = self.chance.number(0, 9)
        if turn < 4:
            return word + ","
        if turn == 4:
            return str(self.chance.number(2, 99))
        if turn == 5:
            return f"{self.chance.number(1, 99)}.{self.chance.number(0, 9)}"
        if turn == 6:
            return self.chance.pick(_MONTHS)
        return self.chance.pick(self.names).split()[0] if turn < 9 else f"{word}’s"


class Editor:
    """Edits paragraphs of an author."""

    def __init__(self, author: Author) -> None:
        self._author = author
        self._chance = author.chance
        self._edits: tuple[Callable[[Words], Words], ...] = (
            *(self._another_word, self._another_word, self._other_figure, self._other_figure, self._other_figure),
            *(self._mistyped, self._dropped, self._inserted, self._sentence_added, self._sentence_dropped),
            *(self._moved, self._cut, self._dated, self._credited, self._dressed),
        )

    def edited(self, words: Words, target: int = 0) -> Words:
        """Edited until it is about as like as meant to be: below that by .06 at most, unless it is too short for such a step.

        Args:
            words: the paragraph.
            target: Jaccard similarity in percent; 0: one of ``TARGETS``.
        """
        wanted = (target or self._chance.spread(TARGETS)) / 100
        if wanted == 1:
            return self._dressed(words)
        whole = _shingles(words)
        edited = words
        for _ in range(_ATTEMPTS):
            tried = self._chance.pick(self._edits)(edited)
            other = _shingles(tried)
            alike = len(whole & other) / max(1, len(whole | other))
            if alike >= wanted - 0.06:
                edited = tried
                if alike <= wanted + 0.01:
                    break
        return edited

    def varied(self, words: Words) -> Words:
        """The paragraph with one slight change: a word, a figure or a name."""
        return self._chance.pick((self._another_word, self._other_figure, self._mistyped))(words)

    def _another_word(self, words: Words) -> Words:
        at = self._chance.number(0, len(words) - 1)
        return [*words[:at], *self._author.words(1), *words[at + 1 :]]

    def _other_figure(self, words: Words) -> Words:
        """With another number, date or name, if it has any behind its first word."""
        places = [at for at, word in enumerate(words) if at and (word[0].isdigit() or word[0].isupper())]
        if not places:
            return self._another_word(words)
        at = self._chance.pick(places)
        old = words[at]
        end = old[-1] if old[-1] in ",.”" else ""
        new = (
            str(self._chance.number(2, 99))
            if old[0].isdigit()
            else self._chance.pick(_MONTHS if old in _MONTHS else self._author.names).split()[0]
        )
        return [*words[:at], new + end, *words[at + 1 :]]

    def _mistyped(self, words: Words) -> Words:
        """With two letters of a word in the other order: a typing error made, or mended."""
        at = self._chance.number(0, len(words) - 1)
        word = words[at]
        if len(word) < 4:
            return self._another_word(words)
        turn = self._chance.number(1, len(word) - 2)
        return [*words[:at], word[: turn - 1] + word[turn] + word[turn - 1] + word[turn + 1 :], *words[at + 1 :]]

    def _dropped(self, words: Words) -> Words:
        at = self._chance.number(0, len(words) - 1)
        return words[:at] + words[at + 1 :] if len(words) > 8 else words

    def _inserted(self, words: Words) -> Words:
        at = self._chance.number(0, len(words))
        return [*words[:at], *self._author.words(self._chance.number(1, 2)), *words[at:]]

    def _sentence_added(self, words: Words) -> Words:
        parts = sentences(words)
        parts.insert(self._chance.number(0, len(parts)), self._author.paragraph(self._chance.number(6, 18)))
        return list(chain.from_iterable(parts))

    def _sentence_dropped(self, words: Words) -> Words:
        parts = sentences(words)
        if len(parts) > 1:
            del parts[self._chance.number(0, len(parts) - 1)]
        return list(chain.from_iterable(parts))

    def _moved(self, words: Words) -> Words:
        """With a clause in another place."""
        size = self._chance.number(3, 9)
        start = self._chance.number(0, max(0, len(words) - size))
        clause, rest = words[start : start + size], words[:start] + words[start + size :]
        at = self._chance.number(0, len(rest))
        return rest[:at] + clause + rest[at:]

    def _cut(self, words: Words) -> Words:
        kept = words[: len(words) - self._chance.number(1, max(1, len(words) // 5))]
        return [*kept, "...", "read", "more"] if self._chance.percent(60) else [*kept[:-1], kept[-1] + "…"]

    def _dated(self, words: Words) -> Words:
        return [*self._chance.pick(_CITIES).split(), "(Wire)", "–", *words]

    def _credited(self, words: Words) -> Words:
        credit = f"(Reporting by {self._chance.pick(self._author.names)}" + (
            f"; editing by {self._chance.pick(self._author.names)})" if self._chance.percent(50) else ")"
        )
        return [*words, *credit.split()]

    def _dressed(self, words: Words) -> Words:
        """With other quotes, punctuation or case: the same tokens."""
        turn = self._chance.number(0, 3)
        if turn == 0:
            return [word.translate(_TYPEWRITER) for word in words]
        if turn == 1:
            return [word.replace(",", "") for word in words]
        if turn == 2:
            return [word.upper() if at < 4 else word for at, word in enumerate(words)]
        return ["“" + words[0], *words[1:-1], words[-1] + "”"]


def sentences(words: Words) -> list[Words]:
    """The sentences of a paragraph.

    >>> sentences("One two. “Three.” four".split())
    [['One', 'two.'], ['“Three.”'], ['four']]
    """
    parts: list[Words] = [[]]
    for word in words:
        if parts[-1] and parts[-1][-1].endswith((".", ".”")):
            parts.append([])
        parts[-1].append(word)
    return parts


def _shingles(words: Words) -> set[tuple[str, ...]]:
    """Word 5-grams of a paragraph."""
    tokens = re.findall(r"\w+", " ".join(words).casefold())
    return set(zip(*(tokens[shift:] for shift in range(5)), strict=False))
