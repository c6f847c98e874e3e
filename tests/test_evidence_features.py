"""What evidence weighs: words of classes, where the article stands, what stands around a line, what stands more than once."""

from __future__ import annotations

import math
import pickle
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.errors import RuleFaults
from cleaner.evidence.around import FAR, WINDOWS, neighbours, opener_above, place, since, windows
from cleaner.evidence.article import FURNITURE, GAP, LONGEST, OPENER, PROSE_BONUS, Article, locate, prose
from cleaner.evidence.assessor import evidence_folder
from cleaner.evidence.content import authors, cohesion, lists, names, repetition
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.lexicon import ClassHits, Lexicon
from cleaner.evidence.model import Structure, read_model
from cleaner.evidence.shape import shape
from cleaner.evidence.stretches import Stretches
from cleaner.evidence.surface import Characters, Reader, block
from cleaner.evidence.tokens import Tokens, tokens_of, words_of
from cleaner.evidence.units import Units, units_of
from cleaner.evidence.vocabulary import Vocabulary

CLASSES = ("one", "two")
LEXICON = {
    "en": (
        True,
        {
            "one": {"words": ["a b", "b", "top 10", "été"], "starts": ["b", "read more:"], "lines": ["a b", "b"]},
            "two": {"words": ["don't", "b a"], "lines": ["é"]},
        },
    ),
    "fr": (True, {"two": {"words": ["b"], "starts": ["l’été"]}}),
    "ja": (False, {"one": {"words": ["写真", "b"], "starts": ["写"], "lines": ["写真"]}}),
}
FUNCTION = {"en": ["the", "of", "a"], "fr": ["le", "de", "a"], "ja": ["です", "から"]}
PIECES = [
    "a",
    "b",
    "ab",
    "a b",
    " ",
    "-",
    ".",
    "1",
    "é",
    "été",
    "L’",
    "don't",
    "top 10",
    "Read More:",
    "😀",
    "\u0130",
    "写",
    "写真",
    "です",
]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join).map(str.strip).filter(bool), min_size=1, max_size=5)


def units(lines: Sequence[str]) -> Units:
    """Lines as a document."""
    count = len(lines)
    zero, numbers = np.zeros(count, np.int64), np.arange(1, count + 1)
    return Units(list(lines), zero, zero, numbers, numbers, zero, zero, np.array([count]), np.array([False]))


READER = Reader()
"""One for all tests: a fresh one has all characters to look up."""


def one(lines: Sequence[object]) -> Stretches:
    """Lines as a document."""
    return Stretches.of(np.array([len(lines)]))


def read(lines: Sequence[str]) -> Characters:
    return READER.read(lines, one(lines))


def tokens(*lines: str) -> Tokens:
    characters = read(lines)
    return tokens_of(characters, words_of(characters))


def names_of(lines: Sequence[str], found: Tokens) -> list[str]:
    """The word of each token of some lines."""
    lower, names = read(lines).lower, [""] * len(found.name)
    for token, start, end in zip(found.ids.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True):
        names[token] = lower[start:end]
    return names


def write_lexicon(folder: Path) -> Path:
    (folder / "words").mkdir(parents=True, exist_ok=True)
    (folder / "function.toml").write_text("".join(f"{name} = {words}\n" for name, words in FUNCTION.items()), encoding="utf-8")
    for language, (spaced, classes) in LEXICON.items():
        parts = [f'[lexicon]\nlanguage = "{language}"\nspaced = {str(spaced).lower()}\n']
        parts += [
            f"[{name}]\n" + "".join(f"{part} = {words}\n" for part, words in table.items()) for name, table in classes.items()
        ]
        (folder / "words" / f"{language}.toml").write_text("\n".join(parts), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return Lexicon(write_lexicon(tmp_path_factory.mktemp("lexicon")), CLASSES)


# -- lexicon


def is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or unicodedata.category(sign)[0] == "M"


def slow_hits(lines: Sequence[str], language: str) -> dict[str, list[list[float]]]:
    """What stands in lines, entry by entry and place by place."""
    found = {field: [[0.0] * len(lines) for _ in CLASSES] for field in ("words", "starts", "lines", "last")}
    for spoken in dict.fromkeys((language, "en")):
        spaced, classes = LEXICON[spoken]
        for name, parts in classes.items():
            row = CLASSES.index(name)
            for part, entries in parts.items():
                for entry in entries:
                    for number, line in enumerate(lines):
                        _slow_entry(found, (part, row, number), line, _folded(entry), spaced=spaced)
    for row in found["words"]:
        row[:] = [min(share, 1.0) for share in row]
    return found


def _folded(text: str) -> str:
    return text.replace("\u0130", "i").replace("’", "'").lower()


def _slow_entry(found: dict[str, list[list[float]]], cell: tuple[str, int, int], line: str, entry: str, *, spaced: bool) -> None:
    part, row, number = cell
    text = _folded(line)
    if spaced:
        text, entry = ("".join(sign if is_word(sign) else " " for sign in one) for one in (text, entry))
        entry = entry.strip()
    letters = [at for at, sign in enumerate(line) if sign.isalpha()] or [len(line)]
    first = min((at for at, sign in enumerate(line) if is_word(sign)), default=-1)
    for at in range(len(text) - len(entry) + 1):
        end = at + len(entry)
        bounded = not spaced or (text[at - 1 : at] in ("", " ") and text[end : end + 1] in ("", " "))
        if text[at:end] != entry or not bounded:
            continue
        if part == "words":
            found["words"][row][number] += len(entry) / len(line)
            found["last"][row][number] = max(found["last"][row][number], end / len(line))
        elif part == "starts" and at == first:
            found["starts"][row][number] = 1.0
        elif part == "lines" and at <= letters[0] and end > letters[-1]:
            found["lines"][row][number] = 1.0


def hits_of(lexicon: Lexicon, lines: Sequence[str], language: str) -> ClassHits:
    characters = read(lines)
    return lexicon.hits(characters, words_of(characters), [language])


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@given(lines=TEXTS)
@example(lines=["a", "b"])
@example(lines=["😀 B", "b写真b", "L’été"])
@example(lines=["1. A-B", "b.", "«b» 2"])
def test_words_are_found_where_the_slow_reading_finds_them(lexicon: Lexicon, language: str, lines: list[str]) -> None:
    found, slow = hits_of(lexicon, lines, language), slow_hits(lines, language)
    for field, rows in slow.items():
        np.testing.assert_allclose(getattr(found, field), rows, atol=1e-12, err_msg=f"{field} of {lines}")


@pytest.mark.parametrize(
    ("line", "words", "starts", "lines"),
    [
        ("b", 1.0, 1, 1),
        ("B!", 0.5, 1, 1),
        ("2) b", 0.25, 0, 1),
        ("- b -", 0.2, 1, 1),
        ("bb", 0.0, 0, 0),
        ("b2", 0.0, 0, 0),
        ("x b", 1 / 3, 0, 0),
        ("b x", 1 / 3, 1, 0),
        ("Top 10", 1.0, 0, 0),
        ("top  10", 0.0, 0, 0),
        ("READ MORE: x", 0.0, 1, 0),
        ("\u201cRead more: x", 0.0, 1, 0),
        ("4 Read more: x", 0.0, 0, 0),
    ],
)
def test_words_hold_between_blanks_and_signs(lexicon: Lexicon, line: str, words: float, starts: int, lines: int) -> None:
    found = hits_of(lexicon, ["xx", line, "yy"], "en")
    assert (found.words[0, 1], found.starts[0, 1], found.lines[0, 1]) == pytest.approx((words, starts, lines))
    assert not found.words[:, [0, 2]].any()
    assert not found.lines[:, [0, 2]].any()


def test_words_do_not_reach_over_a_line_end(lexicon: Lexicon) -> None:
    assert not hits_of(lexicon, ["top", "10 a", "x写", "真"], "ja").words.any()


def test_apostrophes_of_both_kinds_are_one(lexicon: Lexicon) -> None:
    assert hits_of(lexicon, ["don’t", "Don't", "don t"], "en").words[1].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("le the of", "en"),
        ("le le the", "fr"),
        ("a a a", "en"),
        ("le the", "en"),
        ("ですです", "ja"),
        ("xyz", "en"),
        ("…", "en"),
    ],
    ids=["most", "most-often", "equal-by-name", "equal", "pairs", "none", "no-word"],
)
def test_the_language_is_that_of_most_function_words(lexicon: Lexicon, text: str, language: str) -> None:
    made = tokens(text, "x")
    names = names_of((text, "x"), made)
    found = lexicon.spoken(made, 1)
    assert found.languages == [language]
    assert {name for name, here in zip(names, found.function.tolist(), strict=True) if here} == set(FUNCTION[language]) & set(
        names
    )


def test_a_lexicon_travels_between_processes(lexicon: Lexicon) -> None:
    other = pickle.loads(pickle.dumps(lexicon))
    lines = ["a b", "写真"]
    assert np.array_equal(hits_of(other, lines, "ja").words, hits_of(lexicon, lines, "ja").words)


def test_faults_of_a_vocabulary_name_the_file_and_come_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "en.toml"
    path.write_text(
        '[lexicon]\nlanguage = "en"\nspaced = true\n[one]\nwords = ["a", "…"]\nends = ["b"]\n[three]\nwords = ["c"]\n',
        encoding="utf-8",
    )
    with pytest.raises(RuleFaults) as raised:
        Vocabulary(path, {"one": 0})
    assert [(fault.path, fault.field) for fault in raised.value.faults] == [(str(path), "one")] * 2 + [(str(path), "three")]
    assert [key for key in ("'…'", "ends", "three") if key not in str(raised.value)] == []


@pytest.mark.parametrize(
    "content",
    [
        "[lexicon\n",
        "[one]\nwords = []\n",
        '[lexicon]\nlanguage = "en"\n',
        "[lexicon]\nspaced = true\n[one]\nwords = [1]\n",
        "[lexicon]\nspaced = true\none = 3\n",
    ],
    ids=["no-toml", "no-head", "no-spaced", "no-word", "no-table"],
)
def test_a_broken_vocabulary_names_its_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "en.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RuleFaults, match=r"en\.toml"):
        Vocabulary(path, {"one": 0})


@pytest.mark.parametrize("content", ["[fr\n", 'fr = ["le"]\n'], ids=["no-toml", "no-vocabulary"])
def test_a_broken_lexicon_names_its_file(tmp_path: Path, content: str) -> None:
    folder = write_lexicon(tmp_path)
    (folder / "function.toml").write_text(content, encoding="utf-8")
    (folder / "words" / "fr.toml").unlink()
    with pytest.raises(RuleFaults, match=r"\.toml"):
        hits_of(Lexicon(folder, CLASSES), ["le pain"], "fr")


@cache
def bundled() -> tuple[Structure, Lexicon]:
    structure = read_model(evidence_folder() / "model.toml").structure
    return structure, Lexicon(evidence_folder(), structure.classes.names)


def test_every_bundled_language_has_words_and_every_vocabulary_is_without_fault() -> None:
    structure, _ = bundled()
    function = tomllib.loads((evidence_folder() / "function.toml").read_text(encoding="utf-8"))
    files = {path.stem: path for path in (evidence_folder() / "words").glob("*.toml")}
    assert sorted(files) == sorted(function)
    for path in files.values():
        Vocabulary(path, {name: number for number, name in enumerate(structure.classes.names)})


# -- the article


def test_prose_is_long_or_a_sentence_of_some_length_and_no_rule_takes_it() -> None:
    words = np.array([12.0, 12, 12, 11, 28, 28, 30])
    sentence = np.array([1.0, 0, 1, 1, 0, 0, 1])
    lower = np.array([0.9, 0.9, 0.8, 1, 0, 0, 1])
    ruled = np.array([False] * 5 + [True, False])
    assert prose(words, sentence, lower, ruled).tolist() == [True, False, False, False, True, False, True]


LINES = st.lists(
    st.tuples(st.integers(0, 90), st.booleans(), st.sampled_from([0.0, 0.6, 0.7, 1.0]), st.booleans()), min_size=1, max_size=14
)


@given(LINES)
@example([(0, False, 0.0, False)] * 3)
@example([(20, True, 0.0, False), (0, False, 1.0, True), (0, False, 0.0, False), (50, True, 0.0, False)])
def test_the_article_is_the_stretch_with_the_largest_sum(lines: list[tuple[int, bool, float, bool]]) -> None:
    words, is_prose, telling, openers = (np.array(column) for column in zip(*lines, strict=True))
    found = locate(one(lines), words.astype(float), is_prose, telling, openers)
    [first], [last] = found.first.tolist(), found.last.tolist()
    worth = [(min(w, LONGEST) + PROSE_BONUS if p else -GAP) - FURNITURE * (t > 0.6) - OPENER * o for w, p, t, o in lines]
    sums = {(first, last): sum(worth[first : last + 1]) for last in range(len(lines)) for first in range(last + 1)}
    assert sums[first, last] == max(sums.values())
    assert found.zone.tolist() == [0 if at < first else 2 if at > last else 1 for at in range(len(lines))]
    assert found.core.tolist() == [bool(p) and first <= at <= last for at, p in enumerate(is_prose)]


def test_of_equal_articles_the_first_is_taken() -> None:
    none, lines = np.zeros(5), np.array([False, True, False, True, False])
    openers = np.array([False, False, True, False, False])
    found = locate(one(lines), none + 20, lines, none, openers)
    assert (found.first.tolist(), found.last.tolist()) == ([1], [1])


# -- around a line


VALUES = st.lists(st.integers(0, 4).map(lambda value: value / 4), min_size=1, max_size=30)


@given(VALUES)
def test_windows_are_means_of_the_lines_above_and_below(values: list[float]) -> None:
    found = windows(one(values), block({"x": np.array(values), "zero": np.zeros(len(values))})).columns()
    assert len(found) == 4 * len(WINDOWS)
    for size in WINDOWS:
        above = [sum(values[max(at - size, 0) : at]) / size for at in range(len(values))]
        below = [sum(values[at + 1 : at + 1 + size]) / size for at in range(len(values))]
        assert found[f"x_above_{size}"] == pytest.approx(above)
        assert found[f"x_below_{size}"] == pytest.approx(below)
        assert not found[f"zero_above_{size}"].any()


@given(VALUES, st.sampled_from([-1.0, 0.0]))
def test_neighbours_are_the_lines_beside(values: list[float], outside: float) -> None:
    found = neighbours(one(values), block({"x": np.array(values), "y": -np.array(values)}), (-2, -1, 1, 2), outside).columns()
    for offset, name in ((-2, "before_2"), (-1, "before_1"), (1, "behind_1"), (2, "behind_2")):
        slow = [values[at + offset] if 0 <= at + offset < len(values) else None for at in range(len(values))]
        assert found[f"x_{name}"].tolist() == [outside if value is None else value for value in slow]
        assert found[f"y_{name}"].tolist() == [outside if value is None else -value for value in slow]


MARKED = st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.booleans()), min_size=1, max_size=60)


@given(MARKED)
def test_since_counts_the_words_of_prose_between(lines: list[tuple[bool, int, bool]]) -> None:
    mask, words, written = (np.array(column) for column in zip(*lines, strict=True))
    found, none = since(one(lines), np.stack((mask, np.zeros_like(mask))), words.astype(float), written)
    assert set(none.tolist()) == {-1.0}
    for at in range(len(lines)):
        above = [before for before in range(at) if mask[before]]
        between = sum(words[one] for one in range(above[-1] + 1, at) if written[one]) if above else None
        assert found[at] == pytest.approx(-1.0 if between is None else math.log1p(between))


@given(MARKED)
@example([(True, 0, False)] + [(False, 0, True)] * 45)
def test_openers_above_are_counted_from(lines: list[tuple[bool, int, bool]]) -> None:
    openers, _, written = (np.array(column) for column in zip(*lines, strict=True))
    found = opener_above(one(lines), openers, written)
    for at in range(len(lines)):
        above = [before for before in range(at) if openers[before]]
        distance = min(at - above[-1], FAR) if above else FAR
        between = 9 if distance == FAR else min(sum(written[above[-1] + 1 : at]), 5)
        assert (found["below_opener"][at], found["prose_since_opener"][at]) == (distance, between)


PLACED = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=25)


@given(PLACED, st.data())
def test_place_tells_distances_and_prose_before_and_behind(lines: list[tuple[int, bool]], data: st.DataObject) -> None:
    count = len(lines)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    words, written = (np.array(column) for column in zip(*lines, strict=True))
    zone = np.array([0 if at < first else 2 if at > last else 1 for at in range(count)])
    found = place(one(lines), Article(written, np.array([first]), np.array([last]), zone), words.astype(float))
    begins, stops = one(lines).runs(written)
    stretches = [
        (begin, stop) for begin, stop in sorted(set(zip(begins.tolist(), stops.tolist(), strict=True))) if written[begin]
    ]
    size = {stretch: float(sum(words[stretch[0] : stretch[1]])) for stretch in stretches}
    longest = max([1.0, *size.values()])
    total = max(float(sum(words[written])), 1.0)
    for at in range(count):
        own = (int(begins[at]), int(stops[at]))
        slow = {
            "zone": zone[at],
            "from_article": first - at if at < first else at - last if at > last else 0,
            "from_edge": min(at - first, last - at) if first <= at <= last else -1,
            "from_start": at,
            "from_end": count - 1 - at,
            "fraction": at / max(count - 1, 1),
            "prose_before": sum(words[:at][written[:at]]) / total,
            "longest_before": max([0.0, *(size[one] for one in stretches if one[1] <= own[0])]) / longest,
            "longest_behind": max([0.0, *(size[one] for one in stretches if one[0] >= own[1])]) / longest,
            "run": 0 if written[at] else own[1] - own[0],
            "prose_run": own[1] - own[0] if written[at] else 0,
            "prose_run_share": size[own] / longest if written[at] else 0,
        }
        if written.any():
            slow["prose_behind"] = sum(words[at + 1 :][written[at + 1 :]]) / total
        assert {name: found[name][at] for name in slow} == pytest.approx(slow, abs=1e-9), at


# -- what the words are


WORDS = st.lists(
    st.lists(st.sampled_from(["Storm", "storm", "Coast", "the", "Ann", "sea", "7"]), max_size=9).map(" ".join),
    min_size=1,
    max_size=7,
)


def spoken(found: Tokens, lines: list[str], line: int) -> list[str]:
    names = names_of(lines, found)
    return [names[token] for token, unit in zip(found.ids.tolist(), found.unit.tolist(), strict=True) if unit == line]


@given(WORDS.filter(all), st.data())
def test_cohesion_is_the_share_of_words_that_the_article_has_elsewhere(lines: list[str], data: st.DataObject) -> None:
    in_article = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    made = tokens(*lines)
    meaning = [name not in ("the", "7") for name in names_of(lines, made)]
    found = cohesion(made, np.array(meaning, np.bool_), np.array(in_article))
    of_line = [set(spoken(made, lines, number)) - {"the", "7"} for number in range(len(lines))]
    proper = [{name.lower() for place, name in enumerate(line.split()) if place and name[0].isupper()} for line in lines]
    everything = [set(spoken(made, lines, number)) for number in range(len(lines))]
    for number in range(len(lines)):
        elsewhere = [at for at in range(len(lines)) if at != number and in_article[at]]
        others = set().union(*(of_line[at] for at in elsewhere))
        share = len(of_line[number] & others) / len(of_line[number]) if of_line[number] else -1
        assert found["cohesion"][number] == pytest.approx(share)
        # A name counts as known only where the article writes it as one.
        known = set().union(*(proper[at] for at in elsewhere))
        novel = len(proper[number] - known) / len(proper[number]) if proper[number] else -1
        assert found["novel_names"][number] == pytest.approx(novel), everything


@given(WORDS)
@example(["the sea the sea", "the sea", "the sea the sea the sea"])
@example(["a b c d", "x a b c d", "a b c d a b c d"])
def test_repetition_is_that_of_slow_loops(lines: list[str]) -> None:
    lines = [line or "—" for line in lines]
    made = tokens(*lines)
    found = repetition(made, one(lines))
    said = [tuple(spoken(made, lines, number)) for number in range(len(lines))]
    grams = [[line[at : at + 4] for at in range(len(line) - 3)] for line in said]
    for number, line in enumerate(said):
        assert found["repeats"][number] == (said.count(line) - 1 if line else 0)
        others = {gram for at, several in enumerate(grams) if at != number for gram in several}
        held = [gram in others for gram in grams[number]]
        assert found["repeated_runs"][number] == pytest.approx(sum(held) / max(len(held), 1))
        twice = any(len(line) >= 2 * n and len(line) % n == 0 and line == line[: len(line) // n] * n for n in (2, 3))
        assert found["doubled"][number] == float(twice)


def test_repetition_without_a_word() -> None:
    made = tokens("—", "…", "—")
    assert {name: column.tolist() for name, column in repetition(made, one(range(3))).items()} == {
        "repeats": [0, 0, 0],
        "repeated_runs": [0, 0, 0],
        "doubled": [0, 0, 0],
    }


@pytest.mark.parametrize(
    ("lines", "numbered"),
    [
        (["1. a", "2. b", "3. c", "d"], [3, 3, 3, 0]),
        (["3 a", "2 b", "x", "1 c"], [2, 2, 0, 0]),
        (["1 a", "3 b", "4 c"], [0, 2, 2]),
        (["2024", "20245", "7"], [0, 0, 0]),
        (["9", "8", "9"], [3, 3, 3]),
    ],
)
def test_numbered_lines_follow_one_another(lines: list[str], numbered: list[int]) -> None:
    assert lists_of(lines)["numbered"] == numbered


def test_lines_of_one_pattern() -> None:
    found = lists_of(["June 4 - Town, Hall", "May 31 - Old Mill, Barn Loft", "No pattern here", "July 1 - A, B"])
    assert found["pattern_run"] == [2, 2, 0, 1]
    found = lists_of(["News | 4", "Plain words", "Sport | 5", "Other words", "Arts | 6", "More words"])
    assert found["pattern_run"] == [1, 0, 1, 0, 1, 0]
    assert found["pattern_alternates"] == [3, 0, 3, 0, 3, 0]
    assert lists_of(["x 1, " * 40] * 2)["pattern_run"] == [0, 0], "a long line tells no pattern"


@pytest.mark.parametrize(
    ("line", "name_only", "introduces", "trailing"),
    [
        ("Ann Berg", 1, 0, 0),
        ("Ann Maria van Berg", 0, 0, 0),
        ("Ann", 0, 0, 0),
        ("Ann Berg is our reporter in the north", 0, 1, 0),
        ("Ann Maria Berg, covers the courts of the north", 0, 1, 0),
        ("Ann Berg covers the courts of the north", 0, 1, 0),
        ("Anna Berg schreibt über die Küste und das Meer", 0, 1, 0),
        ("Ann B. van Berg is our reporter in the north", 0, 0, 0),
        ("ann Berg is our reporter in the north", 0, 0, 0),
        ("The boats came home late in the night. Ann Berg / Agency", 0, 0, 1),
        ("The boats came home late in the night. It rained", 0, 0, 0),
        ("東京 都庁", 0, 0, 0),
    ],
)
def test_names(line: str, name_only: int, introduces: int, trailing: int) -> None:
    lines = [line, "x"]
    characters = read(lines)
    blanked = shape(characters, units(lines))[1]
    found = names(lines, characters, blanked, np.array([len(line.split()) < 8, True]))
    assert [found[name][0] for name in ("name_only", "introduces", "trailing_name")] == [name_only, introduces, trailing]
    assert not any(column[1] for column in found.values())


def lists_of(lines: list[str]) -> dict[str, list[float]]:
    characters = read(lines)
    marked = shape(characters, units(lines))[1].marked
    return {name: column.tolist() for name, column in lists(lines, characters, marked).items()}


def author_of(lines: list[str], bylines: np.ndarray) -> list[float]:
    made = tokens(*lines)
    function = np.array([name in ("by", "then") for name in names_of(lines, made)], np.bool_)
    return authors(made, bylines, function)["author"].tolist()


def test_lines_that_name_the_author() -> None:
    lines = ["By Ann Berg", "Ann Berg told us", "He met Ann Berg", "ann berg", "Ann", "Berg Ann", "By Ola Dahl"]
    bylines = np.array([True] + [False] * 6)
    assert author_of(lines, bylines) == [1, 2, 1, 0, 0, 0, 0]
    assert author_of(lines, ~bylines & False) == [0] * 7
    assert author_of(["x"], np.array([True])) == [0]


def test_by_is_no_name() -> None:
    assert author_of(["By Ann Berg", "By Ann Arbor we sailed"], np.array([True, False])) == [1, 0]


def test_an_author_is_not_named_over_a_line_end() -> None:
    lines = ["By Ann Berg", "Then came Ann", "Berg was there"]
    assert author_of(lines, np.array([True, False, False])) == [1, 0, 0]


# -- all together


def table_of(text: str, extractor: Extractor | None = None, topics: Sequence[frozenset[str]] | None = None) -> Table:
    structure, words = bundled()
    told = {place: here for place, here in enumerate(topics or ()) if here}
    return (extractor or Extractor(words, structure.classes)).table(units_of([text]), told)


PAGE = """\
Home | News | Sport
Storm hits the coast
By Ann Berg
12 May 2024

The storm came at night and took the roofs of forty houses along the coast, the police said.
Nobody was hurt, but the road to the harbour will stay closed until the end of the week, the mayor said.
Photo: Ann Berg / Getty Images
“We were lucky,” said Ann Berg, who has lived beside the harbour for more than thirty years now.
Related
Five storms that nobody will forget
Sign up for our newsletter
"""
ANY_LINE = st.sampled_from(
    [*PAGE.split("\n"), "東京で嵐、港は閉鎖されたままです。", "הסערה הגיעה בלילה", "العاصفة", "😀😀", "...", "٣", "1.", "\u0301"]
)
ANY_TEXT = st.lists(ANY_LINE | st.text(st.characters(exclude_categories=["Cs"]), max_size=10), min_size=1, max_size=12).map(
    "\n".join
)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT.filter(lambda text: len(text.strip()) > 2), st.booleans())
@example(PAGE, True)
@example("...", False)
def test_every_feature_is_a_finite_number_for_every_line(text: str, ruled: bool) -> None:
    structure, _ = bundled()
    count = len(units_of([text]).texts)
    found = table_of(
        text, topics=[frozenset({"share", "unheard-of"}) if ruled and not at % 2 else frozenset() for at in range(count)]
    )
    assert {feature.name for feature in structure.features} | {coarse.name for coarse in structure.coarse.values()} <= set(
        found.columns
    )
    for name, column in found.columns.items():
        assert column.shape == (count,), name
        assert np.isfinite(column).all(), name
    assert found.openers.shape == found.captions.shape == (count,)


def test_shares_are_shares() -> None:
    columns = table_of(PAGE).columns
    classes = [f"{part}_{name}" for part in ("words", "starts", "line") for name in bundled()[0].classes.names]
    shares = [
        *classes,
        "telling",
        "telling_above_3",
        "prose_below_12",
        "fraction",
        "upper",
        "lower",
        "digits",
        "signs",
        "capital_words",
    ]
    shares += ["repeated_runs", "prose_before", "prose_behind", "longest_before", "function_words", "group_date", "doc_outside"]
    assert [name for name in shares if columns[name].min() < 0 or columns[name].max() > 1] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY_TEXT.filter(lambda text: len(text.strip()) > 2), min_size=1, max_size=4))
@example(["東京で嵐、港は閉鎖されたままです。\nx", "Le vent de la mer et les bateaux\nx", PAGE, PAGE])
def test_no_feature_depends_on_documents_before_or_beside(texts: list[str]) -> None:
    structure, words = bundled()
    extractor = Extractor(words, structure.classes)
    together = extractor.table(units_of(texts), {})
    assert together.stretches.sizes.tolist() == [len(units_of([text]).texts) for text in texts]
    for text, first, stop in zip(texts, together.stretches.bounds, together.stretches.bounds[1:], strict=False):
        alone = table_of(text)
        assert list(together.columns) == list(alone.columns)
        for name, column in alone.columns.items():
            assert np.array_equal(together.columns[name][first:stop], column), name
        assert np.array_equal(together.openers[first:stop], alone.openers)
        assert np.array_equal(together.captions[first:stop], alone.captions)
        assert np.array_equal(together.article.zone[first:stop], alone.article.zone)


def test_a_page_reads_as_one_sees_it() -> None:
    found = table_of(PAGE)
    lines = [line for line in PAGE.split("\n") if line]
    assert found.article.prose.tolist() == [line.endswith(("said.", "now.")) for line in lines]
    assert (found.article.first.tolist(), found.article.last.tolist()) == ([4], [7])
    # What invites to a newsletter opens a block too.
    assert np.flatnonzero(found.openers).tolist() == [8, 10]
    assert np.flatnonzero(found.captions).tolist() == [6]
    columns = {name: dict(zip(lines, column.tolist(), strict=True)) for name, column in found.columns.items()}
    assert (
        columns["author"]["“We were lucky,” said Ann Berg, who has lived beside the harbour for more than thirty years now."] == 1
    )
    assert columns["author"]["Storm hits the coast"] == 0
    assert columns["below_opener"]["Sign up for our newsletter"] == 2
    assert columns["group_offers"]["Sign up for our newsletter"] > 0.5
    assert columns["since_credit"][lines[-1]] > 0
    assert Counter(columns["doc_lines"].values()) == {11.0: 11}


def test_topics_of_rules_become_features() -> None:
    topics = [frozenset({"share"}), frozenset(), *[frozenset[str]()] * 9]
    found = table_of(PAGE, topics=topics)
    assert np.flatnonzero(found.columns["ruled"]).tolist() == [0]
    assert np.flatnonzero(found.columns["rule_share"]).tolist() == [0]
    assert not found.columns["rule_related"].any()
    assert found.columns["telling"][0] == 1.0
