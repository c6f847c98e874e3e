"""Arithmetic of spans, held against sets of points."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from cleaner.spans import Span, clip, complement, line_spans, merge

spans = st.builds(Span, st.integers(0, 30), st.integers(0, 30))


def points(several: list[Span]) -> set[int]:
    return {at for span in several for at in range(span.start, span.end)}


def is_canonical(several: list[Span]) -> bool:
    """Sorted, non-empty, neither overlapping nor touching."""
    return all(span.start < span.end for span in several) and all(a.end < b.start for a, b in itertools.pairwise(several))


@given(st.lists(spans))
def test_merge_keeps_the_points(several: list[Span]) -> None:
    merged = merge(several)
    assert points(merged) == points(several)
    assert is_canonical(merged)
    assert merge(reversed(several)) == merged


@given(st.lists(spans), st.integers(0, 40))
def test_complement_is_the_rest(several: list[Span], length: int) -> None:
    rest = complement(several, length)
    assert points(rest) == set(range(length)) - points(several)
    assert is_canonical(rest)


@given(spans, spans)
def test_clip_is_what_both_hold(one: Span, other: Span) -> None:
    both = points([one]) & points([other])
    clipped = clip(one, other)
    assert (points([clipped]) if clipped else set()) == both
    assert clip(other, one) == clipped


@given(st.text(alphabet="ab\r\n\x85\u2028\x0b\x1c"))
def test_lines_are_the_whole_text_and_end_at_newlines_only(text: str) -> None:
    pieces = [text[start:end] for start, end in line_spans(text)]
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") for piece in pieces[:-1])
    assert all("\n" not in piece[:-1] and piece for piece in pieces)
