"""Many conditions, one pass: which conditions hold on which lines of a document.

Whole-line literals are looked up; patterns are tried by ``regex`` only where a string they cannot match without was found (an
Aho-Corasick pass over the case-folded short lines, and one over all for patterns of long lines; the only door to
``ahocorasick_rs``), or where a digit stands, if that is all that is known. The prefilter never decides: with ``prefilter=False`` every pattern is tried on every line, and a test holds
both equal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING

import regex

from cleaner.rules.fold import fold_blanks, fold_lines
from cleaner.rules.literals import needles, needs_digit
from cleaner.rules.model import Condition
from cleaner.rules.pieces import Known, Needles
from cleaner.spans import Span

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

TIME_LIMIT = 5.0
"""Seconds one pattern may take on one line before its rule is set aside; the last resort."""
SHORT = 200
"""Code points of a line above which only patterns for long lines are looked for: most text stands in long lines, few patterns are."""


_REMEMBERED = 1 << 15
"""Lines of a generation that are remembered: about 10 MB."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A condition that holds.

    Attributes:
        line: index of the first line it holds on.
        condition: number of the condition.
        lines: how many consecutive lines it took.
    """

    line: int
    condition: int
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Limited:
    """A condition and the lines it may be tried on.

    Attributes:
        condition: the literals and patterns.
        max_length: code points of a line above which patterns are not tried; holds for each line of a window.
        phrase: whether a literal may stand anywhere in the line, as whole words.
    """

    condition: Condition
    max_length: int
    phrase: bool = False


class _Pattern:
    """One pattern, compiled when first needed."""

    __slots__ = ("_compiled", "condition", "lines", "max_length", "source")

    def __init__(self, source: str, condition: int, max_length: int) -> None:
        self.source = source
        self.condition = condition
        self.max_length = max_length
        self.lines = window(source)
        self._compiled: regex.Pattern[str] | None = None

    @property
    def compiled(self) -> regex.Pattern[str]:
        if self._compiled is None:
            self._compiled = regex.compile(self.source)
        return self._compiled


_TOKEN = regex.compile(r"\\.|\n|\[\^?\]?(?:\\.|[^\]\\])*\]", regex.DOTALL)
"""An escape, a line end, or a whole character class: a line end in a class is none that a pattern must read."""

_DIGIT = regex.compile(r"\d")


def window(pattern: str) -> int:
    r"""How many consecutive lines a pattern reads: one more than the line ends written in it.

    >>> window(r"^(.+)\nPhoto: [^\n]*\n\1$")
    3
    """
    if "\\n" not in pattern and "\n" not in pattern:  # most patterns: read at once
        return 1
    return 1 + sum(token in ("\\n", "\n") for token in _TOKEN.findall(pattern))


def phrase_pattern(literal: str) -> str:
    r"""The pattern of a literal phrase: its words, any blanks between them, case ignored, never part of a longer word.

    >>> phrase_pattern("Read more")
    '(?i)(?<!\\w)Read\\s+more(?!\\w)'
    """
    words = r"\s+".join(regex.escape(word) for word in literal.split())
    before = r"(?<!\w)" if literal.strip()[:1].isalnum() else ""
    after = r"(?!\w)" if literal.strip()[-1:].isalnum() else ""
    return f"(?i){before}{words}{after}"


class _Prefilter:
    """Patterns, and strings of which each needs one; finds where a pattern is worth trying."""

    def __init__(self) -> None:
        self._patterns: list[tuple[_Pattern, int | None]] = []  # and in which line that they read their needle stands
        self._owners: dict[str, list[tuple[int, int, int]]] = {}  # by needle: its reach and its rest, for which pattern
        self._longest = 0
        self._ready: tuple[AhoCorasick, list[list[tuple[int, int, int]]]] | None = None

    def add(self, pattern: _Pattern, needles: Needles) -> None:
        """Takes in a pattern that cannot match without one of the needles."""
        owner = needles.reach, needles.rest, len(self._patterns)
        for needle in needles.strings:
            self._owners.setdefault(needle, []).append(owner)
        self._patterns.append((pattern, needles.line))
        self._longest = max(self._longest, pattern.max_length)

    def candidates(self, views: Sequence[str]) -> Iterator[tuple[int, _Pattern]]:
        """Where which pattern is worth trying; one that reads several lines may come up twice."""
        lines = [at for at, view in enumerate(views) if len(view) <= self._longest]
        if not self._owners or not lines:
            return
        starts = list(accumulate((len(views[at]) + 1 for at in lines), initial=0))
        automaton, owners = self._compiled()
        count = len(self._patterns)
        seen: set[int] = set()
        for needle, start, _ in automaton.find_matches_as_indexes(fold_lines(views[at] for at in lines), overlapping=True):
            place = bisect_right(starts, start) - 1
            at, offset, left = lines[place], start - starts[place], starts[place + 1] - 1 - start
            for reach, rest, number in owners[needle]:
                if offset > reach:
                    break
                key = at * count + number
                if left > rest or key in seen:
                    continue
                seen.add(key)
                pattern, line = self._patterns[number]
                if len(views[at]) > pattern.max_length:
                    continue
                if line is not None:
                    if at >= line:
                        yield at - line, pattern
                else:
                    yield from ((first, pattern) for first in range(max(0, at - pattern.lines + 1), at + 1))

    def _compiled(self) -> tuple[AhoCorasick, list[list[tuple[int, int, int]]]]:
        """What finds needles, and by their numbers their owners, first those that look furthest into the line."""
        if self._ready is None:
            from ahocorasick_rs import AhoCorasick

            self._ready = AhoCorasick(list(self._owners)), [sorted(owners, reverse=True) for owners in self._owners.values()]
        return self._ready

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_ready": None}


class _Remembered:
    """What holds on lines that were seen before, as far as that is a matter of the line alone.

    A site's lines come again and again: of a dump of whole pages half of the short ones. The lines seen last are remembered, in two
    generations of which the older is forgotten when the younger is full.
    """

    def __init__(self) -> None:
        self._young: dict[str, tuple[int, ...]] = {}
        self._old: dict[str, tuple[int, ...]] = {}

    def get(self, view: str) -> tuple[int, ...] | None:
        """The conditions that hold on a line; None when it is not remembered."""
        found = self._young.get(view)
        if found is None:
            found = self._old.get(view)
            if found is not None:
                self.put(view, found)
        return found

    def put(self, view: str, conditions: tuple[int, ...]) -> None:
        """Remember a line."""
        if len(self._young) >= _REMEMBERED:
            self._young, self._old = {}, self._young
        self._young[view] = conditions

    def __reduce__(self) -> tuple[type[_Remembered], tuple[()]]:
        return _Remembered, ()


class Matcher:
    """Conditions, compiled together.

    Attributes:
        conditions: their numbers.
        window: lines that the longest pattern reads.

    Args:
        conditions: what to look for, by the number that hits name it by.
        prefilter: whether patterns are tried only where they can match.
        time_limit: seconds for one pattern on one line.
    """

    def __init__(self, conditions: Mapping[int, Limited], *, prefilter: bool = True, time_limit: float = TIME_LIMIT) -> None:
        self.conditions = frozenset(conditions)
        self._limited = conditions
        self._prefilter = prefilter
        self._time_limit = time_limit
        self._whole: dict[str, list[int]] = {}
        self._phrases: dict[int, list[_Pattern]] = {}
        self._always: list[_Pattern] = []
        self._digits: list[_Pattern] = []  # those of which no more is known than that a digit must stand in the line
        self._short, self._long = _Prefilter(), _Prefilter()
        self._windows = _Prefilter()  # patterns that read several lines
        self._windows_always: list[_Pattern] = []
        self._remembered = _Remembered()
        self.window = 1
        known: Known | None = {} if prefilter else None
        for index, limited in conditions.items():
            self._add(index, limited, known)
        self._longest_whole = max(map(len, self._whole), default=0)

    @cached_property
    def several(self) -> Matcher:
        """These conditions but for those that read single lines only.

        It is what has to be matched again where lines that stay as they are become neighbours.
        """
        several = {index: one for index, one in self._limited.items() if max(map(window, one.condition.patterns), default=1) > 1}
        if len(several) == len(self._limited):
            return self
        return Matcher(several, prefilter=self._prefilter, time_limit=self._time_limit)

    def _add(self, index: int, limited: Limited, known: Known | None) -> None:
        sources = list(limited.condition.patterns)
        if limited.phrase:
            sources += map(phrase_pattern, limited.condition.literals)
        else:
            for literal in limited.condition.literals:
                self._whole.setdefault(fold_blanks(literal).casefold(), []).append(index)
        for source in sources:
            pattern = _Pattern(source, index, limited.max_length)
            if limited.phrase:
                self._phrases.setdefault(index, []).append(pattern)
            found = needles(source, known) if known is not None else None
            self.window = max(self.window, pattern.lines)
            if pattern.lines > 1:
                self._windows_always.append(pattern) if found is None else self._windows.add(pattern, found)
            elif found is None:
                digit = known is not None and needs_digit(source)
                (self._digits if digit else self._always).append(pattern)
            else:
                (self._short if pattern.max_length <= SHORT else self._long).add(pattern, found)

    def hits(self, views: Sequence[str], set_aside: dict[int, int]) -> list[Hit]:
        """Every condition that holds, each once a line (by the pattern that reads most lines), sorted by line, then condition.

        Args:
            views: the non-blank lines, blanks folded.
            set_aside: condition -> line index; conditions in it are not tried, and one that takes too long is added.
        """
        found = self._single(views, set_aside)
        for at, pattern in self._several(views):
            known = found.get((at, pattern.condition), 0) >= pattern.lines
            if known or pattern.condition in set_aside or at + pattern.lines > len(views):
                continue
            lines = views[at : at + pattern.lines]
            if max(map(len, lines)) <= pattern.max_length and self._holds(pattern, "\n".join(lines), set_aside, at):
                found[at, pattern.condition] = pattern.lines
        return [Hit(line, condition, lines) for (line, condition), lines in sorted(found.items())]

    def _single(self, views: Sequence[str], set_aside: dict[int, int]) -> dict[tuple[int, int], int]:
        """What holds on single lines."""
        if set_aside:  # a rule is out: what is remembered may name it
            return self._tried(views, range(len(views)), set_aside)
        first: dict[str, int] = {}  # short lines that are not remembered, and where each stands first
        known = {at: self._remembered.get(view) for at, view in enumerate(views) if len(view) <= SHORT}
        for at, conditions in known.items():
            if conditions is None:
                first.setdefault(views[at], at)
        new = self._tried(views, [at for at, view in enumerate(views) if at not in known or first.get(view) == at], set_aside)
        new |= {(at, condition): 1 for at, conditions in known.items() for condition in conditions or ()}
        again = [at for at, conditions in known.items() if conditions is None and first[views[at]] != at]
        if set_aside:
            return new | self._tried(views, again, set_aside)
        held: dict[int, list[int]] = {}
        for at, condition in new:
            held.setdefault(at, []).append(condition)
        for view, at in first.items():
            self._remembered.put(view, tuple(held.get(at, ())))
        return new | {(at, condition): 1 for at in again for condition in held.get(first[views[at]], ())}

    def _tried(self, views: Sequence[str], places: Sequence[int], set_aside: dict[int, int]) -> dict[tuple[int, int], int]:
        """What holds on the lines at some places, each looked at by itself."""
        found: dict[tuple[int, int], int] = {}
        lines = [views[at] for at in places]
        for line, view in enumerate(lines):
            if len(view) <= self._longest_whole:
                for condition in self._whole.get(view.casefold(), ()):
                    found[places[line], condition] = 1
        for line, pattern in self._candidates(lines):
            at = places[line]
            if (at, pattern.condition) in found or pattern.condition in set_aside:
                continue
            if self._holds(pattern, lines[line], set_aside, at):
                found[at, pattern.condition] = 1
        return found

    def _holds(self, pattern: _Pattern, text: str, set_aside: dict[int, int], at: int) -> bool:
        """Whether a pattern matches; one that takes too long does not, and its condition is set aside."""
        try:
            return pattern.compiled.search(text, timeout=self._time_limit) is not None
        except TimeoutError:
            set_aside[pattern.condition] = at
            return False

    def spans(self, condition: int, view: str, set_aside: dict[int, int], at: int) -> list[Span]:
        """Where a phrase stands in a line (blanks folded), without outer blanks; sorted, may overlap.

        Args:
            condition: number of the phrase's condition.
            view: the line, blanks folded.
            set_aside: as for ``hits``.
            at: index of the line, for ``set_aside``.
        """
        spans: list[Span] = []
        for pattern in self._phrases[condition]:
            if condition in set_aside:
                break
            try:
                matches = list(pattern.compiled.finditer(view, timeout=self._time_limit))
            except TimeoutError:
                set_aside[condition] = at
                break
            for start, end in (match.span() for match in matches):
                found = view[start:end]
                if found.strip():
                    spans.append(Span(end - len(found.lstrip()), start + len(found.rstrip())))
        return sorted(spans)

    def has_phrase(self, condition: int) -> bool:
        """Whether ``spans`` knows this condition."""
        return condition in self._phrases

    def _several(self, views: Sequence[str]) -> Iterator[tuple[int, _Pattern]]:
        """Where which pattern of several lines is worth trying."""
        everywhere = ((at, pattern) for at in range(len(views)) for pattern in self._windows_always)
        return chain(everywhere, self._windows.candidates(views))

    def _candidates(self, views: Sequence[str]) -> Iterator[tuple[int, _Pattern]]:
        """Where which pattern of one line is worth trying; the line named is not too long for it."""
        everywhere = (
            (at, pattern) for at, view in enumerate(views) for pattern in self._always if len(view) <= pattern.max_length
        )
        longest = max((pattern.max_length for pattern in self._digits), default=0)
        at_digits = (
            (at, pattern)
            for at, view in enumerate(views)
            if len(view) <= longest and _DIGIT.search(view)
            for pattern in self._digits
            if len(view) <= pattern.max_length
        )
        return chain(everywhere, at_digits, self._short.candidates(views), self._long.candidates(views))
