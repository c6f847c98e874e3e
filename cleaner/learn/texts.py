"""Words for people, and which of many are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def commonest(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """The texts that come most often; of equals those that come first by letters, whatever the order they were seen in.

    >>> commonest(["b", "a", "c", "c"], 2)
    ('c', 'a')
    """
    counts = Counter(texts)
    return tuple(sorted(counts, key=lambda text: (-counts[text], text))[:most])


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "page"), count(2000, "page")
    ('1 page', '2,000 pages')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
