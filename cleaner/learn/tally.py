"""How many of a site's pages hold each of its lines, in memory that does not grow with their number.

First all lines are counted in a sketch, which never counts too little; then those that may repeat often enough are counted exactly.
A line counts once a page, blanks and case folded, and once more as what it is without its numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cleaner.learn.numbers import numbers_masked
from cleaner.rules.fold import fold_blanks

_LEAST_CELLS, _MOST_CELLS = 1 << 12, 1 << 22
"""Cells of each of the sketch's two rows: 64 MB at most for both."""
_SHIFT = 32
"""Bits of a hash that the other row does not look at."""
_CARRIERS = 4
"""Pages that are remembered for each line: enough to look at it closely where the sample misses it."""
LONGEST = 600
"""Code points of a line above which it is not counted: nobody's furniture is as long, and what repeats in it is found inside it."""

Texts = Callable[[], Iterator[str]]


@dataclass(slots=True)
class Count:
    """A line that repeats.

    Attributes:
        pages: how many hold it.
        carriers: places, among the pages that were counted, of the first ones.
    """

    pages: int = 0
    carriers: list[int] = field(default_factory=list)


def views_of(text: str) -> list[str]:
    """The lines that are not blank, blanks folded."""
    return [view for line in text.split("\n") if (view := fold_blanks(line))]


def keys_of(views: Sequence[str]) -> set[str]:
    """What is counted of a page.

    >>> sorted(keys_of(["Read MORE", "Page 7"]))
    ['page 0', 'page 7', 'read more']
    """
    folded = {view.casefold() for view in views if len(view) <= LONGEST}
    return folded | {numbers_masked(view) for view in folded}


def tally(texts: Texts, pages: int, least: int) -> dict[str, Count]:
    """The lines that at least ``least`` pages hold, with their counts.

    Args:
        texts: gives the texts of the pages from the first on, whenever it is asked.
        pages: how many there are.
        least: 2 or more.
    """
    sketch = _Sketch(pages)
    for text in texts():
        sketch.add(keys_of(views_of(text)))
    found: dict[str, Count] = {}
    for place, text in enumerate(texts()):
        for key in sketch.frequent(sorted(keys_of(views_of(text))), least):
            count = found.setdefault(key, Count())
            count.pages += 1
            if len(count.carriers) < _CARRIERS:
                count.carriers.append(place)
    return {key: count for key, count in sorted(found.items()) if count.pages >= least}


class _Sketch:
    """Counts that are never too small, and too large only where keys meet in both rows."""

    def __init__(self, pages: int) -> None:
        self._mask = min(_MOST_CELLS, max(_LEAST_CELLS, 1 << (128 * pages).bit_length())) - 1
        self._one, self._other = (array("L", bytes(array("L").itemsize * (self._mask + 1))) for _ in range(2))

    # Python's own hash differs from process to process: what it decides here is only what is counted exactly later.

    def add(self, keys: Iterable[str]) -> None:
        """Counts keys, each once."""
        one, other, mask = self._one, self._other, self._mask
        for key in keys:
            code = hash(key)
            one[code & mask] += 1
            other[(code >> _SHIFT) & mask] += 1

    def frequent(self, keys: Iterable[str], least: int) -> Iterator[str]:
        """The keys that may have been counted so often."""
        one, other, mask = self._one, self._other, self._mask
        for key in keys:
            code = hash(key)
            if one[code & mask] >= least and other[(code >> _SHIFT) & mask] >= least:
                yield key
