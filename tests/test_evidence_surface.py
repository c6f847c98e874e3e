"""How lines are written: characters, tokens, and the shape of lines, each against a slow reading of the same text."""

from __future__ import annotations

import itertools
import pickle
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.evidence.shape import End, Start, shape
from cleaner.evidence.stretches import Stretches
from cleaner.evidence.surface import (
    ALPHA,
    BLANK,
    CLOSES,
    COLON,
    COMMA,
    DIGIT,
    ENDS,
    LOWER,
    PARTS,
    QUOTE,
    SPACELESS,
    UPPER,
    WORD,
    Characters,
    Reader,
)
from cleaner.evidence.tokens import Tokens, WordList, tokens_of, words_of
from cleaner.evidence.units import Units

SIGNS = "aZé\u0130ßñЖж7٣०_’'\"“”„«»()[].,;:!?…。、！？؟।-–/|•@#©\u0301ー東京ไทยကか한😀 \t\u00a0"
LINES = st.lists(
    (st.text(SIGNS, max_size=12) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
    .map(lambda text: text.replace("\n", " ").strip())
    .filter(bool),
    min_size=1,
    max_size=6,
)


def units(lines: Sequence[str]) -> Units:
    """Lines as a document."""
    count = len(lines)
    zero, numbers = np.zeros(count, np.int64), np.arange(1, count + 1)
    return Units(list(lines), zero, zero, numbers, numbers, zero, zero, np.array([count]), np.array([False]))


READER = Reader()
"""One that has read much before."""


def read(*lines: str, reader: Reader | None = None) -> Characters:
    return (reader or Reader()).read(lines, Stretches.of(np.array([len(lines)])))


def tokens(*lines: str) -> Tokens:
    characters = read(*lines)
    return tokens_of(characters, words_of(characters))


def names_of(lines: Sequence[str], found: Tokens) -> list[str]:
    """The word of each token of some lines."""
    lower, names = read(*lines).lower, [""] * len(found.name)
    for token, start, end in zip(found.ids.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True):
        assert names[token] in ("", lower[start:end]), "equal tokens have equal words"
        names[token] = lower[start:end]
    return names


def shape_of(*lines: str) -> dict[str, list[float]]:
    made = units(lines)
    return {name: column.tolist() for name, column in shape(read(*lines, reader=READER), made)[0].columns().items()}


# -- what a character is, slowly


def upper(sign: str) -> bool:
    return sign.isalpha() and sign.isupper()


def lower(sign: str) -> bool:
    return sign.isalpha() and sign.islower()


def word(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or unicodedata.category(sign).startswith("M")


def spaceless(sign: str) -> bool:
    ranges = ("ぁ\u30ff", "㐀\u9fff", "ก๛", "က႟", "ｦﾟ", "\U00020000\U0003ffff")
    return word(sign) and any(first <= sign <= last for first, last in ranges)


SLOW: dict[int, Callable[[str], bool]] = {
    UPPER: upper,
    LOWER: lower,
    ALPHA: str.isalpha,
    DIGIT: str.isdecimal,
    BLANK: str.isspace,
    WORD: word,
    SPACELESS: spaceless,
    ENDS: lambda sign: sign in ".!?。！？…؟۔।॥။",
    CLOSES: lambda sign: sign in "\"'”’»)]）」』›“》】",
    QUOTE: lambda sign: sign in '"“”„«»「」『』',
    PARTS: lambda sign: sign in "|•·/»>▶›",
    COMMA: lambda sign: sign in ",;，、،؛",
    COLON: lambda sign: sign in ":：",
}


# -- characters


def parts(found: Characters) -> list[slice]:
    """Where each line stands."""
    return [slice(start, end) for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True)]


def test_characters_stand_end_to_end_with_line_feeds_between_and_around() -> None:
    found = read("Añb", "x", "東京")
    text = "".join(map(chr, found.points))
    assert text.strip("\n") == "Añb\nx\n東京"
    assert [text[part] for part in parts(found)] == ["Añb", "x", "東京"]
    assert [set(found.unit[part].tolist()) for part in parts(found)] == [{0}, {1}, {2}]
    # A line feed belongs to the line it ends.
    assert [found.unit[end] for end in found.ends.tolist()] == [0, 1, 2]


def test_lower_case_is_as_long_as_the_text_and_apostrophes_are_one() -> None:
    found = read("İSTANBUL’da", "ẞ ǅ ΟΔΟΣ ’", "\U00010400")
    assert [found.lower[part] for part in parts(found)] == ["istanbul'da", "ß ǆ οδος '", "\U00010428"]
    assert "".join(map(chr, found.lower_points)) == found.lower


@given(LINES)
@example(["İ’İ", "ŉǰΐ ﬁ"])
def test_lower_case_is_as_long_as_any_text(lines: list[str]) -> None:
    found = read(*lines)
    assert len(found.lower) == len(found.lower_points) == len(found.points) == len(found.kinds) == len(found.unit)
    for line, part in zip(lines, parts(found), strict=True):
        assert "".join(map(chr, found.points[part])) == line
        # A final sigma depends on what stands beside the line.
        assert found.lower[part].replace("ς", "σ") == line.replace("\u0130", "i").replace("’", "'").lower().replace("ς", "σ")


@given(LINES)
def test_kinds_are_those_of_the_slow_reading(lines: list[str]) -> None:
    found = read(*lines)
    for bit, holds in SLOW.items():
        places = set(found.where(bit).tolist())
        for line, part in zip(lines, parts(found), strict=True):
            assert [place in places for place in range(part.start, part.stop)] == list(map(holds, line)), bit


@given(LINES)
def test_counts_are_those_of_the_slow_reading(lines: list[str]) -> None:
    found = read(*lines)
    for bit, holds in SLOW.items():
        if bit == BLANK:
            continue  # Line feeds are blanks, and they belong to lines too.
        counts = [sum(map(holds, line)) for line in lines]
        assert found.count(found.where(bit)).tolist() == counts
        assert found.holds(found.where(bit)).tolist() == [min(count, 1) for count in counts]


@given(st.lists(LINES, min_size=2, max_size=4))
def test_a_reader_that_has_read_other_texts_reads_the_same(texts: list[list[str]]) -> None:
    for lines in texts:
        assert read(*lines, reader=READER).kinds.tolist() == read(*lines).kinds.tolist()


def test_a_reader_travels_between_processes() -> None:
    reader = Reader()
    read("東京", reader=reader)
    other = pickle.loads(pickle.dumps(reader))
    assert read("東京 a", reader=other).kinds.tolist() == read("東京 a", reader=reader).kinds.tolist()


def test_lone_surrogates_are_characters_like_others() -> None:
    found = read("a\ud800b")
    assert [found.points[part].tolist() for part in parts(found)] == [[0x61, 0xD800, 0x62]]
    assert len(found.points) == len(found.lower)


# -- tokens


def slow_tokens(lines: Sequence[str]) -> list[tuple[str, int, bool]]:
    """Name, line, and whether it begins with a capital, of each token."""
    found: list[tuple[str, int, bool]] = []
    for number, line in enumerate(lines):
        at = 0
        while at < len(line):
            end = at
            while end < len(line) and word(line[end]) and not spaceless(line[end]):
                end += 1
            if end > at:
                found.append((line[at:end], number, upper(line[at])))
            elif spaceless(line[at]) and at + 1 < len(line) and spaceless(line[at + 1]):
                found.append((line[at : at + 2], number, False))
            at = max(end, at + 1)
    return found


@given(LINES)
@example(["東京a東京駅", "ก", "a\u0301b e\u0301", "İi’s"])
def test_tokens_are_those_of_the_slow_reading(lines: list[str]) -> None:
    found = tokens(*lines)
    names, slow = names_of(lines, found), slow_tokens(lines)
    assert [names[token] for token in found.ids.tolist()] == [name.replace("\u0130", "i").lower() for name, _, _ in slow]
    assert found.unit.tolist() == [line for _, line, _ in slow]
    assert found.capital.tolist() == [capital for _, _, capital in slow]
    assert len(set(names)) == len(names)
    assert set(found.ids.tolist()) == set(range(len(names)))


@given(st.lists(LINES, min_size=1, max_size=4))
@example([["東京a東京駅 a"], ["a"], ["東京", "a"]])
def test_documents_share_no_token_and_each_has_its_own(documents: list[list[str]]) -> None:
    every = [line for lines in documents for line in lines]
    characters = Reader().read(every, Stretches.of(np.array(list(map(len, documents)))))
    together, slow = tokens_of(characters, words_of(characters)), [tokens(*lines) for lines in documents]
    owner = characters.stretches.owner[together.unit]
    assert together.document[together.ids].tolist() == owner.tolist()
    for number, alone in enumerate(slow):
        first = np.searchsorted(together.document, number)
        assert (together.ids[owner == number] - first).tolist() == alone.ids.tolist()
        assert together.spelled[together.name[together.document == number]].tolist() == alone.spelled[alone.name].tolist()


@given(st.lists(st.text(st.characters(categories=["L", "N", "M"]), min_size=1, max_size=9), min_size=1), st.data())
def test_words_of_a_list_have_its_numbers(words: list[str], data: st.DataObject) -> None:
    made = tokens(*words)
    names = names_of(words, made)
    listed = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    found = WordList({name: number for number, name in enumerate(listed, 1)}).numbers(made)
    assert found.tolist() == [listed.index(name) + 1 if name in listed else 0 for name in names]


def test_tokens() -> None:
    lines = ["The café’s 3rd x_y", "the CAFE\u0301", "東京都へ go"]
    found = tokens(*lines)
    assert [names_of(lines, found)[token] for token in found.ids] == [
        *("the", "café", "s", "3rd", "x_y"),
        *("the", "cafe\u0301"),
        *("東京", "京都", "都へ", "go"),
    ]
    assert found.unit.tolist() == [0] * 5 + [1] * 2 + [2] * 4
    assert np.flatnonzero(found.capital).tolist() == [0, 6]


def test_pairs_never_reach_over_a_line_end_and_one_foreign_sign_is_no_token() -> None:
    assert len(tokens("東", "京").ids) == 0
    assert len(tokens("!", "…").ids) == 0


# -- shape


def slow_words(line: str) -> float:
    starts = sum(
        not sign.isspace() and (not at or line[at - 1].isspace()) and not spaceless(sign) for at, sign in enumerate(line)
    )
    return starts + sum(map(spaceless, line)) / 2


def slow_shape(line: str) -> dict[str, float]:
    count = {bit: sum(map(holds, line)) for bit, holds in SLOW.items()}
    words = slow_words(line)
    begins = [sign for at, sign in enumerate(line) if not sign.isspace() and (not at or line[at - 1].isspace())]
    cased = count[UPPER] + count[LOWER]
    return {
        "words": words,
        "upper": count[UPPER] / max(cased, 1),
        "all_capitals": float(count[UPPER] >= 3 and not count[LOWER]),
        "lower": count[LOWER] / cased if cased else 1.0,
        "capital_words": sum(map(upper, begins)) / max(sum(map(str.isalpha, begins)), 1),
        "digits": count[DIGIT] / len(line),
        "signs": max(len(line) - count[ALPHA] - count[DIGIT] - count[BLANK], 0) / len(line),
        "question": float(any(sign in "?？؟" for sign in line[-3:])),
        "commas": count[COMMA] / max(words, 1),
        "parts": count[PARTS] / max(words, 1),
        "glued": sum(lower(a) and upper(b) for a, b in itertools.pairwise(line)) / max(words, 1),
        "quotes": count[QUOTE],
        "in_quotes": float(SLOW[QUOTE](line[0]) and SLOW[QUOTE](line[-1])),
        "copyright": float("©" in line or "®" in line),
    }


@given(LINES)
@example(["İA bC", "?a", "...", "“", "©1"])
def test_shapes_are_those_of_the_slow_reading(lines: list[str]) -> None:
    found = shape_of(*lines, "the end.")
    for number, line in enumerate(lines):
        slow = slow_shape(line)
        assert {name: found[name][number] for name in slow} == pytest.approx(slow, abs=1e-12), line


@given(LINES)
@example(["“Yes.”", "No"])
@example(["One.", "Two"])
def test_the_shape_of_a_line_is_its_own_whatever_stands_beside_it(lines: list[str]) -> None:
    found = shape_of(*lines)
    for number, line in enumerate(lines):
        alone = shape_of(line)
        assert {name: column[number] for name, column in found.items()} == {name: column[0] for name, column in alone.items()}


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("a", End.LETTER),
        ("東", End.LETTER),
        ("a.", End.SENTENCE),
        ("a。", End.SENTENCE),
        ("क।", End.SENTENCE),
        ("a!”", End.QUOTED_SENTENCE),
        ('a.")', End.QUOTED_SENTENCE),
        ("a,»", End.QUOTED_SENTENCE),
        ("a...", End.ELLIPSIS),
        ("a…", End.ELLIPSIS),
        ("(a)", End.BRACKET),
        ("a”", End.QUOTE),
        ("a:", End.COLON),
        ("a,", End.COMMA),
        ("a1", End.DIGIT),
        ("a>", End.SIGN),
        (")", End.BRACKET),
        ("..", End.SENTENCE),
    ],
)
def test_how_a_line_ends(line: str, end: End) -> None:
    found = shape_of("x", line)
    assert found["end"][1] == end
    assert found["sentence"][1] == float(end in (End.SENTENCE, End.QUOTED_SENTENCE))


@pytest.mark.parametrize("line", ["a", ".", "東", "”"])
def test_one_character_is_a_document(line: str) -> None:
    assert shape_of(line)["words"] == [slow_words(line)]


@pytest.mark.parametrize("line", ["“It is done.”", 'He said: "No!"', "(It was late.)", "«Oui,»"])
def test_a_quoted_sentence_ends_any_line_and_not_only_the_last(line: str) -> None:
    assert shape_of(line, "Another line")["end"][0] == End.QUOTED_SENTENCE


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("A", Start.CAPITAL),
        ("a", Start.SMALL),
        ("東", Start.CASELESS),
        ("ª", Start.SMALL),
        ("7 a", Start.DIGIT),
        ("“a", Start.QUOTE),
        ("(a", Start.BRACKET),
        ("@a", Start.AT),
        ("• a", Start.BULLET),
        ("- a", Start.BULLET),
        ("😀", Start.SIGN),
        ("…", Start.SIGN),
    ],
)
def test_how_a_line_begins(line: str, start: Start) -> None:
    assert shape_of("x", line)["start"][1] == start


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("One. Two", 1),
        ("One. two", 0),
        ("One.Two", 0),
        ("One.” Two! “Three? 4", 3),
        ("One.  Two", 0),
        ("一。二！三", 2),
        ("One.", 0),
    ],
)
def test_sentence_ends_inside_a_line(line: str, ends: int) -> None:
    assert shape_of(line)["inner_ends"] == [ends]


def test_a_sentence_end_above_is_not_inside_a_line() -> None:
    assert shape_of("One.", "Two", "“Three.”", "Four")["inner_ends"] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "holds", "lacks"),
    [
        ("time", ["at 9:30", "12:05 Uhr", "x 00:00"], ["9:3", "ratio 3: 14", ":30"]),
        (
            "year",
            ["in 1999", "(2024)", "2024年", "昭和5年", "1.2.24", "03/04/2024", "2024-05-06"],
            ["1899", "20245", "120245", "3.50", "1/2"],
        ),
        ("web", ["see https://a.example", "www.a.example", "ftp://x"], ["ww.a", "a: //b", "WWW"]),
        ("mail", ["a@b.example"], ["@b", "a @b", "a@ b"]),
        ("handle", ["@b", "by #tag", "(@b)"], ["a@b", "# x", "C# x"]),
        ("copyright", ["© A", "A®"], ["(c) A"]),
        ("in_quotes", ["“a”", '"a"'], ["“a”.", "a “b”"]),
        ("question", ["Why?", "Why?”", "なぜ？"], ["Why? he said"]),
    ],
)
def test_what_stands_in_a_line(name: str, holds: list[str], lacks: list[str]) -> None:
    assert dict(zip(holds, shape_of(*holds)[name], strict=True)) == dict.fromkeys(holds, 1.0)
    assert dict(zip(lacks, shape_of(*lacks)[name], strict=True)) == dict.fromkeys(lacks, 0.0)
