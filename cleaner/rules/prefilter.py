"""Where a pattern is worth trying: where a string stands that it cannot match without (the only door to ``ahocorasick_rs``).

The strings of thousands of patterns are found in one Aho-Corasick pass over the case-folded lines. The prefilter never decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import regex

from cleaner.rules.fold import fold_lines
from cleaner.rules.needles import Needles
from cleaner.rules.pattern import Pattern

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


class Candidate(NamedTuple):
    """A line on which a pattern is worth trying.

    Attributes:
        line: index of the line.
        pattern: the pattern.
        part: which of the lines that the pattern reads this one would be; None: any of them.
    """

    line: int
    pattern: Pattern
    part: int | None


_DIGIT = regex.compile(r"\d")
_Owner = tuple[int, int, int, frozenset[str]]
"""What a needle is looked for: its reach and its rest, for which pattern, and how it must be written, if that counts."""


class _Sought(NamedTuple):
    """A pattern, and what ``Needles`` says of its line."""

    pattern: Pattern
    part: int | None
    also: tuple[str, ...]
    digit: bool

    def may_match(self, text: str, begin: int, end: int) -> bool:
        """Whether a line, from one place of a folded text to another, holds what else it must hold."""
        if self.digit and not _DIGIT.search(text, begin, end):
            return False
        return not self.also or any(text.find(string, begin, end) >= 0 for string in self.also)


class Prefilter:
    """Patterns, and strings of which each needs one."""

    def __init__(self) -> None:
        self._patterns: list[_Sought] = []
        self._owners: dict[str, list[_Owner]] = {}  # by needle
        self._ready: tuple[AhoCorasick, list[list[_Owner]]] | None = None

    def add(self, pattern: Pattern, needles: Needles) -> None:
        """Takes in a pattern that cannot match without one of the needles."""
        owner = needles.reach, needles.rest, len(self._patterns), needles.forms
        for needle in needles.strings:
            self._owners.setdefault(needle, []).append(owner)
        self._patterns.append(_Sought(pattern, needles.line, tuple(sorted(needles.also, key=len)), needles.digit))

    def candidates(self, lines: Sequence[str]) -> Iterator[Candidate]:
        """Every line and pattern that are worth trying, once each, line by line."""
        if not self._owners or not lines:
            return
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        automaton, owners = self._compiled()
        patterns = self._patterns
        at, begin, stop = -1, 0, 0  # the line, where it begins, and where the next one does
        seen: set[int] = set()
        text = fold_lines(lines)
        for needle, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if start >= stop:
                at = bisect_right(starts, start, at + 1) - 1
                begin, stop = starts[at], starts[at + 1]
                seen = set()
            offset = start - begin
            for reach, rest, number, forms in owners[needle]:
                if offset > reach:
                    break
                if stop - 1 - start > rest or number in seen or (forms and lines[at][offset : end - begin] not in forms):
                    continue
                seen.add(number)
                sought = patterns[number]
                if stop - 1 - begin <= sought.pattern.max_length and sought.may_match(text, begin, stop - 1):
                    yield Candidate(at, sought.pattern, sought.part)

    def _compiled(self) -> tuple[AhoCorasick, list[list[_Owner]]]:
        """What finds needles, and by their numbers their owners, first those that look furthest into the line."""
        if self._ready is None:
            from ahocorasick_rs import AhoCorasick

            owners = [sorted(some, key=itemgetter(0), reverse=True) for some in self._owners.values()]
            self._ready = AhoCorasick(list(self._owners)), owners
        return self._ready

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_ready": None}
