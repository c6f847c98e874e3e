"""Words for people."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "page"), count(2000, "page")
    ('1 page', '2,000 pages')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
