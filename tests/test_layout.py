"""White space beside what goes: the larger gap stays, edges stay as they were, nothing else moves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import Document, Layout, Removal, RuleFired, Source
from cleaner.layout import Lines, close_gaps
from cleaner.spans import Span, line_spans

CAUSE = RuleFired("p.r", "t")
lines_of_text = st.lists(st.sampled_from(["kept", "gone", "", "", "  ", "\t\u00a0"]), max_size=14)
ends = st.sampled_from(["\n", "\r\n"])


def without_gone(text: str) -> Document:
    """The document with every line that says ``gone`` marked."""
    spans = enumerate(line_spans(text), 1)
    marks = [Removal(span, number, CAUSE) for number, span in spans if text[span.start : span.end].strip() == "gone"]
    return close_gaps(Document(Source("a"), text, removals=tuple(marks)))


def blank_runs(lines: list[str]) -> list[int]:
    """Numbers of blank lines before, between and after the others."""
    runs = [0]
    for line in lines:
        if line.strip():
            runs.append(0)
        else:
            runs[-1] += 1
    return runs


def gaps_expected(lines: list[str]) -> list[int]:
    """What the gaps must be, told from the input alone: a run of gone lines leaves the larger gap beside it."""
    runs, said = blank_runs(lines), [line for line in lines if line.strip()]
    kept = [-1, *(at for at, line in enumerate(said) if line == "kept"), len(said)]
    gaps = []
    for before, after in itertools.pairwise(kept):
        if after == before + 1:
            gaps.append(runs[after])
        elif before < 0:
            gaps.append(runs[0] if after < len(said) else 0)
        elif after == len(said):
            gaps.append(runs[-1])
        else:
            gaps.append(max(runs[before + 1], runs[after]))
    return gaps


@given(lines_of_text, ends, st.booleans())
def test_gaps_are_the_larger_of_those_beside(lines: list[str], end: str, last_end: bool) -> None:
    text = end.join(lines) + (end if last_end and lines else "")
    document = without_gone(text)
    marks = [removal.span for removal in document.removals]
    assert all(a.end <= b.start for a, b in itertools.pairwise(marks))
    lines = [text[start:stop] for start, stop in line_spans(text)]
    left = document.clean_text.split("\n")
    if document.clean_text.endswith("\n") or not document.clean_text:
        left.pop()
    assert blank_runs(left) == gaps_expected([line.strip() for line in lines])
    assert sum(line.strip() == "kept" for line in left) == sum(line.strip() == "kept" for line in lines)
    assert without_gone(document.clean_text).clean_text == document.clean_text
    for removal in document.removals:
        assert line_spans(text)[removal.line - 1] == removal.span
        assert (removal.cause == Layout()) == (not text[removal.span.start : removal.span.end].strip())


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("kept\n\n\ngone\n\nkept\n", "kept\n\n\nkept\n"),
        ("kept\n\ngone\n\n\nkept\n", "kept\n\n\nkept\n"),
        ("kept\ngone\n\nkept\n", "kept\n\nkept\n"),
        ("kept\ngone\nkept\n", "kept\nkept\n"),
        ("kept\n\ngone\n\n\n\ngone\n\nkept\n", "kept\n\nkept\n"),
        ("\ngone\n\n\nkept\n", "\nkept\n"),
        ("gone\n\nkept\n", "kept\n"),
        ("kept\n\ngone\n\n\n", "kept\n\n\n"),
        ("kept\n\ngone", "kept\n"),
        ("kept\ngone", "kept\n"),
        ("\n\ngone\n\n", ""),
        ("kept\n\n \n\nkept", "kept\n\n \n\nkept"),
        ("\n\n", "\n\n"),
        ("", ""),
    ],
)
def test_gaps_by_example(text: str, clean: str) -> None:
    assert without_gone(text).clean_text == clean


def test_nothing_removed_is_the_same_document() -> None:
    document = Document(Source("a"), "\n a \n\n\n b\t\n\n")
    assert close_gaps(document) is document


def test_a_line_of_which_only_blanks_stay_goes_with_its_end() -> None:
    text = "kept\n\n- ad\n\nkept\n"
    document = close_gaps(Document(Source("a"), text, removals=(Removal(Span(6, 7), 3, CAUSE), Removal(Span(8, 10), 3, CAUSE))))
    assert document.clean_text == "kept\n\nkept\n"
    assert [(removal.span, removal.cause) for removal in document.removals if removal.line == 3] == [
        (Span(6, 7), CAUSE),
        (Span(7, 8), Layout()),
        (Span(8, 10), CAUSE),
        (Span(10, 11), Layout()),
    ]


# -- inside a line


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("One. [x] Two.", "One. Two."),
        ("One.  [x] Two.", "One.  Two."),
        ("One. [x]  Two.", "One.  Two."),
        ("One.[x] Two.", "One. Two."),
        ("One [x].", "One ."),
        ("One[x]Two", "OneTwo"),
        ("[x] Two.", "Two."),
        ("  [x] Two.", "  Two."),
        ("One. [x]", "One."),
        ("One. [x]  ", "One.  "),
        ("  [x]   ", "  "),
    ],
)
def test_a_cut_leaves_the_larger_gap(line: str, left: str) -> None:
    (cut,) = Lines(line)
    at = line.index("[x]")
    cut.cut(at, at + 3, [(Span(at, at + 3), CAUSE)])
    assert cut.text == left


@given(
    st.text("ab (\u00a0", min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=5),
    st.booleans(),
)
def test_marks_of_a_line_are_what_was_cut(text: str, cuts: list[tuple[int, int]], gone: bool) -> None:
    document = Document(Source("a"), f"first\n{text}\r\nlast")
    before = Lines(document.text)
    if len(before) < 3:
        return
    line = before[1]
    for start, length in cuts:
        end = min(start + length, len(line.text))
        if start < end:
            middle = (start + end) // 2
            line.cut(start, end, [(Span(start, middle), CAUSE), (Span(middle, end), RuleFired("p.s", "t"))])
    kept = [
        (offset, line.text[at])
        for at in range(len(line.text))
        for mark in line.marks_of(at, at + 1, CAUSE)
        for offset in [mark.span.start]
    ]
    assert all(document.text[offset] == char for offset, char in kept), "offsets stay true"
    removals = sorted(line.removals(CAUSE if gone else None), key=lambda removal: removal.span)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(removals))
    assert all(removal.line == 2 and removal.span.start < removal.span.end for removal in removals)
    left = Document(Source("a"), document.text, removals=tuple(removals)).clean_text
    assert left == ("first\nlast" if gone else f"first\n{line.text}\r\nlast")


def test_only_lines_with_something_on_them_are_looked_at() -> None:
    lines = Lines("\n a \r\n\u2028\n\x85b")
    assert [(line.number, line.span, line.text) for line in lines] == [(2, Span(1, 6), " a "), (4, Span(8, 10), "\x85b")]
