r"""How lines are written: counts over their characters, taken for all lines of several documents at once in NumPy.

Nothing here knows a language: letter case, digits, punctuation, blanks, and how long a line is. In scripts written without blanks
a character counts as half a word.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.evidence.stretches import Bools, Floats, Ints, Stretches

UPPER, LOWER, ALPHA, DIGIT, BLANK, SPACELESS = 1, 2, 4, 8, 16, 32
WORD, ENDS, CLOSES, QUOTE, PARTS, COMMA, COLON, SIGN = (64 << bit for bit in range(8))
"""What a character is: bits that may stand together."""
LETTER = 1 << 14
"""What patterns of lines count among words: letters, and numerals that are no decimal digits."""
_KNOWN = 1 << 15
"""Set once it is known what a character is."""
MARGIN = 4
"""Line feeds before the first and behind the last unit, so that every character of a unit has neighbours."""
_SIGNS = {
    ENDS: ".!?\u3002\uff01\uff1f\u2026\u061f\u06d4\u0964\u0965\u104b",
    CLOSES: "\"'\u201d\u2019\u00bb)]\uff09\u300d\u300f\u203a\u201c\u300b\u3011",
    QUOTE: '"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f',
    PARTS: "|\u2022\u00b7/\u00bb>\u25b6\u203a",
    COMMA: ",;\uff0c\u3001\u060c\u061b",
    COLON: ":\uff1a",
    SIGN: "@#\u00a9\u00ae",
}
_SPACELESS_RANGES = ((0x3041, 0x3100), (0x3400, 0xA000), (0x0E01, 0x0E5C), (0x1000, 0x10A0), (0xFF66, 0xFFA0), (0x20000, 0x40000))
"""Kana, Han, Thai, Burmese: scripts written without blanks between words."""


def kind_of(character: str) -> int:
    r"""What a character is, as a sum of bits.

    >>> kind_of("A") == UPPER | ALPHA | WORD | LETTER, kind_of("7") == DIGIT | WORD, kind_of(",") == COMMA
    (True, True, True)
    """
    kind = sum(bit for bit, signs in _SIGNS.items() if character in signs)
    if character.isspace():
        return kind | BLANK
    if character.isalpha():
        kind |= ALPHA | WORD | (UPPER if character.isupper() else LOWER if character.islower() else 0)
    elif character.isdecimal():
        kind |= DIGIT | WORD
    elif character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M":
        kind |= WORD
    if character.isalnum() and not character.isdecimal():
        kind |= LETTER
    point = ord(character)
    if any(first <= point < stop for first, stop in _SPACELESS_RANGES) and kind & WORD:
        kind |= SPACELESS
    return kind


@dataclass(frozen=True, slots=True, eq=False)
class Characters:
    """The characters of all units of some documents, end to end, a line feed between them, and ``MARGIN`` line feeds around them.

    Attributes:
        stretches: which units are those of which document.
        lower: the text in lower case; as long as the text itself.
        lower_points: its code points, shape (n,), uint32.
        points: those of the text, shape (n,), uint32.
        kinds: what each is, shape (n,), uint16.
        unit: index of the unit each stands in, shape (n,); a line feed stands in the unit before it.
        starts: where each unit begins, shape (units,).
        ends: behind its last character.
        tallied: UPPER, LOWER, ALPHA, DIGIT and SPACELESS characters of each unit, shape (5, units).
    """

    stretches: Stretches
    lower: str
    lower_points: NDArray[np.uint32]
    points: NDArray[np.uint32]
    kinds: NDArray[np.uint16]
    unit: NDArray[np.int32]
    starts: Ints
    ends: Ints
    tallied: Floats

    def count(self, places: Ints) -> Floats:
        """How many of these characters stand in each unit."""
        return np.bincount(self.unit[places], minlength=len(self.starts)).astype(np.float64)

    def holds(self, places: Ints) -> Floats:
        """1 for every unit in which one of these characters stands, else 0."""
        found = np.zeros(len(self.starts))
        found[self.unit[places]] = 1.0
        return found

    def where(self, bits: int) -> Ints:
        """Places of the characters of one of these kinds."""
        return np.flatnonzero(self.kinds & bits)

    def documents(self) -> list[tuple[int, int]]:
        """Where the characters of each document begin, and behind its last one."""
        bounds = self.stretches.bounds
        return list(zip(self.starts[bounds[:-1]].tolist(), self.ends[bounds[1:] - 1].tolist(), strict=True))


class Reader:
    """Characters of documents; remembers what each character is, so that it is looked up once."""

    def __init__(self) -> None:
        self._kinds = np.zeros(sys.maxunicode + 1, np.uint16)

    def __reduce__(self) -> tuple[type[Reader], tuple[()]]:
        """What it remembers does not travel between processes."""
        return Reader, ()

    def read(self, texts: Sequence[str], stretches: Stretches) -> Characters:
        """The characters of units; there is at least one."""
        margin = "\n" * MARGIN
        text = margin + "\n".join(texts) + margin
        # The one letter whose lower case is longer than itself.
        lower = text.replace("\u0130", "i").replace("\u2019", "'").lower()
        points = _points(text)
        kinds = self._kinds_of(points)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(lengths + 1) + (MARGIN - 1)
        held = lengths + 1
        held[0] += MARGIN
        held[-1] += MARGIN - 1
        unit = np.repeat(np.arange(len(texts), dtype=np.int32), held)
        starts = ends - lengths
        # The line feed behind a unit is none of these.
        tallied = [np.add.reduceat((kinds & bit) != 0, starts, dtype=np.int32) for bit in (UPPER, LOWER, ALPHA, DIGIT, SPACELESS)]
        return Characters(
            stretches, lower, _points(lower), points, kinds, unit, starts, ends, np.stack(tallied).astype(np.float64)
        )

    def _kinds_of(self, points: NDArray[np.uint32]) -> NDArray[np.uint16]:
        kinds = self._kinds.take(points)
        unknown = points[kinds == 0]
        if len(unknown):
            for point in set(unknown.tolist()):
                self._kinds[point] = kind_of(chr(point)) | _KNOWN
            kinds = self._kinds.take(points)
        return kinds


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Block(NamedTuple):
    """Features of all lines.

    Attributes:
        names: of the features.
        rows: their values, shape (features, lines).
    """

    names: tuple[str, ...]
    rows: Floats

    def columns(self) -> dict[str, Floats]:
        """The values by name."""
        return dict(zip(self.names, self.rows, strict=True))


def block(columns: Mapping[str, Floats | Ints | Bools]) -> Block:
    """Features that were made one by one; there is at least one."""
    return Block(tuple(columns), np.concatenate(list(columns.values()), dtype=np.float64).reshape(len(columns), -1))
