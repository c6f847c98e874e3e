"""What is kept of a document, cut into passages: a line each, or a paragraph each where the text is hard-wrapped.

Every kept character that is not white space stands in exactly one passage, and a passage's span is trimmed of surrounding white
space. What a rule took out of the middle of a line is not part of the passage's text, though its span reaches over the gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from cleaner.document import Document
from cleaner.spans import Span, clip, line_spans

WRAP_COLUMNS = range(55, 86)
"""Lengths, in code points, at which mail programs, wire services and ``fmt`` break a line."""
_MIN_JOINTS = 5
"""Fewer pairs of adjacent lines than this tell nothing about wrapping."""
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*$")


class Passage(NamedTuple):
    """One passage.

    Attributes:
        span: code points of the document's text, from the first to behind the last kept one that is not white space.
        line: its first line, from 1.
        last: its last line.
        text: what is kept of it, without any line feed: lines of a paragraph are parted by a blank.
    """

    span: Span
    line: int
    last: int
    text: str


class KeptLine(NamedTuple):
    """What of one line is kept: its number, from 1, and sorted spans, none when the whole line is gone."""

    number: int
    pieces: list[Span]


def kept_lines(document: Document) -> Iterator[KeptLine]:
    r"""Every line of a document, in order, with what of it no removal covers, its line end included.

    >>> from cleaner.document import Document, Layout, Removal, Source
    >>> document = Document(Source("a.txt"), "one\ntwo\n", removals=(Removal(Span(2, 4), 1, Layout()),))
    >>> [(line.number, [tuple(piece) for piece in line.pieces]) for line in kept_lines(document)]
    [(1, [(0, 2)]), (2, [(4, 8)])]
    """
    kept, at = document.kept_spans, 0
    for number, line in enumerate(line_spans(document.text), 1):
        pieces: list[Span] = []
        while at < len(kept) and kept[at].start < line.end:
            if kept[at].start <= line.start and line.end <= kept[at].end:
                pieces = [line]
            elif piece := clip(kept[at], line):
                pieces.append(piece)
            if kept[at].end > line.end:
                break
            at += 1
        yield KeptLine(number, pieces)


def passages(document: Document) -> list[Passage]:
    r"""The passages of what is kept of a document, in order; blank lines are none.

    >>> from cleaner.document import Document, Source
    >>> [(tuple(passage.span), passage.line, passage.text) for passage in passages(Document(Source("a.txt"), "  Title \n\nBody."))]
    [((2, 7), 1, 'Title'), ((10, 15), 3, 'Body.')]
    """
    lines = [_passage(document.text, line) for line in kept_lines(document)]
    if hard_wrapped([line.text if line else "" for line in lines]):
        return [_joined(group) for group in _paragraphs(lines, document.text)]
    return [line for line in lines if line]


def _passage(text: str, line: KeptLine) -> Passage | None:
    """What is kept of a line, trimmed; None when that is blank."""
    kept = "".join([text[start:end] for start, end in line.pieces])
    trimmed = kept.strip()
    if not trimmed:
        return None
    pieces = (
        [piece for piece in line.pieces if not text[piece.start : piece.end].isspace()] if len(line.pieces) > 1 else line.pieces
    )
    first, last = pieces[0], pieces[-1]
    start = first.end - len(text[first.start : first.end].lstrip())
    end = last.start + len(text[last.start : last.end].rstrip())
    return Passage(Span(start, end), line.number, line.number, trimmed)


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
    joints = [(upper, lower) for upper, lower in pairwise(lines) if upper and lower]
    filled = sum(1 for line in lines if line)
    if len(joints) < _MIN_JOINTS or 2 * len(joints) < filled:
        return False
    width = max((len(upper) for upper, _ in joints if len(upper) in WRAP_COLUMNS), default=0)
    return 2 * sum(_goes_on(upper, lower, width) for upper, lower in joints) > len(joints)


def _goes_on(upper: str, lower: str, width: int) -> bool:
    """Whether a sentence runs over the end of a full line into the next; ``width`` is that of full lines, in code points."""
    if len(upper) not in WRAP_COLUMNS or upper == lower or _SENTENCE_END.search(upper):
        return False
    if not lower[0].isalpha() or lower[0].isupper():
        return False
    return len(upper) + 1 + len(lower.split(maxsplit=1)[0]) > width


def _paragraphs(lines: Sequence[Passage | None], text: str) -> Iterator[list[Passage]]:
    """Lines of hard-wrapped text, grouped: blank lines part them, and an indented line or one after a short last line begins anew."""
    for filled, run in groupby(lines, key=bool):
        if not filled:
            continue
        paragraph: list[Passage] = []
        for line in run:
            if line and paragraph and _begins(paragraph[-1], line, text):
                yield paragraph
                paragraph = []
            if line:
                paragraph.append(line)
        yield paragraph


def _begins(above: Passage, line: Passage, text: str) -> bool:
    """Whether a line begins a paragraph of its own although no blank line stands above it."""
    if len(above.text) < WRAP_COLUMNS.start and _SENTENCE_END.search(above.text):
        return True
    return _indent(line, text) > _indent(above, text)


def _indent(line: Passage, text: str) -> int:
    """How far a line's text stands from the start of the line, in code points."""
    return line.span.start - (text.rfind("\n", 0, line.span.start) + 1)


def _joined(group: Sequence[Passage]) -> Passage:
    """Adjacent lines as one passage."""
    span = Span(group[0].span.start, group[-1].span.end)
    return Passage(span, group[0].line, group[-1].last, " ".join(line.text for line in group))
