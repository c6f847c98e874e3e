"""Many conditions, one pass: which conditions hold on which lines of a document.

Whole-line literals are looked up; patterns are tried by ``regex`` only where a string they cannot match without was found, or where a
digit stands, if that is all that is known. What was found out about a line is remembered, as far as it is a matter of that line alone.
The prefilter never decides: with ``prefilter=False`` every pattern is tried on every line, and a test holds both equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import regex

from cleaner.rules.fold import fold_blanks
from cleaner.rules.literals import needles, needs_digit
from cleaner.rules.model import Condition
from cleaner.rules.needles import Needles
from cleaner.rules.pattern import TIME_LIMIT, Pattern, phrase_pattern, window
from cleaner.rules.pieces import Known
from cleaner.rules.prefilter import Prefilter
from cleaner.rules.remembered import Remembered
from cleaner.spans import Span

__all__ = ["SHORT", "TIME_LIMIT", "Hit", "Limited", "Matcher", "phrase_pattern", "window"]

SHORT = 200
"""Code points of a line above which only patterns for long lines are looked for: most text stands in long lines, few patterns are."""
_REMEMBERED = 1 << 15
"""Short lines of a generation that are remembered: about 10 MB."""
_BATCH = 1 << 16
"""Lines that are found out about before they are asked for, at most: of a text of millions of lines nothing is kept."""
_AT_ONCE = 1 << 14
"""Lines that are looked at at once."""
_DIGIT = regex.compile(r"\d")


class Hit(NamedTuple):
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


class _Line(NamedTuple):
    """What is known of a line, whatever stands beside it.

    Attributes:
        conditions: those that hold.
        windows: patterns that read several lines and may match where this is one of them; and which of them, None: any.
    """

    conditions: tuple[int, ...] = ()
    windows: tuple[tuple[Pattern, int | None], ...] = ()


_NOTHING = _Line()
"""What is known of most lines."""


class Matcher:
    """Conditions, compiled together.

    Attributes:
        conditions: their numbers.
        several: those that read several lines; what they say can change where lines that stay as they are become neighbours.
        window: lines that the longest pattern reads.

    Args:
        conditions: what to look for, by the number that hits name it by.
        prefilter: whether patterns are tried only where they can match.
        time_limit: seconds for one pattern on one line.
    """

    def __init__(self, conditions: Mapping[int, Limited], *, prefilter: bool = True, time_limit: float = TIME_LIMIT) -> None:
        self.conditions = frozenset(conditions)
        self._time_limit = time_limit
        self._whole: dict[str, list[int]] = {}
        self._phrases: dict[int, list[Pattern]] = {}
        self._always: list[Pattern] = []
        self._digits: list[Pattern] = []  # those of which no more is known than that a digit must stand in the line
        self._windows_always: list[Pattern] = []
        self._for_short, self._for_long = Prefilter(), Prefilter()
        self._remembered: Remembered[_Line] = Remembered(_REMEMBERED)
        self._batch: dict[str, _Line] = {}
        self.window = self._longest = 1
        several: set[int] = set()
        known: Known | None = {} if prefilter else None
        for index, limited in conditions.items():
            for pattern in self._patterns_of(index, limited):
                self._place(pattern, known)
                if pattern.lines > 1:
                    several.add(index)
        self.several = frozenset(several)
        self._longest_whole = max(map(len, self._whole), default=0)

    def _patterns_of(self, index: int, limited: Limited) -> Iterator[Pattern]:
        """The patterns of a condition, literal phrases among them; other literals are taken in."""
        sources = list(limited.condition.patterns)
        if limited.phrase:
            sources += map(phrase_pattern, limited.condition.literals)
        else:
            for literal in limited.condition.literals:
                self._whole.setdefault(fold_blanks(literal).casefold(), []).append(index)
        for source in sources:
            pattern = Pattern(source, index, limited.max_length, self._time_limit)
            if limited.phrase:
                self._phrases.setdefault(index, []).append(pattern)
            yield pattern

    def _place(self, pattern: Pattern, known: Known | None) -> None:
        """Puts a pattern where it will be found."""
        self.window = max(self.window, pattern.lines)
        self._longest = max(self._longest, pattern.max_length)
        found = needles(pattern.source, known) if known is not None else None
        if found is not None and not any("\n" in string for string in found.strings):
            self._look_for(pattern, found)
        elif pattern.lines > 1:
            self._windows_always.append(pattern)
        elif known is not None and needs_digit(pattern.source):
            self._digits.append(pattern)
        else:
            self._always.append(pattern)

    def _look_for(self, pattern: Pattern, found: Needles) -> None:
        self._for_short.add(pattern, found)
        if pattern.max_length > SHORT:
            self._for_long.add(pattern, found)

    def prime(self, views: Sequence[str]) -> None:
        """Finds out about the lines of several documents at once, which is faster than one document after the other.

        Args:
            views: their non-blank lines, blanks folded.
        """
        self._batch = {}
        if len(views) > _BATCH:
            return
        distinct = list(dict.fromkeys(views))
        slow: dict[int, int] = {}
        lines = self._lines(distinct, slow)
        if not slow:
            self._batch = dict(zip(distinct, lines, strict=True))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_batch": {}}

    def hits(
        self, views: Sequence[str], set_aside: dict[int, int], only: frozenset[int] | None = None, begins: int | None = None
    ) -> list[Hit]:
        """Every condition that holds, each once a line (by the pattern that reads most lines), sorted by line, then condition.

        Args:
            views: the non-blank lines, blanks folded.
            set_aside: condition -> line index; conditions in it are not tried, and one that takes too long is added: it holds on no
                line from there on.
            only: conditions that are asked for; None: all.
            begins: how many of the lines, from the first on, hits may begin on; None: all.
        """
        begins = len(views) if begins is None else begins
        before = frozenset(set_aside)
        found: dict[tuple[int, int], int] = {}
        windows = [(at, pattern) for pattern in self._windows_always for at in range(begins)]
        for at, line in enumerate(self._lines(views, set_aside)):
            if line is _NOTHING:
                continue
            for condition in line.conditions:
                if condition not in set_aside or (condition not in before and at < set_aside[condition]):
                    found[at, condition] = 1
            for pattern, part in line.windows:
                places = (at - part,) if part is not None else range(at - pattern.lines + 1, at + 1)
                windows += [(place, pattern) for place in places if 0 <= place < begins]
        self._try_windows(views, windows, found, set_aside)
        return [
            Hit(line, condition, lines)
            for (line, condition), lines in sorted(found.items())
            if line < begins and (only is None or condition in only)
        ]

    def _try_windows(
        self,
        views: Sequence[str],
        windows: Sequence[tuple[int, Pattern]],
        found: dict[tuple[int, int], int],
        set_aside: dict[int, int],
    ) -> None:
        """Adds what holds on several lines."""
        for at, pattern in dict.fromkeys(windows):
            known = found.get((at, pattern.condition), 0) >= pattern.lines
            if known or pattern.condition in set_aside or at + pattern.lines > len(views):
                continue
            lines = views[at : at + pattern.lines]
            if max(map(len, lines)) <= pattern.max_length and _holds(pattern, "\n".join(lines), set_aside, at):
                found[at, pattern.condition] = pattern.lines

    def _lines(self, views: Sequence[str], set_aside: dict[int, int]) -> list[_Line]:
        """What is known of each line; what was not known is found out."""
        known = list(map(self._batch.get, views))
        for begin in range(0, len(views), _AT_ONCE) if None in known else ():
            self._add_unknown(views, known, range(begin, min(begin + _AT_ONCE, len(views))), set_aside)
        return known  # type: ignore[return-value]  # all are known now

    def _add_unknown(self, views: Sequence[str], known: list[_Line | None], places: range, set_aside: dict[int, int]) -> None:
        """Finds out what is not known of some of the lines."""
        first: dict[str, int] = {}
        for at in places:
            if known[at] is None:
                known[at] = self._remembered.get(views[at])
                if known[at] is None:
                    first.setdefault(views[at], at)
        new = dict(zip(first, self._found_out(list(first), list(first.values()), set_aside), strict=True))
        if not set_aside:  # else a rule is out, and not all is known
            for view, line in new.items():
                if len(view) <= SHORT:
                    self._remembered.put(view, line)
        for at in places:
            if known[at] is None:
                known[at] = new[views[at]]

    def _found_out(self, lines: Sequence[str], places: Sequence[int], set_aside: dict[int, int]) -> list[_Line]:
        """What holds on each of some lines, and what may hold on it and its neighbours.

        Args:
            lines: each once.
            places: index of each, for ``set_aside``.
            set_aside: as for ``hits``.
        """
        held: dict[int, list[int]] = {}
        windows: dict[int, list[tuple[Pattern, int | None]]] = {}
        for at, line in enumerate(lines):
            if len(line) <= self._longest_whole:
                for condition in self._whole.get(line.casefold(), ()):
                    held.setdefault(at, []).append(condition)
        for at, pattern, part in self._candidates(lines):
            if pattern.lines > 1:
                windows.setdefault(at, []).append((pattern, part))
            elif (
                pattern.condition not in held.get(at, ())
                and pattern.condition not in set_aside
                and _holds(pattern, lines[at], set_aside, places[at])
            ):
                held.setdefault(at, []).append(pattern.condition)
        found = [_NOTHING] * len(lines)
        for at in held.keys() | windows.keys():
            found[at] = _Line(tuple(held.get(at, ())), tuple(windows.get(at, ())))
        return found

    def _candidates(self, lines: Sequence[str]) -> Iterator[tuple[int, Pattern, int | None]]:
        """Where which pattern is worth trying; the line named is not too long for it."""
        for pattern in self._always:
            yield from ((at, pattern, None) for at, line in enumerate(lines) if len(line) <= pattern.max_length)
        longest = max((pattern.max_length for pattern in self._digits), default=0)
        for at, line in enumerate(lines):
            if len(line) <= longest and _DIGIT.search(line):
                yield from ((at, pattern, None) for pattern in self._digits if len(line) <= pattern.max_length)
        short = [at for at, line in enumerate(lines) if len(line) <= SHORT]
        long = [at for at, line in enumerate(lines) if SHORT < len(line) <= self._longest]
        for places, prefilter in ((short, self._for_short), (long, self._for_long)):
            for at, pattern, part in prefilter.candidates([lines[place] for place in places]):
                yield places[at], pattern, part

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
                matches = pattern.matches(view)
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


def _holds(pattern: Pattern, text: str, set_aside: dict[int, int], at: int) -> bool:
    """Whether a pattern matches; one that takes too long does not, and its condition is set aside."""
    try:
        return pattern.holds(text)
    except TimeoutError:
        set_aside[pattern.condition] = at
        return False
