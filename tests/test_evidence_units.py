"""What is judged as one: lines, paragraphs of hard-wrapped text, sentences of a text without line ends."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.evidence.units import Unit, Units, units_of
from cleaner.spans import line_spans

ARTICLES = Path(__file__).parent / "golden" / "article"
WRAPPED = """\
The harbour board met on Tuesday and found that the old crane, which
had stood at the northern pier since the war, was no longer safe for
anyone who had to work beneath it, and that the town would have to
pay for another one before the winter.
  The board will meet again in the spring to hear what the engineers
have to say about the pier itself, which is nearly as old as it is.

It thanked the crew of the crane for all that it had done for the
town in the sixty years that it had been at work there.
"""
PIECES = [
    "A word. ",
    "Two!\n",
    " ",
    "\n",
    "\t",
    "\r\n",
    "end.” Then",
    "。",
    "「何。」",
    "क।",
    "x" * 70,
    "\u00a0",
    "\u2028",
    "\x85",
    "…",
    "“So?” he asked. ",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=30).map("".join)


class Read(NamedTuple):
    """The units of one document."""

    units: list[Unit]
    sentences: bool


def split(units: Units) -> list[Read]:
    """The units of each document."""
    every = [units.unit(place) for place in range(len(units.texts))]
    bounds = [0, *np.cumsum(units.sizes).tolist()]
    return [
        Read(every[first:stop], sentences)
        for first, stop, sentences in zip(bounds, bounds[1:], units.sentences.tolist(), strict=False)
    ]


def read(text: str) -> Read:
    return split(units_of([text]))[0]


def texts_of(text: str) -> list[str]:
    return [unit.text for unit in read(text).units]


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n \r\n", "\u00a0\n\u3000"])
def test_blank_documents_have_no_units(text: str) -> None:
    assert read(text).units == []
    assert not read(text).sentences


def test_lines_are_trimmed_and_know_where_they_stand() -> None:
    text = "\n  One \r\n\n\n\tTwo\nThree"
    found = read(text)
    assert not found.sentences
    assert [tuple(unit[2:]) for unit in found.units] == [(2, 2, 2, 1), (5, 5, 1, 2), (6, 6, 0, 0)]
    assert [unit.text for unit in found.units] == ["One", "Two", "Three"]
    assert [text[slice(*unit.span)] for unit in found.units] == ["  One \r\n", "\tTwo\n", "Three"]


def test_paragraphs_of_hard_wrapped_text_are_one_unit() -> None:
    found = read(WRAPPED)
    assert not found.sentences
    assert [(unit.line, unit.last, unit.indent, unit.above) for unit in found.units] == [(1, 4, 0, 0), (5, 6, 2, 0), (8, 9, 0, 1)]
    assert found.units[1].text == " ".join(line.strip() for line in WRAPPED.split("\n")[4:6])
    assert [WRAPPED[slice(*unit.span)].count("\n") for unit in found.units] == [4, 2, 2]


def test_headlines_of_wrapping_length_stay_lines() -> None:
    text = "\n".join(line.strip().title() for line in WRAPPED.split("\n"))
    assert len(texts_of(text)) == 8


@pytest.mark.parametrize("name", ["beet-harvest", "de-glashuette", "fr-moulin", "lighthouse-sixty"])
def test_hard_wrapped_articles_have_fewer_units_than_lines(name: str) -> None:
    text = (ARTICLES / f"hard-wrapped-{name}.txt").read_text(encoding="utf-8")
    assert len(read(text).units) < sum(not line.isspace() for line in text.splitlines() if line)


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("one-line-*.txt")), ids=lambda path: path.stem)
def test_one_line_articles(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = read(text)
    assert found.sentences == (len(text.strip()) > 400)
    assert {(unit.line, unit.last) for unit in found.units} == {(1, 1)}
    if found.sentences:
        assert len(found.units) > 1


def test_one_long_line_is_cut_into_sentences() -> None:
    parts = ["It rained.  ", "“Why?” ", "she asked! ", "Nobody knew… ", "3 came. ", "e.g. this one stays. "]
    text = "".join(parts) + "Filler without an end " * 20
    found = read(f"\n  {text}\n\n")
    assert found.sentences
    # A sentence ends where a new one can begin: not before a small letter.
    assert [unit.text for unit in found.units][:5] == [
        "It rained.",
        "“Why?” she asked!",
        "Nobody knew…",
        "3 came. e.g. this one stays.",
        text[text.index("Filler") :].strip(),
    ]
    assert {unit.line for unit in found.units} == {2}


def test_sentences_of_scripts_with_full_stops_of_their_own() -> None:
    assert texts_of("船が出た。「もう一度。」と彼は言った。" * 30)[:2] == ["船が出た。", "「もう一度。」と彼は言った。"]
    assert texts_of("नाव चली गई। वह रुका। " * 30)[:2] == ["नाव चली गई।", "वह रुका।"]


def test_a_document_of_one_short_line_and_one_of_two_long_ones_are_not_cut() -> None:
    assert not read("One. Two. Three.").sentences
    long = "One. Two. Three. " * 40
    assert texts_of(f"{long}\n{long}") == [long.strip()] * 2


@given(TEXTS)
@example(WRAPPED)
@example("A. B! " * 100)
@example(" \x1c " + "A. B! " * 100 + " \n")
def test_every_character_that_is_not_blank_is_in_one_span(text: str) -> None:
    found = read(text)
    covered = [0] * len(text)
    for unit in found.units:
        for place in range(*unit.span):
            covered[place] += 1
    assert all(times == 1 for times, sign in zip(covered, text, strict=True) if not sign.isspace())
    assert max(covered, default=0) <= 1


@given(TEXTS)
@example("A. B! " * 100)
@example(WRAPPED)
def test_units_are_trimmed_text_of_their_spans_in_order(text: str) -> None:
    found = read(text)
    lines = line_spans(text)
    for unit in found.units:
        assert unit.text
        assert unit.text == unit.text.strip()
        part = text[slice(*unit.span)]
        assert unit.text == " ".join(line.strip() for line in part.split("\n")).strip()
        assert 1 <= unit.line <= unit.last <= len(lines)
        if found.sentences:
            assert lines[unit.line - 1].start <= unit.span.start <= unit.span.end <= lines[unit.line - 1].end
        else:
            assert unit.span == (lines[unit.line - 1].start, lines[unit.last - 1].end)
    assert all(upper.span.end <= lower.span.start for upper, lower in zip(found.units, found.units[1:], strict=False))


@given(TEXTS)
@example(WRAPPED)
def test_blank_lines_above_and_lines_of_units_make_all_lines(text: str) -> None:
    found = read(text)
    if found.sentences or not found.units:
        return
    behind = 0
    for unit in found.units:
        assert unit.line == behind + unit.above + 1
        behind = unit.last
    assert not "".join(text[start:end] for start, end in line_spans(text)[behind:]).strip()


@given(st.lists(TEXTS, max_size=5))
@example(["", "A. B! " * 100, WRAPPED, "x", "\n", "A. B! " * 100])
def test_units_of_several_texts_are_those_of_each(texts: list[str]) -> None:
    if texts:
        assert split(units_of(texts)) == list(map(read, texts))


@given(st.lists(TEXTS, min_size=1, max_size=5), st.data())
def test_units_of_some_documents_only(texts: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    found = split(units_of(texts).only(np.array(chosen)))
    assert found == [read(text) for text, one in zip(texts, chosen, strict=True) if one]
