"""Text in the columns of a terminal, where letters of Chinese, Japanese and Korean take two, and accents of their own none."""

from __future__ import annotations

import shutil
import unicodedata
from typing import TextIO


def columns(text: str) -> int:
    """How many columns a text takes.

    >>> columns("tide"), columns("潮"), columns("e\u0301")
    (4, 2, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def cut(text: str, width: int) -> str:
    """As much of a text as fits, with a sign where it does not.

    >>> cut("google cta", 7), cut("潮の満ち引き", 7), cut("tide", 4)
    ('google…', '潮の満…', 'tide')
    """
    if columns(text) <= width:
        return text
    taken, at = 0, 0
    while at < len(text) and taken + _columns_of(text[at]) <= width - 1:
        taken += _columns_of(text[at])
        at += 1
    return text[:at] + "…"


def folded(text: str, width: int, indent: str, hang: str = "") -> list[str]:
    """A text in rows of a width: broken at blanks where that leaves half a row at least, else anywhere.

    Args:
        text: without line ends.
        width: columns of a row, its indent included.
        indent: what every row begins with.
        hang: what all rows but the first begin with besides.

    >>> folded("one two three", 9, "  "), folded("潮の満ち引き", 7, "", " ")
    (['  one two', '  three'], ['潮の満', ' ち引き'])
    """
    rows: list[str] = []
    left, head = text.strip(), indent
    while columns(left) > (room := max(2, width - columns(head))):
        at, taken = 0, 0
        while taken + _columns_of(left[at]) <= room:
            taken += _columns_of(left[at])
            at += 1
        blank = left.rfind(" ", 0, at + 1)
        at = blank if 2 * blank >= at else at
        rows.append(head + left[:at].rstrip())
        left, head = left[at:].lstrip(), indent + hang
    return [*rows, head + left]


def on_terminal(text: str, stream: TextIO) -> str:
    """A text whose rows are as wide as the terminal that it goes to, broken between words; as it is where there is none."""
    if not stream.isatty():
        return text
    width = max(40, shutil.get_terminal_size((80, 24)).columns)
    rows = (folded(line, width, " " * (len(line) - len(line.lstrip())), "  ") for line in text.split("\n"))
    return "\n".join(row for own in rows for row in own)


def _columns_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
