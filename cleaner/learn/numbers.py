r"""What changes in a line that otherwise repeats: numbers, and names of days and months; and the pattern that takes in those seen.

A pattern goes as far as what was seen: a number gets as many digits as its like had, a name of a day the choice of all days once three
different ones were seen, and what never changed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*(?!\d)")
_PARTS = re.compile(r"\d+(?:[.,]\d{3})*(?!\d)|[^\W\d_]+")
_MEANS_MORE = re.compile(r"[\\^$.|?*+()\[\]{}]")
_SEEN_ALL = 3
"""Different names of days or months from which all are taken in."""


def escaped(text: str) -> str:
    r"""A text as a pattern; only what has a meaning in patterns gets a backslash.

    >>> print(escaped("- What's on? (A-Z)"))
    - What's on\? \(A-Z\)
    """
    return _MEANS_MORE.sub(r"\\\g<0>", text)


def numbers_masked(line: str) -> str:
    """The line with every number as 0.

    >>> numbers_masked("7,031 comments at 4:28")
    '0 comments at 0:0'
    """
    return _NUMBER.sub("0", line) if any(map(str.isdigit, line)) else line


class Calendar:
    """Names of days and months.

    Args:
        names: lists of names that stand for each other, in lower case.
    """

    def __init__(self, names: Sequence[Collection[str]] = ()) -> None:
        self._lists = [frozenset(one) for one in names]

    def list_of(self, word: str) -> int | None:
        """Number of the list a word stands in; a capital is asked for, for "may" and "march" are words too."""
        if not word[:1].isupper():
            return None
        lower = word.casefold()
        return next((number for number, names in enumerate(self._lists) if lower in names), None)

    def masked(self, line: str) -> str:
        """The line with every number as 0 and every name as the number of its list in brackets."""

        def mask(found: re.Match[str]) -> str:
            if found[0][0].isdigit():
                return "0"
            number = self.list_of(found[0])
            return found[0] if number is None else f"[{number}]"

        return _PARTS.sub(mask, line)

    def pattern(self, lines: Sequence[str]) -> str:
        r"""What takes in these lines, that are one when masked, and others like them; without anchors.

        >>> Calendar().pattern(["Advertisement 2", "Advertisement 13"])
        'Advertisement \\d{1,2}'
        """
        split = [self._pieces(line) for line in lines]
        return "".join(self._piece([pieces[place] for pieces in split]) for place in range(len(split[0])))

    def _pieces(self, line: str) -> list[str]:
        """What changes, and what stands between."""
        pieces: list[str] = []
        at = 0
        for found in _PARTS.finditer(line):
            if found[0][0].isdigit() or self.list_of(found[0]) is not None:
                pieces += [line[at : found.start()], found[0]]
                at = found.end()
        return [*pieces, line[at:]]

    def _piece(self, seen: Sequence[str]) -> str:
        values = sorted(set(seen))
        if len(values) == 1:
            return escaped(values[0])
        if all(value.isdecimal() for value in values):
            sizes = sorted(set(map(len, values)))
            return _digits(sizes[0], sizes[-1])
        if values[0][0].isdigit():
            most = max(len(re.split(r"[.,]", value)[0]) for value in values)
            return _digits(1, max(3, most)) + r"(?:[.,]\d{3})*"
        numbers = {self.list_of(value) for value in values}
        names = set(values)
        if len(names) >= _SEEN_ALL and len(numbers) == 1:
            listed = self._lists[numbers.pop() or 0]
            same = str.upper if all(map(str.isupper, values)) else str.capitalize
            names |= {same(name) for name in listed if _alike(name, values)}
        return "(?:" + "|".join(map(escaped, sorted(names, key=lambda name: (-len(name), name)))) + ")"


def _digits(least: int, most: int) -> str:
    size = "" if (least, most) == (1, 1) else f"{{{least}}}" if least == most else f"{{{least},{most}}}"
    return rf"\d{size}"


def _alike(name: str, seen: Sequence[str]) -> bool:
    """Whether a name is as short, or as long, as those seen: who writes "Mon" does not write "Tuesday"."""
    return (len(name) <= 4) == (max(map(len, seen)) <= 4)
