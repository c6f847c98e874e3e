"""Made-up documents whose passages repeat, are edited, quote and hold one another, densely around the similarities that matter.

Copies are edited as news rooms edit (``edits.py``); paragraphs are split and joined, quoted and held by others; whole stories are
reprinted. What was planted is not told, for edits meet by chance and many share stock phrases: ``oracle.py`` counts what is
alike.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

from edits import STOCK, Author, Editor, Words, sentences

PER_DOCUMENT = 10
"""Passages of a document, on average."""
QUOTAS = ((40, 1, 1), (30, 2, 4), (20, 5, 12), (10, 13, 49))
"""Percent of the paragraphs that are copied at all, and how often they are."""
LIVE = 400
"""Paragraphs that copies are drawn from at a time."""
_LINES = (
    "Sign up for our daily newsletter and get the best of our reporting in your inbox every morning.",
    STOCK[4],
    STOCK[6],
    "Our standards: the principles of trust by which every one of our reporters and editors is bound.",
    "Follow all of our latest coverage on the war, the economy and the coming election here.",
)
"""Lines that many documents have, word for word; two of them stand inside paragraphs, too."""


class Story(NamedTuple):
    """One document: its name, and its lines, a passage each; none is blank."""

    name: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The document's text: in every second one a blank line parts the passages."""
        return ("\n\n" if self.apart else "\n").join(self.lines)

    @property
    def apart(self) -> bool:
        """Whether blank lines part the passages."""
        return self.name.endswith(("1", "3", "5", "7", "9"))

    def number(self, place: int) -> int:
        """Number, from 1, of the text's line that holds the passage at a place, from 0."""
        return 2 * place + 1 if self.apart else place + 1


@dataclass(slots=True)
class _Live:
    """A paragraph that is copied: as it was, as its latest copy is, and how many copies are still to come."""

    words: Words
    latest: Words
    left: int


class Press:
    """Writes documents."""

    def __init__(self, seed: int) -> None:
        self._author = Author(seed)
        self._editor = Editor(self._author)
        self._chance = self._author.chance
        self._live: list[_Live] = []
        self._past: deque[list[Words]] = deque(maxlen=300)
        slots: tuple[tuple[int, Callable[[], list[Words]]], ...] = (
            (80, lambda: [self._author.paragraph()]),
            (45, lambda: [self._copied()]),
            (7, lambda: [self._source().words]),
            (8, self._quoted),
            (3, self._halved),
            (3, self._joined),
            (3, self._held),
            (3, lambda: [self._chance.pick(_LINES[:1] * 4 + _LINES).split()]),
            (3, lambda: [self._author.words(self._chance.number(2, 7))]),
        )
        self._slots = [make for _, make in slots]
        self._weights = list(accumulate(weight for weight, _ in slots))

    def stories(self, passages: int) -> Iterator[Story]:
        """Documents, until they hold so many passages or a few more."""
        written = number = 0
        while written < passages:
            number += 1
            paragraphs = self._reprint() if self._past and self._chance.percent(20) else self._story()
            self._past.append(paragraphs)
            written += len(paragraphs)
            yield Story(f"{number:06}", tuple(" ".join(words) for words in paragraphs))

    def _story(self) -> list[Words]:
        """A new document: each passage of it is new, or made from one of an earlier document."""
        found: list[Words] = []
        for _ in range(self._chance.number(3, 2 * PER_DOCUMENT - 5)):
            (make,) = self._chance.weighted(self._slots, self._weights)
            found += make()
        if self._chance.percent(15):  # its own pull quote or standfirst
            quote = self._passage_of(self._chance.pick(found))
            found.insert(self._chance.number(0, 1) * self._chance.number(0, len(found)), quote)
        if len(self._live) < LIVE:
            self._live += [
                _Live(one, one, self._chance.spread(QUOTAS)) for one in found if len(one) >= 8 and self._chance.percent(25)
            ]
        return found

    def _reprint(self) -> list[Words]:
        """An earlier document once more: edited, cut, in another order, or with new paragraphs around."""
        share = self._chance.pick((0, 10, 30, 60, 100, 100))
        found = [self._editor.edited(one) if self._chance.percent(share) else one for one in self._chance.pick(self._past)]
        turn = self._chance.number(0, 5)
        if turn == 0 and len(found) > 3:
            return found[: max(2, len(found) * self._chance.number(50, 95) // 100)]
        if turn == 1:
            return [self._author.paragraph(), *found, *(self._author.paragraph() for _ in range(self._chance.number(0, 9)))]
        if turn == 2:
            return [*found, self._author.paragraph()]
        if turn == 3:
            at = self._chance.number(0, len(found))
            return found[at:] + found[:at]
        return found

    def _source(self) -> _Live:
        """A paragraph to copy; it is used up when its quota is."""
        if not self._live:
            words = self._author.paragraph()
            return _Live(words, words, 0)
        at = self._chance.number(0, len(self._live) - 1)
        live = self._live[at]
        live.left -= 1
        if live.left <= 0:
            self._live[at] = self._live[-1]
            self._live.pop()
        return live

    def _copied(self) -> Words:
        """An edited copy, of the first form of a paragraph or of its latest copy."""
        live = self._source()
        live.latest = self._editor.edited(live.latest if self._chance.percent(25) else live.words)
        return live.latest

    def _quoted(self) -> list[Words]:
        """A sentence or two of a paragraph, with or without a slip."""
        quote = self._passage_of(self._source().words)
        return [self._editor.edited(quote, 95) if self._chance.percent(25) else quote]

    def _passage_of(self, words: Words) -> Words:
        """One or two sentences of a paragraph, or a run of its words: a pull quote, a standfirst."""
        parts = sentences(words)
        if len(parts) == 1:
            return words[: max(12, len(words) * 2 // 3)]
        at = self._chance.number(0, len(parts) - 2)
        return parts[at] + parts[at + 1] if len(parts[at]) < 12 or (len(parts) > 3 and self._chance.percent(30)) else parts[at]

    def _halved(self) -> list[Words]:
        """A paragraph as two."""
        words = self._source().words
        parts = sentences(words)
        if len(parts) == 1:
            return [words]
        first = len(list(chain.from_iterable(parts[: self._chance.number(1, len(parts) - 1)])))
        return [words[:first], words[first:]]

    def _joined(self) -> list[Words]:
        """Two paragraphs as one."""
        return [self._source().words + self._copied()]

    def _held(self) -> list[Words]:
        """A paragraph with background before or behind."""
        words, more = self._source().words, self._author.paragraph(self._chance.number(10, 60))
        return [more + words if self._chance.percent(50) else words + more]
