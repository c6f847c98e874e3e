"""What is kept of a document, cut into passages: a line each, or a paragraph each where the text is hard-wrapped.

Every kept character that is not white space stands in exactly one passage, and a passage's span is trimmed of surrounding white
space. What a rule took out of the middle of a line is not part of the passage's text, though its span reaches over the gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cleaner.document import Document
from cleaner.spans import Span, clip, line_spans
from cleaner.wrapping import Row, hard_wrapped, paragraphs


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
    lines = _lines(document)
    if hard_wrapped([line.text if line else "" for line in lines]):
        rows = [Row(line.text, _indent(line, document.text)) if line else Row("", 0) for line in lines]
        return [_joined([line for line in lines[one.start : one.stop] if line]) for one in paragraphs(rows)]
    return [line for line in lines if line]


def _lines(document: Document) -> list[Passage | None]:
    """What is kept of each line, trimmed; None where that is blank. Most lines are kept or gone as a whole, and those are quickly told."""
    found: list[Passage | None] = []
    text = document.text
    kept = [*document.kept_spans, Span(len(text) + 1, len(text) + 1)]  # behind the last one no line ever comes
    at = start = 0
    low, high = kept[0]
    for number, row in enumerate(text.split("\n"), 1):
        end = start + len(row)
        while high <= start:
            at += 1
            low, high = kept[at]
        if not row or low >= end:
            found.append(None)
        elif low <= start and end <= high:
            trimmed = row.strip()
            first = start if trimmed is row else end - len(row.lstrip())
            found.append(Passage(Span(first, first + len(trimmed)), number, number, trimmed) if trimmed else None)
        else:
            line = Span(start, min(end + 1, len(text)))
            pieces = []
            for place in range(at, len(kept)):
                if kept[place].start >= line.end:
                    break
                pieces += [piece] if (piece := clip(kept[place], line)) else []
            found.append(_passage(text, KeptLine(number, pieces)))
        start = end + 1
    return found


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


def _indent(line: Passage, text: str) -> int:
    """How far a line's text stands from the start of the line, in code points."""
    return line.span.start - (text.rfind("\n", 0, line.span.start) + 1)


def _joined(group: Sequence[Passage]) -> Passage:
    """Adjacent lines as one passage."""
    span = Span(group[0].span.start, group[-1].span.end)
    return Passage(span, group[0].line, group[-1].last, " ".join(line.text for line in group))
