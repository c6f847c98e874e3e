"""Passages, tokens, shingle hashes, signatures: held against slow, plain re-tellings of what the docstrings say."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.dedup.minhash import PERMUTATIONS
from cleaner.dedup.passages import kept_lines, passages
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.sketch import SHINGLE, WINDOW, sketch
from cleaner.dedup.tokens import tokenize
from cleaner.document import Document, Layout, Removal, Source, Unit
from cleaner.errors import UsageError
from cleaner.spans import Span
from cleaner.wrapping import hard_wrapped

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15
BOTH = frozenset(Unit)


def mix(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & MASK
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ (value >> 33)


def token_hash(token: str) -> int:
    return mix(sum(mix((ord(character) + (place + 1) * STEP) & MASK) for place, character in enumerate(token)) & MASK)


def shingle_hash(tokens: tuple[str, ...]) -> int:
    value = 0
    for token in tokens:
        value = (value * STEP + token_hash(token)) & MASK
    return mix(value)


def shingles(text: str) -> list[tuple[str, ...]]:
    tokens = re.findall(r"\w+", text.casefold())
    return [tuple(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1)]


def document(text: str, *gaps: tuple[int, int], name: str = "a.txt") -> Document:
    removals = tuple(Removal(Span(*gap), text.count("\n", 0, gap[0]) + 1, Layout()) for gap in gaps)
    return Document(Source(name), text, removals=removals)


WORDS = st.sampled_from(
    [
        "the",
        "The",
        "of",
        "Straße",
        "ÉCOLE",
        "naïve",
        "don't",
        "7,5",
        "κόσμος",
        "мир",
        "—",
        "a_b",
        "x",
        "x",
        "y",
        "z",
        "...",
        "court’s",
        "ministers",
    ]
)
LINES = st.lists(WORDS, max_size=30).map(" ".join)


@settings(deadline=None)
@given(st.lists(LINES, max_size=6))
def test_hashes_are_those_the_docstring_tells(lines: list[str]) -> None:
    found = sketch([document("\n".join(lines))], DuplicateSettings(units=BOTH), across=True)
    long = [line for line in lines if len(re.findall(r"\w+", line)) >= 8]
    assert found.passages is not None
    assert found.documents is not None
    assert [found.passages.shingles(place).tolist() for place in range(len(found.passages))] == [
        sorted({shingle_hash(shingle) & 0xFFFFFFFF for shingle in shingles(line)}) for line in long
    ]
    whole = "\n".join(lines)
    expected = (
        [sorted({shingle_hash(shingle) & 0xFFFFFFFF for shingle in shingles(whole)})]
        if len(re.findall(r"\w+", whole)) >= 8
        else []
    )
    assert [found.documents.shingles(place).tolist() for place in range(len(found.documents))] == expected


def test_signatures_are_datasketch_s_bit_for_bit() -> None:
    from datasketch import MinHash

    rng = np.random.default_rng(5)
    lines = [" ".join(f"word{number}" for number in rng.integers(0, 500, size)) for size in (8, 9, 30, 60, 400)]
    units = sketch([document("\n".join(lines))], DuplicateSettings(signatures=True), across=True).passages
    assert units is not None
    assert units.signatures is not None
    assert units.signatures.dtype == np.uint32
    assert units.signatures.shape == (len(lines), PERMUTATIONS)
    for line, signature in zip(lines, units.signatures, strict=True):
        expected = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda shingle: shingle_hash(shingle) & 0xFFFFFFFF)
        for shingle in shingles(line):
            expected.update(shingle)
        assert np.array_equal(signature, expected.hashvalues)


def test_prints_are_the_least_hashes_of_all_windows() -> None:
    rng = np.random.default_rng(6)
    lines = [" ".join(f"word{number}" for number in rng.integers(0, 500, size)) for size in (8, 9, 60)]
    units = sketch([document("\n".join(lines))], DuplicateSettings(), across=True).passages
    assert units is not None
    for place, line in enumerate(lines):
        hashes = [shingle_hash(shingle) for shingle in shingles(line)]
        least = {min(hashes[at : at + WINDOW]) >> 32 for at in range(len(hashes) - WINDOW + 1)}
        assert set(units.prints[units.print_offsets[place] : units.print_offsets[place + 1]].tolist()) == least


def test_a_sketch_does_not_depend_on_how_the_texts_are_chunked(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"line {number} of a text that is long enough to be compared" for number in range(50))
    whole = sketch([document(text)], DuplicateSettings(units=BOTH), across=True)
    monkeypatch.setattr("cleaner.dedup.tokens._CHUNK", 100)
    parts = sketch([document(text)], DuplicateSettings(units=BOTH), across=True)
    for one, other in ((whole.passages, parts.passages), (whole.documents, parts.documents)):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.hashes, other.hashes)
        assert np.array_equal(one.signatures, other.signatures)


def test_sketches_can_be_sent_between_processes() -> None:
    made = sketch([document("one two three four five six seven eight nine")], DuplicateSettings(), across=True)
    back = pickle.loads(pickle.dumps(made))
    assert np.array_equal(made.passages.hashes, back.passages.hashes)


@pytest.mark.parametrize(
    ("text", "tokens", "quarters"),
    [
        ("Don't panic, a_b: 7.5 %", 6, 24),
        ("東京都庁はカタカナ", 9, 18),
        ("สวัสดีครับ", 10, 10),
        ("NATO と 日本", 4, 10),
        ("", 0, 0),
        ("Ωμέγα \ud800 end", 2, 8),
    ],
)
def test_tokens_and_length(text: str, tokens: int, quarters: int) -> None:
    found = tokenize([text])
    assert (found.counts.tolist(), found.quarters.tolist()) == ([tokens], [quarters])


def test_units_under_eight_words_are_not_compared() -> None:
    units = sketch(
        [document("one two three four five six seven\none two three four five six seven eight")], DuplicateSettings(), across=True
    )
    assert units.passages is not None
    assert units.passages.lines.tolist() == [[2, 2]]


def test_a_document_alone_needs_no_datasketch() -> None:
    code = (
        "import sys; from cleaner.document import Document, Source; from cleaner.dedup.settings import DuplicateSettings\n"
        "assert 'numpy' not in sys.modules\n"
        "from cleaner.dedup.sketch import sketch; from cleaner.dedup.fold import Fold\n"
        "d = Document(Source('a'), 'one two three four five six seven eight nine\\n' * 2); s = DuplicateSettings()\n"
        "assert len(Fold(s).add_all([d], sketch([d], s, across=False))[0].duplicates) == 1; assert 'datasketch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@settings(deadline=None)
@given(st.text(alphabet="ab \n\r", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=4))
def test_every_kept_character_stands_in_one_passage(text: str, cuts: list[tuple[int, int]]) -> None:
    gaps = [(start, min(len(text), start + size)) for start, size in cuts if start < len(text)]
    made = document(text, *gaps)
    assert "".join(text[start:end] for line in kept_lines(made) for start, end in line.pieces) == made.clean_text
    found = passages(made)
    assert re.sub(r"\s", "", "".join(passage.text for passage in found)) == re.sub(r"\s", "", made.clean_text)
    for passage in found:
        cut = text[passage.span.start : passage.span.end]
        assert cut
        assert cut == cut.strip()
        assert text.count("\n", 0, passage.span.start) + 1 == passage.line


def test_a_gap_inside_a_line_is_not_part_of_its_passage() -> None:
    made = document("  left right \nnext\n", (4, 6), (7, 9))
    assert [(tuple(passage.span), passage.text) for passage in passages(made)] == [((2, 12), "le ght"), ((14, 18), "next")]


WRAPPED = """\
the committee said on Tuesday that it would not publish its report
before the end of the year, since two of its five members had asked
for more time and the others saw no reason to hurry, as one of them
put it to reporters outside the building. A decision is due in May.

Nobody had expected that, and the minister was said to be surprised
at how little the committee had done since it was set up in spring,
although she had been told in June that it was late with everything
and had no money left.
"""


def test_hard_wrapped_text_is_taken_by_paragraph() -> None:
    found = passages(document("The Committee's Report\n\n" + WRAPPED))
    assert [(passage.line, passage.last) for passage in found] == [(1, 1), (3, 6), (8, 11)]
    assert "its report before the end" in found[1].text


def test_paragraphs_may_be_parted_by_indents_or_removed_lines() -> None:
    lines = WRAPPED.split("\n")
    indented = "\n".join(["  " + lines[0], *lines[1:4], "  " + lines[5], *lines[6:9]]) + "\n"
    assert [(passage.line, passage.last) for passage in passages(document(indented))] == [(1, 4), (5, 8)]
    second = len(lines[0]) + 1
    gone = document(WRAPPED + "\n" + WRAPPED, (second, second + len(lines[1]) + 1))
    assert [(passage.line, passage.last) for passage in passages(gone)][:3] == [(1, 1), (3, 4), (6, 9)]


@pytest.mark.parametrize(
    "lines",
    [
        ["Minister Says Nothing of Note at Long-Awaited Meeting in Geneva"] * 20,
        ["Der Minister sagt nichts Neues beim lang erwarteten Treffen in Genf."] * 20,
        ["short lines of verse that go on", "in lower case and never reach", "the width at which a line breaks"] * 8,
        ["a whole paragraph on one line, in lower case and without a full stop, " * 5] * 20,
        ["one line of wrapping length that is followed by a blank line always", ""] * 20,
        ["one and the same line stands here again and again and again"] * 20,
        [f"{'an item of a list without any capital and without a stop'}{' more' * (row % 5)}" for row in range(20)],
        [],
    ],
)
def test_what_only_looks_hard_wrapped(lines: list[str]) -> None:
    assert not hard_wrapped(lines)


def test_settings_name_all_faults_at_once() -> None:
    with pytest.raises(UsageError, match=r"threshold is 1\.2.*containment is 0.*units is empty"):
        DuplicateSettings(threshold=1.2, containment=0, units=frozenset())
    with pytest.raises(UsageError, match="keep-longest"):
        DuplicateSettings(policy=Policy.KEEP_LONGEST)
