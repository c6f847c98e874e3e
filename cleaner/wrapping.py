"""Whether the line ends of a text are those of its paragraphs, or only mean that a line was full; and where its paragraphs begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

WRAP_COLUMNS = range(55, 86)
"""Lengths, in code points, at which mail programs, wire services and ``fmt`` break a line."""
_MIN_JOINTS = 5
"""Fewer pairs of adjacent lines than this tell nothing about wrapping."""
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*$")


class Row(NamedTuple):
    """A line as wrapping sees it: its trimmed text, "" when it is blank or gone, and how far it is indented, in code points."""

    text: str
    indent: int


def hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether a line end of this text mostly means only that the line was full.

    A joint is a line directly followed by another. It looks wrapped when the upper line is of wrapping length, ends within a sentence
    and had no room for the first word of the lower one, which goes on without a capital. The text is hard-wrapped when most joints
    look so and at least every second line is the upper one of a joint. A list of headlines is the trap: its lines have the length
    and no full stop, but they begin with capitals and end anywhere; another is one line that repeats.

    Args:
        lines: trimmed lines, in order; "" for one that is blank or gone.

    >>> wrapped = ["the committee said on Tuesday that it would not publish the", "report this year, since some of its members had asked for"] * 4
    >>> hard_wrapped(wrapped)
    True
    >>> hard_wrapped([line.title() for line in wrapped])
    False
    """
    # Quickly told of most texts: more than half of the joints would have an upper line of such a length.
    if sum([len(line) in WRAP_COLUMNS for line in lines]) <= _MIN_JOINTS // 2:
        return False
    joints = [(upper, lower) for upper, lower in pairwise(lines) if upper and lower]
    filled = sum(1 for line in lines if line)
    if len(joints) < _MIN_JOINTS or 2 * len(joints) < filled:
        return False
    width = max((len(upper) for upper, _ in joints if len(upper) in WRAP_COLUMNS), default=0)
    return 2 * sum(_goes_on(upper, lower, width) for upper, lower in joints) > len(joints)


def paragraphs(rows: Sequence[Row]) -> Iterator[range]:
    """The paragraphs of hard-wrapped text, as ranges of rows.

    Blank lines part them, and an indented line or one after a short last line begins anew.

    >>> list(paragraphs([Row("One", 0), Row("and on.", 0), Row("", 0), Row("Two", 0), Row("Three", 2)]))
    [range(0, 2), range(3, 4), range(4, 5)]
    """
    first = 0
    for number, row in enumerate(rows):
        above = rows[number - 1] if number else Row("", 0)
        if row.text and above.text and _begins(above, row):
            yield range(first, number)
            first = number
        elif not row.text:
            if above.text:
                yield range(first, number)
            first = number + 1
    if rows and rows[-1].text:
        yield range(first, len(rows))


def _goes_on(upper: str, lower: str, width: int) -> bool:
    """Whether a sentence runs over the end of a full line into the next; ``width`` is that of full lines, in code points."""
    if len(upper) not in WRAP_COLUMNS or upper == lower or _SENTENCE_END.search(upper):
        return False
    if not lower[0].isalpha() or lower[0].isupper():
        return False
    return len(upper) + 1 + len(lower.split(maxsplit=1)[0]) > width


def _begins(above: Row, row: Row) -> bool:
    """Whether a line begins a paragraph of its own although no blank line stands above it."""
    if len(above.text) < WRAP_COLUMNS.start and _SENTENCE_END.search(above.text):
        return True
    return row.indent > above.indent
