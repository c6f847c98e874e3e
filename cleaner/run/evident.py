"""Boilerplate that shows without any rule: short lines that most documents have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cleaner.document import Document

SHORT = 200
"""Code points of a line above which it is not looked at: what repeats in longer ones are texts."""
MOST_LINES = 500
"""Lines of one document that are looked at, at most, so that memory has a bound."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class ShortLines:
    """The short lines of a document.

    Attributes:
        lines: those with a letter, folded.
        all: lines that are not blank, long ones included.
        protected: lines that a keep rule protects.
    """

    lines: frozenset[str]
    all: int
    protected: int


def short_lines(document: Document) -> ShortLines:
    """The short lines of a document, and how many lines there are."""
    lines = document.text.split("\n", MOST_LINES)[:MOST_LINES]
    short = {folded for line in lines if len(line) <= SHORT and (folded := " ".join(line.split()).casefold())}
    return ShortLines(
        frozenset(line for line in short if any(map(str.isalpha, line))),
        sum(not line.isspace() for line in lines if line),
        len(document.protected),
    )


class Repeated:
    """Counts in how many documents each short line stands."""

    def __init__(self) -> None:
        self.documents = 0
        self._lines: Counter[str] = Counter()
        self._all = self._protected = 0

    def add(self, found: ShortLines) -> None:
        """One more document."""
        self.documents += 1
        self._all += found.all
        self._protected += found.protected
        self._lines.update(found.lines)

    def common(self) -> list[str]:
        """Lines, folded, that more than half of the documents hold, the most frequent first; none when the documents are all alike."""
        # Documents that have nothing of their own are one document many times over, not documents with boilerplate.
        if len(self._lines) < self.documents:
            return []
        often = [(count, line) for line, count in self._lines.items() if count > _HALF * self.documents]
        return [line for _, line in sorted(often, key=lambda one: (-one[0], one[1]))]

    @property
    def protected(self) -> float:
        """Share of the lines that a keep rule protects, 0..1."""
        return min(1.0, self._protected / self._all) if self._all else 0.0
