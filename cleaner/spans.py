"""Arithmetic of half-open ranges of code points; nothing here knows what a document is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range ``start <= i < end`` of code points of one text."""

    start: int
    end: int


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same points as sorted, non-empty spans that neither overlap nor touch.

    >>> merge([Span(5, 9), Span(0, 2), Span(2, 4), Span(7, 8), Span(3, 3)])
    [Span(start=0, end=4), Span(start=5, end=9)]
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def complement(spans: Iterable[Span], length: int) -> list[Span]:
    """What of ``0 <= i < length`` no span covers, as sorted, non-empty spans.

    >>> complement([Span(2, 4), Span(8, 10)], 10)
    [Span(start=0, end=2), Span(start=4, end=8)]
    """
    gaps: list[Span] = []
    at = 0
    for span in merge(spans):
        if span.start >= length:
            break
        if span.start > at:
            gaps.append(Span(at, span.start))
        at = span.end
    if at < length:
        gaps.append(Span(at, length))
    return gaps


def clip(span: Span, within: Span) -> Span | None:
    """The part of ``span`` that lies in ``within``, or None when that is empty.

    >>> clip(Span(2, 9), Span(5, 20))
    Span(start=5, end=9)
    >>> clip(Span(2, 5), Span(5, 20)) is None
    True
    """
    start, end = max(span.start, within.start), min(span.end, within.end)
    return Span(start, end) if start < end else None


def line_spans(text: str) -> list[Span]:
    r"""The lines of a text, each with its line end; together they are the whole text.

    Lines end at ``\n`` only: ``str.splitlines`` would also cut at U+0085, which stands inside mojibake. A text that ends in
    ``\n`` has no empty line after it.

    >>> line_spans("a\r\n\nb")
    [Span(start=0, end=3), Span(start=3, end=4), Span(start=4, end=5)]
    """
    spans: list[Span] = []
    at = 0
    for line in text.split("\n"):
        end = at + len(line) + 1
        spans.append(Span(at, end))
        at = end
    # The last line has no line end, and where the text ends in one there is none.
    last = spans.pop()
    return [*spans, Span(last.start, len(text))] if last.start < len(text) else spans
