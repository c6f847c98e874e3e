"""How sure it is that what repeats is furniture: a sum of few weights, from ``rules/learning/weights.toml``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import median_low

from cleaner.evidence.vocabulary import read_table
from cleaner.learn.finding import Place
from cleaner.rules.load import bundled_folder

_ALONG = 1
"""Lines that a place may lie from the usual one and still be it."""
_EDGE = 3
"""Lines at either end of a page."""


class Scales:
    """The weights; read when first asked."""

    @cached_property
    def _table(self) -> Mapping[str, Mapping[str, float]]:
        return read_table(bundled_folder() / "learning" / "weights.toml")

    def confidence(self, kind: str, **values: float) -> float:
        """How sure it is, 0..1, to three digits.

        Args:
            kind: a table of the file.
            values: what it holds weights of; what is not given is 0.
        """
        weights = self._table[kind]
        total = weights["start"] + sum(weights[name] * value for name, value in values.items() if name in weights)
        return round(1 / (1 + math.exp(-total)), 3)


def fixed(places: Sequence[Place]) -> float:
    """Share of the places within a line of the usual one, from whichever end of the page that is larger.

    >>> fixed([Place(0, 0, 2, 30), Place(1, 1, 2, 9), Place(2, 2, 3, 17)])
    1.0
    """
    return max(_near([place.above for place in places]), _near([place.below for place in places]))


def _near(numbers: Sequence[int]) -> float:
    usual = median_low(numbers)
    return sum(abs(number - usual) <= _ALONG for number in numbers) / len(numbers)


def at_edge(places: Sequence[Place]) -> bool:
    """Whether all places are among the first or last lines of their pages."""
    return all(min(place.above, place.below) < _EDGE for place in places)


def half_log(stories: int) -> float:
    """The logarithm of half the stories."""
    return math.log(stories / 2)
