"""What a pattern needs: strings of which every match holds one, and where; and which of several are most worth looking for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FAR = 10**9
"""Code points: more than any line that patterns are tried on; what is added to it, is as far."""
_COMMON = frozenset(" .,:;!?'\"’“”…()/–-")
"""Signs that every text is full of."""
LEAST = 1.5
"""What strings must be worth to be looked for."""
_NEAR, _BONUS = 4, 2.0
"""Code points from a line's beginning within which little stands, and what that is worth."""
_SHORT = 3
"""Code points of a string up to which it matters what they are."""


@dataclass(frozen=True, slots=True)
class Needles:
    """What every match of a pattern, or of a part of it, holds.

    Attributes:
        strings: case folded; one of them at least.
        reach: the most code points before it in the part; of a pattern, in its line. From ``FAR`` on: any number.
        rest: the most code points from its beginning to the end of the part; of a pattern, of its line. From ``FAR`` on: any number.
        line: in which of the lines that the pattern reads it stands; None: in any of them.
        forms: how the strings are written, where case counts; empty: in any case.
        also: strings, case folded, of which its line must hold one besides; empty: nothing is known.
        digit: whether its line must hold a digit of any script.
    """

    strings: frozenset[str]
    reach: int
    rest: int
    line: int | None = 0
    forms: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    digit: bool = False


def worth_of(found: Needles | None) -> float:
    """How rare what it names is in texts: by its shortest string, and of short ones by that of which texts hold most.

    Of ``. `` every text is full, of ``ap`` less, and of the sign for copyright hardly any has one; 1.5 is worth looking for.
    """
    if found is None:
        return 0
    shortest = min(map(len, found.strings))
    if shortest > _SHORT:
        return shortest
    return min(_rarity(string) for string in found.strings if len(string) <= _SHORT)


def _rarity(string: str) -> float:
    return min(_SHORT, sum([0.5 if char in _COMMON else 1 if char.isalnum() else 2 for char in string]))


def _bonus(found: Needles, worth: float) -> float:
    """What it is worth besides where it must stand near the line's beginning."""
    return _BONUS if found.reach <= _NEAR and worth >= LEAST else 0.0


def better(one: Needles | None, other: Needles | None) -> Needles | None:
    """That which is worth more; of equals that with fewer strings, or the first."""
    return best_of([found for found in (one, other) if found is not None], placed=False)


def best_of(several: Sequence[Needles], *, placed: bool) -> Needles | None:
    """That which is worth most; of equals that with fewest strings. ``placed``: what stands at the line's beginning is rarer there."""
    best: Needles | None = None
    most = 0.0
    for found in several:
        worth = worth_of(found)
        if placed:
            worth += _bonus(found, worth)
        if worth > most or (best is not None and worth == most and len(found.strings) < len(best.strings)):
            best, most = found, worth
    return best
