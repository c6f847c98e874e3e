"""Patterns that can take for ever: found by trying each on lines made to mislead it, with a time limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from time import perf_counter

import regex

from cleaner.rules.fold import fold_blanks
from cleaner.rules.matcher import window

LIMIT = 0.5
"""Seconds on one line from which a pattern is too slow: a sound one takes less than a thousandth of it."""
_CUTS = 6
_PUMPS = ("a", "a ", "A a ", "0", "0,", " .", "-")
"""What nested repetition stumbles over, again and again."""
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{)")
_WITHOUT_END = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})")
_STOP = "\u0001!"
"""No pattern ends with it, so that whatever could match must be tried."""


def too_slow(pattern: str, examples: Sequence[str], max_length: int) -> str | None:
    r"""What a pattern takes too long for, or None.

    Args:
        pattern: a ``regex`` pattern.
        examples: lines it matches.
        max_length: code points of the longest line it is tried on.

    >>> too_slow(r"^Read more(?: .{3,60})?$", ["Read more about it"], 80) is None
    True
    >>> too_slow(r"^Tags: (?:\w{2,9}(?: \w{2,9}){0,3} ){1,12}$", ["Tags: Harbour Crane"], 200) is None
    False
    """
    if not may_be_slow(pattern):
        return None
    compiled = regex.compile(pattern)
    for line in _lines(pattern, examples, max_length):
        begun = perf_counter()
        try:
            compiled.search(line, timeout=LIMIT)
        except TimeoutError:
            return line
        if perf_counter() - begun >= LIMIT:
            return line
    return None


def may_be_slow(pattern: str) -> bool:
    r"""Whether it repeats what repeats, or repeats without end three times: no other pattern takes long.

    >>> may_be_slow(r"^(?:\w+ ?)+:$"), may_be_slow(r"^Read more(?: .{3,60})?$")
    (True, False)
    """
    return bool(_REPEATED_GROUP.search(pattern)) or len(_WITHOUT_END.findall(pattern)) >= 3


def _lines(pattern: str, examples: Sequence[str], max_length: int) -> Iterator[str]:
    limit = min(max_length, 1000)
    count = window(pattern)
    for example in dict.fromkeys(["", *_views(examples)]):
        cuts = sorted({round(len(example) * share / _CUTS) for share in range(_CUTS + 1)})
        for cut in cuts:
            own = example[max(0, cut - 3) : cut]
            for pump in (*_PUMPS, *([own] if own.strip() else [])):
                room = limit - len(example) - len(_STOP)
                if room > 8:
                    line = example[:cut] + (pump * (room // len(pump) + 1))[:room] + example[cut:] + _STOP
                    yield "\n".join([line] * count)


def _views(examples: Sequence[str]) -> list[str]:
    return [fold_blanks(line) for example in examples[:2] for line in example.split("\n") if line.strip()][:3]
