"""What is judged: a line; in hard-wrapped text a paragraph; in a document without line ends a sentence."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from cleaner.spans import Span
from cleaner.wrapping import Row, hard_wrapped, paragraphs

_LONG_LINE = 400
"""Code points above which the one line of a document is taken for all of its text, and cut into sentences."""
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’»)]?\s+(?=[^\sa-z])|(?<=[。！？])(?![」』”])|(?<=[।؟۔])\s*")


class Unit(NamedTuple):
    """What is judged as one.

    Attributes:
        text: trimmed; lines of a paragraph are parted by a blank.
        span: code points of the document's text; whole lines with their line ends, or a sentence with the blanks behind it.
        line: its first line, from 1.
        last: its last line.
        indent: how far it is indented, in code points.
        above: blank lines directly above it.
    """

    text: str
    span: Span
    line: int
    last: int
    indent: int
    above: int


class Units(NamedTuple):
    """The units of a document, in order; ``sentences`` tells that they are those of its one line."""

    units: list[Unit]
    sentences: bool


def units_of(text: str) -> Units:
    r"""What of a text is judged: every line that is not blank, or what stands for lines in it.

    >>> [unit.text for unit in units_of("  One \n\nTwo\n").units]
    ['One', 'Two']
    """
    lines = text.split("\n")
    trimmed = [line.strip() for line in lines]
    filled = [number for number, line in enumerate(trimmed) if line]
    starts = list(accumulate(lines, lambda start, line: start + len(line) + 1, initial=0))
    if len(filled) == 1 and len(trimmed[filled[0]]) > _LONG_LINE:
        return Units(_sentences(text, _span(text, starts, filled[0], filled[0] + 1), filled[0] + 1), sentences=True)
    units: list[Unit] = []
    behind = 0
    for first, stop in _groups(lines, trimmed) if hard_wrapped(trimmed) else [(one, one + 1) for one in filled]:
        joined = trimmed[first] if stop == first + 1 else " ".join(trimmed[first:stop])
        units.append(Unit(joined, _span(text, starts, first, stop), first + 1, stop, _indent(lines[first]), first - behind))
        behind = stop
    return Units(units, sentences=False)


def _span(text: str, starts: list[int], first: int, stop: int) -> Span:
    return Span(starts[first], min(starts[stop], len(text)))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _groups(lines: list[str], trimmed: list[str]) -> list[tuple[int, int]]:
    """The paragraphs of hard-wrapped text: their first lines, and behind their last ones."""
    rows = [Row(text, _indent(line) if text else 0) for line, text in zip(lines, trimmed, strict=True)]
    return [(group.start, group.stop) for group in paragraphs(rows)]


def _sentences(text: str, span: Span, line: int) -> list[Unit]:
    units: list[Unit] = []
    start = span.start
    for end in [*(match.end() for match in _SENTENCE.finditer(text, span.start, span.end)), span.end]:
        if sentence := text[start:end].strip():
            units.append(Unit(sentence, Span(start, end), line, line, 0, 0))
            start = end
    return units
