"""Which strings a pattern cannot match without: the prefilter that lets thousands of rules cost little.

``required`` reads a ``regex`` pattern and answers with a set of strings of which every match holds at least one, or None when it
cannot tell; ``needles`` also says where they stand. Both are conservative: what they do not understand they take for "anything".
``regex`` alone decides what matches; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf

from cleaner.rules.fold import fold_case
from cleaner.rules.needles import FAR, LEAST, Needles, better, worth_of
from cleaner.rules.pieces import BRACKETS, GROUP, LINE, QUANTIFIER, Known, Piece, Reader, UnreadableError, groups_of

_SHORT = 3
"""What folded strings are worth up to which it is tried how they are written."""
_MOST_ALSO = 12
"""Strings that are worth looking for one by one."""
_CAPITAL = 1
"""What a capital is worth: most letters are small."""
_EDGE = 2
"""Code points from the edge of a line where even a common sign tells something; these do not:"""
_EVERYWHERE = frozenset(" .,'’")
_FEW = 1e6
"""Ways to match that are tried in much less than a second."""
_LINE_ENDS = ("\\n", "\n")
_BEGINS_WITH_LINE = re.compile(r"(?:\(\?i\))?\^")
_ENDS_WITH_LINE = re.compile(r"(?:.*[^\\])?(?:\\\\)*\$", re.DOTALL)


def required(pattern: str, known: Known | None = None) -> frozenset[str] | None:
    r"""Strings, case folded, of which every match of ``pattern`` holds at least one; None when none can be told.

    Args:
        pattern: a ``regex`` pattern.
        known: as for ``needles``.

    >>> sorted(required(r"^(?i:sign up|subscribe) (?:now )?for .{3,40}$"))
    ['sign up for ', 'sign up now for ', 'subscribe for ', 'subscribe now for ']
    >>> required(r"^\d+$") is None
    True
    """
    found = _folded_needles_of(pattern, {} if known is None else known)
    return found.strings if found else None


def needles(pattern: str, known: Known | None = None) -> Needles | None:
    r"""What every match of ``pattern`` holds, and where; of all its lines the best.

    Args:
        pattern: a ``regex`` pattern; one that reads several lines is only matched with as many lines as it must read.
        known: what was read of the groups of other patterns, to be shared among many: most hold the same lists of words.

    >>> found = needles(r"^\W{0,3}By [A-Z].{3,9}$")
    >>> found.strings, found.reach, found.rest, found.forms
    (frozenset({'by '}), 3, 13, frozenset({'By '}))
    >>> needles(r"By [A-Z]").reach == FAR
    True
    >>> found = needles(r"^By [A-Z].{5,30}\n\W?Reporter$")
    >>> found.strings, found.line
    (frozenset({'reporter'}), 1)
    """
    known = {} if known is None else known
    lines = _lines_of(pattern)
    if lines is None:
        found = _needles_of(pattern, known)
        return found and Needles(found.strings, FAR, FAR, None, found.forms)
    # What says that case does not count may stand before another line, or around several.
    read = _folded_needles_of if len(lines) > 1 and "(?i" in pattern else _needles_of
    best: Needles | None = None
    for number, line in enumerate(lines):
        begin, end = "^" if number else "", "$" if number < len(lines) - 1 else ""
        found = read(begin + line + end, known)
        best = better(best, found and replace(found, line=number))
    return best


def _lines_of(pattern: str) -> list[str] | None:
    r"""The pattern of each line it reads; None when it cannot be told which part of it reads which line.

    All line ends must be read by those written in the pattern, so that nothing else in it can read one, such as ``\s``. But one
    in a choice may be left out, and what looks ahead sees the next line without reading the end of its own.

    >>> _lines_of(r"^a\s(?i:[\n]\nb{2})")
    ['^a\\s[\\n]', 'b{2}']
    >>> _lines_of(r"^a\nb|c(?:\nd)?")
    """
    if not _holds_line_end(pattern):
        return [pattern]
    pattern = _unwrapped(pattern)
    outer = list(_outermost(pattern))
    ends = [found for found in outer if found[0] in _LINE_ENDS]
    inner = len(ends) < sum(found[0] in _LINE_ENDS for found in BRACKETS.finditer(pattern))
    if inner or any(found[0] == "|" for found in outer) or (ends and "(?=" in pattern):
        return None
    if any(QUANTIFIER.match(pattern, found.end()) for found in ends):
        return None
    starts, stops = [0, *(found.end() for found in ends)], [*(found.start() for found in ends), len(pattern)]
    return [pattern[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _holds_line_end(pattern: str) -> bool:
    return any(end in pattern for end in _LINE_ENDS)


def _unwrapped(pattern: str) -> str:
    """The pattern without the parentheses of groups that line ends stand in, where they say nothing but of case."""
    brackets: list[tuple[int, int]] = []
    for start, stop in groups_of(pattern).items():
        text = pattern[start:stop]
        opened = GROUP.match(text) if _holds_line_end(text) else None
        if opened is None or opened["looks"] or QUANTIFIER.match(pattern, stop):
            continue
        if all(found[0] != "|" for found in _outermost(text[opened.end() : -1])):
            brackets += [(start, start + opened.end()), (stop - 1, stop)]
    for start, stop in sorted(brackets, reverse=True):
        pattern = pattern[:start] + pattern[stop:]
    return pattern


def _outermost(pattern: str) -> Iterator[re.Match[str]]:
    """The choices, line ends and classes that stand in no group."""
    depth = 0
    for found in BRACKETS.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0 and found[0] != ")":
            yield found


def needs_digit(pattern: str) -> bool:
    r"""Whether every match of ``pattern`` holds what ``\d`` matches; False when it cannot be told.

    >>> needs_digit(r"^(?:\d{1,2}|[a-z]\d) .*$"), needs_digit(r"^\d? .*$")
    (True, False)
    """
    return _read(pattern, {})[0].digit


def is_quick(pattern: str, length: int) -> bool:
    r"""Whether a pattern, tried on a text of so many code points at most, is done long before any time limit: it has few ways to match.

    ``regex`` reads the processor's clock whenever it is given a limit, which costs several times as much as most searches.

    >>> is_quick(r"^(?i:read more|related|see also):? .{3,60}$", 200), is_quick(r"^(?:a|aa)+$", 200)
    (True, False)
    """
    if length > LINE:
        return False
    piece, single, _ = _read(pattern, {})
    return piece.ways * (1 if single and _BEGINS_WITH_LINE.match(pattern) else LINE) <= _FEW


def _needles_of(pattern: str, known: Known) -> Needles | None:
    """What a pattern of one line needs; short strings as they are written, if case counts: "ap" stands in many words, "AP" in few."""
    folded = _folded_needles_of(pattern, known)
    if worth_of(folded) > _SHORT:
        return folded
    written = _placed_needles_of(pattern, known, cased=True)
    if written is None or not all(any(map(str.isupper, form)) for form in written.strings):
        return folded
    forms = replace(written, strings=frozenset(map(fold_case, written.strings)), forms=written.strings)
    if folded is not None and folded.strings != forms.strings:
        forms = replace(forms, also=folded.strings if len(folded.strings) <= _MOST_ALSO else frozenset())
    elif folded is not None:
        forms = replace(forms, also=folded.also)
    return forms if worth_of(forms) + _CAPITAL > worth_of(folded) else folded


def _folded_needles_of(pattern: str, known: Known) -> Needles | None:
    found = _placed_needles_of(pattern, known)
    return found if found is not None and (worth_of(found) >= LEAST or _is_at_edge(found)) else None


def _placed_needles_of(pattern: str, known: Known, *, cased: bool = False) -> Needles | None:
    piece, single, others = _read(pattern, known, cased=cased)
    best = piece.holds
    if best is not None:
        second = max(others, key=worth_of, default=None)
        also = (
            second.strings
            if second is not None and "" not in second.strings and len(second.strings) <= _MOST_ALSO
            else frozenset()
        )
        best = replace(best, digit=piece.digit, also=frozenset() if cased else also)
    begins, ends = _BEGINS_WITH_LINE.match(pattern), _ENDS_WITH_LINE.fullmatch(pattern)
    reach, rest = single and begins, single and ends
    return best and replace(best, reach=best.reach if reach else FAR, rest=best.rest if rest else FAR)


def _is_at_edge(found: Needles) -> bool:
    """Whether it is a sign, not the commonest, at the line's beginning or end, where few lines have it."""
    return min(found.reach, found.rest) <= _EDGE and not any(set(string) <= _EVERYWHERE for string in found.strings)


def _read(pattern: str, known: Known, *, cased: bool = False) -> tuple[Piece, bool, list[Needles]]:
    """The whole pattern, whether it is no choice, and what else it needs; of one that cannot be read, nothing is known."""
    reader = Reader(pattern, known, cased=cased)
    try:
        piece = reader.sequence(placed=_BEGINS_WITH_LINE.match(pattern) is not None)
        if reader.at == len(pattern):
            return piece, True, reader.runs
        reader = Reader(pattern, known, cased=cased)
        piece = reader.alternatives()
    except (UnreadableError, RecursionError):
        return Piece(ways=inf), False, []
    return piece if reader.at >= len(pattern) else Piece(ways=inf), False, []
