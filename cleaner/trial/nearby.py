"""Lines of a corpus that come near a rule and stay: what a reader must see before the rule is written, and what its examples are made of."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cleaner.rules.fold import fold_blanks, fold_case
from cleaner.trial.risk import is_sentence

_LONGEST = 600
"""Code points of a line above which it is not shown."""
_KEPT = 24
_WORDS = re.compile(r"[^\W\d_]+")
_TELLING = 4
"""Letters of a word that tells something."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What lines are near.

    Attributes:
        texts: the lines that a rule is made of, blanks folded.
    """

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearLine:
    """A line that comes near and stays.

    Attributes:
        text: the line, blanks folded.
        document: where it stands.
        line: its number, from 1.
        rank: 3: it holds all of a text; 2: it begins like it; 1: it holds all its telling words.
    """

    text: str
    document: str
    line: int
    rank: int

    @property
    def prose(self) -> bool:
        """Whether it reads like a sentence of an article."""
        return is_sentence(self.text)


def best(lines: Sequence[NearLine]) -> list[NearLine]:
    """The nearest, each text once; sentences before others."""
    found: dict[str, NearLine] = {}
    for line in lines:
        found.setdefault(line.text, line)
    return sorted(found.values(), key=lambda one: (-one.rank, not one.prose, len(one.text), one.text))[:_KEPT]


class Nearby:
    r"""Finds lines that come near some texts.

    >>> nearby = Nearby(Sought(("google cta",)))
    >>> [line.rank for line in nearby.lines("Google CTA\nThe Google CTA pays.\nGoogle pays.", "a.txt", {1})]
    [3, 1]
    """

    def __init__(self, sought: Sought) -> None:
        self._wholes = [fold_case(text) for text in sought.texts]
        self._starts = [start for whole in self._wholes if (start := _start(whole))]
        self._words = [frozenset(word for word in _WORDS.findall(whole) if len(word) >= _TELLING) for whole in self._wholes]

    def lines(self, text: str, document: str, gone: Collection[int]) -> list[NearLine]:
        """Those of a document that are not ``gone``, by their numbers."""
        folded = fold_case(text)
        if not any(words and all(word in folded for word in words) for words in self._words) and not any(
            word in folded for start in self._starts for word in [start.split()[0]]
        ):
            return []
        found: list[NearLine] = []
        for number, line in enumerate(text.split("\n"), 1):
            if number in gone or len(line) > 4 * _LONGEST:
                continue
            view = fold_blanks(line)
            if view and len(view) <= _LONGEST:
                rank = self._rank(fold_case(view))
                if rank:
                    found.append(NearLine(view, document, number, rank))
        return found

    def _rank(self, view: str) -> int:
        if view in self._wholes:
            return 0
        if any(whole in view for whole in self._wholes):
            return 3
        if any(view.startswith(start) for start in self._starts):
            return 2
        return int(any(words and all(word in view for word in words) for words in self._words))


def _start(whole: str) -> str | None:
    """The first two words, where that tells something."""
    words = whole.split()[:2]
    start = " ".join(words)
    return start if len(words) == 2 and len(start) > 6 and start != whole else None
