"""One pattern of a rule: how many lines it reads, and the search itself, with a time limit where one may be needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import regex

from cleaner.rules.literals import is_quick

TIME_LIMIT = 5.0
"""Seconds one pattern may take on one line before its rule is set aside; the last resort."""
_TOKEN = regex.compile(r"\\.|\n|\[\^?\]?(?:\\.|[^\]\\])*\]", regex.DOTALL)
"""An escape, a line end, or a whole character class: a line end in a class is none that a pattern must read."""


def window(pattern: str) -> int:
    r"""How many consecutive lines a pattern reads: one more than the line ends written in it.

    >>> window(r"^(.+)\nPhoto: [^\n]*\n\1$")
    3
    """
    if "\\n" not in pattern and "\n" not in pattern:  # most patterns: read at once
        return 1
    return 1 + sum(token in ("\\n", "\n") for token in _TOKEN.findall(pattern))


def phrase_pattern(literal: str) -> str:
    r"""The pattern of a literal phrase: its words, any blanks between them, case ignored, never part of a longer word.

    >>> phrase_pattern("Read more")
    '(?i)(?<!\\w)Read\\s+more(?!\\w)'
    """
    words = r"\s+".join(regex.escape(word) for word in literal.split())
    before = r"(?<!\w)" if literal.strip()[:1].isalnum() else ""
    after = r"(?!\w)" if literal.strip()[-1:].isalnum() else ""
    return f"(?i){before}{words}{after}"


class Pattern:
    """One pattern, compiled when first needed.

    Args:
        source: as the rule has it.
        condition: number of the condition it belongs to.
        max_length: code points of the longest line it is tried on.
        time_limit: seconds for one search.

    Attributes:
        lines: how many consecutive lines it reads.
    """

    __slots__ = ("_compiled", "_search", "condition", "lines", "max_length", "source", "time_limit")

    def __init__(self, source: str, condition: int, max_length: int, time_limit: float = TIME_LIMIT) -> None:
        self.source = source
        self.condition = condition
        self.max_length = max_length
        self.time_limit = time_limit
        self.lines = window(source)
        self._compiled: regex.Pattern[str] | None = None
        self._search: Callable[[str], Any] = self._first_search

    def holds(self, text: str) -> bool:
        """Whether it matches somewhere in a text of the length it is meant for.

        Raises:
            TimeoutError: it takes too long.
        """
        return self._search(text) is not None

    def matches(self, text: str) -> list[regex.Match[str]]:
        """Everything in a line that it matches.

        Raises:
            TimeoutError: it takes too long.
        """
        return list(self._ready().finditer(text, timeout=self.time_limit))

    def _ready(self) -> regex.Pattern[str]:
        if self._compiled is None:
            self._compiled = regex.compile(self.source)
        return self._compiled

    def _first_search(self, text: str) -> regex.Match[str] | None:
        """Compiles it, and finds out whether the clock has to be watched: that costs several times as much as most searches."""
        search = self._ready().search
        quick = is_quick(self.source, (self.max_length + 1) * self.lines)
        self._search = search if quick else partial(search, timeout=self.time_limit)
        return self._search(text)

    def __reduce__(self) -> tuple[type[Pattern], tuple[str, int, int, float]]:
        return Pattern, (self.source, self.condition, self.max_length, self.time_limit)
