"""The prefilter's promise: no pattern matches where none of its required strings stands."""

from __future__ import annotations

import re
from functools import cache

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cleaner.rules.fold import fold_blanks, fold_case, fold_lines, fold_offsets
from cleaner.rules.literals import is_quick, needles, needs_digit, required
from cleaner.rules.load import load_rules
from cleaner.rules.matcher import window
from cleaner.rules.needles import FAR, worth_of
from cleaner.rules.pieces import _PLAIN, letter

EVERYTHING = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
LETTERS = "abkisßſKIİıåÅéÉσςΣθµвДт"
ODD = {"k": "K", "s": "ſ", "i": "ı", "å": "Å", "K": "k", "σ": "ς", "θ": "ϴ", "µ": "Μ", "в": "\u1c80", "т": "\u1c85"}
"""Letters, and others that are equal to them when case is ignored, but that ``str.swapcase`` does not give."""
ESCAPES = {
    r"\d": "7",
    r"\w": "_",
    r"\s": " ",
    r"\.": ".",
    r"\-": "-",
    r"\(": "(",
    r"\b": "",
    r"\S": "x",
    r"\p{Lu}": "Q",
    r"\X": "e",
}


def holds_required(pattern: str, text: str) -> bool:
    """Whether what a pattern needs stands in a text: one of its strings, in the line, at the place and as written; what else; a digit.

    A text of more or fewer lines than the pattern reads is never tried.
    """
    if needs_digit(pattern) and not regex.search(r"\d", text):
        return False
    found = needles(pattern)
    lines = text.split("\n")
    if found is None or len(lines) != window(pattern):
        return True
    written = text if found.line is None else lines[found.line]
    line = fold_case(written)
    if found.also and not any(string in line for string in found.also):
        return False
    if found.digit and not regex.search(r"\d", line):
        return False
    places = [(at, string) for string in found.strings for at in range(len(line)) if line.startswith(string, at)]
    return any(
        at <= found.reach and len(line) - at <= found.rest and (not found.forms or written[at : at + len(string)] in found.forms)
        for at, string in places
    )


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"(?i)I\nII", "I\nIi"), (r"^(?i:a\nTV)$", "A\ntv"), (r"^x\n(?i:b\nII)$", "x\nB\nii")]
)
def test_case_that_does_not_count_does_not_in_any_line(pattern: str, text: str) -> None:
    assert regex.search(pattern, text)
    assert holds_required(pattern, text)


@cache
def bundled() -> list[str]:
    """Every pattern of the bundled rules."""
    conditions = [one for _, rule in load_rules().rules() for one in (rule.match, rule.start, rule.end)]
    return sorted({pattern for condition in conditions for pattern in condition.patterns})


# -- patterns with strings that they match

Piece = tuple[str, str]
"""A pattern and a string it is meant to match."""


def _word() -> st.SearchStrategy[Piece]:
    return st.text(LETTERS, min_size=1, max_size=5).map(lambda word: (word, word))


def _char_class() -> st.SearchStrategy[Piece]:
    plain = st.text("abkis.-^", min_size=1, max_size=4).filter(lambda body: body[0] not in "^-" and "-" not in body[1:-1])
    return st.one_of(
        st.tuples(plain, st.integers(0, 3)).map(lambda one: (f"[{one[0]}]", one[0][one[1] % len(one[0])])),
        st.sampled_from([("[^a]", "k"), ("[a-k]", "i"), (r"[\d.]", "4"), ("[]a]", "]"), ("[a^]", "^"), (r"[^\n]", "s")]),
    )


def _quantified(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    times = st.sampled_from(
        [
            ("?", 0),
            ("?", 1),
            ("*", 0),
            ("*", 2),
            ("+", 1),
            ("+", 3),
            ("{2}", 2),
            ("{1,3}", 2),
            ("{0,2}", 0),
            ("{,2}", 1),
            ("{2,}", 3),
            ("??", 1),
            ("*?", 1),
            ("+?", 2),
            ("{1,2}?", 1),
            ("?+", 1),
            ("++", 2),
            ("{0,1}", 0),
            ("{0}", 0),
        ]
    )
    return st.tuples(inner, times).map(lambda one: (f"(?:{one[0][0]}){one[1][0]}", one[0][1] * one[1][1]))


def _alternation(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    several = st.lists(inner, min_size=1, max_size=4)
    opened = st.sampled_from(["(?:", "(", "(?i:", "(?P<name>", "(?<other>"])
    return st.tuples(several, st.integers(0, 3), opened).map(
        lambda one: (one[2] + "|".join(piece for piece, _ in one[0]) + ")", one[0][one[1] % len(one[0])][1])
    )


def _sequence(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    return st.lists(inner, min_size=1, max_size=4).map(
        lambda several: ("".join(p for p, _ in several), "".join(s for _, s in several))
    )


pieces: st.SearchStrategy[Piece] = st.recursive(
    st.one_of(
        _word(),
        _char_class(),
        st.sampled_from(sorted(ESCAPES.items())),
        st.sampled_from([(".", "z"), ("^", ""), ("$", ""), ("(?=a)", ""), ("(?!zz)", ""), ("(?<!zz)", ""), ("(?:)", "")]),
        st.sampled_from(
            [
                (r"\012", "\n"),
                (r"\101", "A"),
                (r"\x41", "A"),
                (r"(?>ab|a)", "ab"),
                ("(?-i:ab)", "ab"),
                ("(?#ab)", ""),
                ("(a)\\1", "aa"),
            ]
        ),
    ),
    lambda inner: st.one_of(_quantified(inner), _alternation(inner), _sequence(inner), _sequence(inner)),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(pieces, min_size=1, max_size=3),
    st.sampled_from(["", "(?i)", "^", "(?i)^"]),
    st.sampled_from(["", "$"]),
    st.sampled_from(["", "x", "a "]),
    st.data(),
)
def test_what_matches_holds_a_required_string(lines: list[Piece], flag: str, end: str, beside: str, data: st.DataObject) -> None:
    """Of patterns of one line, and of several."""
    pattern = flag + r"\n".join(pattern for pattern, _ in lines) + end
    text = ("" if "^" in flag else beside) + "\n".join(text for _, text in lines) + ("" if end else beside)
    if "(?i)" in flag:
        flips = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
        text = "".join(ODD.get(char, char.swapcase()) if flip else char for char, flip in zip(text, flips, strict=True))
    try:
        found = regex.search(pattern, text)
    except (regex.error, ValueError):
        assume(False)
    assume(found)
    assert holds_required(pattern, text)


@cache
def _matches_of(pattern: str) -> st.SearchStrategy[str] | None:
    """Strings like those the pattern matches; None where Python's ``re`` cannot read it."""
    plain = pattern.replace(r"\p{Lu}", "É").replace(r"\p{Ll}", "é").replace(r"\p{L}", "é").replace(r"\p{P}", "!")
    try:
        return st.from_regex(re.compile(plain))
    except re.error:
        return None


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_bundled_patterns_match_holds_a_required_string(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(bundled()))
    strategy = _matches_of(pattern)
    assume(strategy is not None)
    assert strategy is not None
    text = data.draw(strategy)
    assume(regex.search(pattern, text, timeout=2))
    assert holds_required(pattern, text)


def test_what_bundled_patterns_match_of_all_examples_holds_a_required_string() -> None:
    examples = {line for _, rule in load_rules().rules() for text in rule.removes + rule.keeps for line in text.split("\n")}
    lines = sorted({fold_blanks(form) for line in examples for form in (line, line.upper(), line.lower().replace("s", "ſ"))})
    matched = 0
    for pattern in bundled():
        compiled, needles = regex.compile(pattern), required(pattern)
        for line in lines if needles is not None else ():
            if compiled.search(line):
                matched += 1
                assert any(needle in fold_case(line) for needle in needles or ()), (pattern, line)
                assert holds_required(pattern, line), (pattern, line)
    assert matched > len(bundled())


def test_what_bundled_patterns_of_several_lines_match_holds_a_required_string_in_its_line() -> None:
    examples = [text for _, rule in load_rules().rules() for text in rule.removes + rule.keeps if "\n" in text]
    texts = [[fold_blanks(line) for line in text.split("\n") if line.strip()] for text in examples]
    several = [pattern for pattern in bundled() if window(pattern) > 1]
    matched = 0
    for pattern in several:
        compiled, size = regex.compile(pattern), window(pattern)
        windows = {"\n".join(views[at : at + size]) for views in texts for at in range(len(views) - size + 1)}
        for found in filter(compiled.search, sorted(windows)):
            matched += 1
            assert holds_required(pattern, found), (pattern, found)
    assert matched >= len(several)


def test_most_bundled_patterns_have_required_strings() -> None:
    blind = [pattern for pattern in bundled() if required(pattern) is None]
    assert len(blind) <= len(bundled()) * 0.05, blind


# -- letters: of all code points


@cache
def cased() -> list[str]:
    """What has case, for Python or for ``regex``, whose Unicode may be a later one."""
    known = set(regex.findall(r"[\p{Cased}\p{Lu}\p{Ll}\p{Lt}\p{CWL}\p{CWU}\p{CWT}\p{CWCF}]", EVERYTHING))
    return sorted(known | {char for char in EVERYTHING if char.lower() != char or char.upper() != char})


@cache
def relied_on() -> list[str]:
    """Characters that strings may be made of."""
    return [char for char in EVERYTHING if letter(char).exact is not None]


@pytest.mark.parametrize("char", ["ẞ", "ß", "\u0345", "\u1c80", "\u1c89", "\ua7da", "\U00010d50", "Ա"])
def test_letters_with_odd_case_are_not_relied_on(char: str) -> None:
    assert letter(char).exact is None


def test_letters_that_are_read_at_once_are_relied_on() -> None:
    plain = {char for char in EVERYTHING if _PLAIN.fullmatch(char)}
    assert len(plain) > 30_000
    assert plain <= set(relied_on())
    assert not plain & set("\\^$.|?*+()[]{}#")


def test_letters_of_latin_greek_and_cyrillic_are_relied_on() -> None:
    letters = regex.findall(r"\p{L}", "".join(map(chr, [*range(0x180), *range(0x370, 0x530)])))
    assert set(letters) - set(relied_on()) == {"ß"}


def test_what_ignoring_case_matches_folds_to_the_same() -> None:
    """For every letter with case that is relied on: whatever of all code points ``(?i)`` takes for it is equal to it when folded."""
    relied = set(relied_on())
    for char in [char for char in cased() if char in relied]:
        others = regex.findall("(?i)" + regex.escape(char), EVERYTHING)
        assert char in others
        assert {fold_case(other) for other in others} == {fold_case(char)}, char


def test_what_has_no_case_is_matched_by_itself_alone() -> None:
    caseless = "".join(sorted(set(relied_on()) - set(cased())))
    everything_cased = "".join(f"\\U{ord(char):08x}" for char in cased())
    assert len(caseless) > 100_000
    assert regex.findall(f"(?i)[{everything_cased}]", caseless) == []


def test_folded_case_is_as_long_as_the_text() -> None:
    assert len(fold_case(EVERYTHING)) == len(EVERYTHING)
    assert all(len(fold_case(char)) == 1 for char in cased())


@given(st.lists(st.text(st.one_of(st.characters(), st.sampled_from(LETTERS + " .\u0301\u0345" + "".join(ODD.values()))))))
def test_case_is_folded_whatever_stands_beside(parts: list[str]) -> None:
    folded = [fold_case(part) for part in parts]
    assert fold_case("".join(parts)) == "".join(folded)
    assert fold_lines(parts) == "\n".join(folded)
    assert list(map(len, folded)) == list(map(len, parts))


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("^Read more$", {"read more"}),
        ("(?i)^(?:sign up|subscribe) now", {"sign up now", "subscribe now"}),
        ("(?i)^ПОДПИСЫВАЙТЕСЬ на (?:наш )?канал", {"подписывайтесь на канал", "подписывайтесь на наш канал"}),
        ("Το νέο[ςσ]? ΜΑΣ", {"το νέο μασ", "το νέοσ μασ"}),
        ("Haberler için tıkla", {"haberler için tikla"}),
        ("newsletter|e-?mails", {"newsletter", "e-mails", "emails"}),
        (r"ab\d+wxyz", {"wxyz"}),
        ("(?:foo)+bar", {"foo"}),
        ("x(?:foo)+bar", {"xfoo"}),
        ("x(?:foo)+barbar", {"barbar"}),
        ("x(?:foo)?yz", {"xfooyz", "xyz"}),
        (r"^\S{1,9} newsletter", {" newsletter"}),
        ("a|bcdef", None),
        (".*", None),
        ("[^a]bcd", {"bcd"}),
        ("abc)def", None),
        ("a{,2}bcd", {"bcd"}),
        (r"abc\012def", None),
        (r"(?>abc)def", None),
        ("(" * 3000, None),
    ],
)
def test_required_strings(pattern: str, needles: set[str] | None) -> None:
    assert required(pattern) == (None if needles is None else frozenset(needles))


@pytest.mark.parametrize(
    ("pattern", "reach", "rest"),
    [
        ("newsletter", FAR, FAR),
        ("^.{2,5}newsletter", 5, FAR),
        ("newsletter.?$", FAR, 11),
        (r"newsletter\$", FAR, FAR),
        (r"newsletter\\$", FAR, 11),
        ("^newsletter$|^newsletters$", FAR, FAR),
        ("^(?:a|bb)(?:newsletter|newsletters!) {0,4}$", 0, 18),
        (r"^\d(?:newsletter){1,3}\d$", 1, 31),
        (r"^\d(?:x\dnewsletter\d){2}.$", 3, 25),
        (r"^(?=.{0,30}newsletter)\S\w{1,40}$", 30, 41),
        ("^(?=.*newsletter).$", FAR, 1),
        ("^(?!.*newsletter)abc$", 0, 3),
    ],
)
def test_where_required_strings_stand(pattern: str, reach: int, rest: int) -> None:
    found = needles(pattern)
    assert found
    assert (min(found.reach, FAR), min(found.rest, FAR)) == (reach, rest)


@pytest.mark.parametrize(
    ("pattern", "line", "strings"),
    [
        (r"^Follow us\n.{3,30}$", 0, {"follow us"}),
        (r"^.{3,30}\n(?i:by)?\W\nFollow us", 2, {"follow us"}),
        (r"^(?i:\w+\n(?:Follow us))\n\w", 1, {"follow us"}),
        ("^\\w+\nFollow us", 1, {"follow us"}),
        (r"^[^\n]+ Follow us", 0, {" follow us"}),
        (r"^\w+(?:\nFollow us|\nLike us)$", None, {"follow us", "like us"}),
        (r"^\w+(?:\n\w+)?\nFollow us$", None, {"follow us"}),
        (r"^\w+\n+Follow us$", None, {"follow us"}),
        (r"^\w+\n(?=\W*Follow us)\w+$", None, {"follow us"}),
        (r"^Follow us\nb|Follow us\nc", None, {"follow us"}),
    ],
)
def test_in_which_line_required_strings_stand(pattern: str, line: int | None, strings: set[str]) -> None:
    found = needles(pattern)
    assert found
    assert (found.line, found.strings) == (line, strings)


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\d", True),
        (r"a|\d", False),
        (r"^(?:\d{1,2}|[a-z]\d+|(?=.\d)..) x?", True),
        (r"\d?", False),
        (r"(?:a\d)*", False),
        (r"\d{0,2}", False),
        (r"(?!\d)a", False),
        (r"[\da]", False),
        (r"\D", False),
        (r"\d(", False),
    ],
)
def test_what_needs_a_digit(pattern: str, needed: bool) -> None:
    assert needs_digit(pattern) is needed


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [
        (r"^.{60,600}\w ?:$", True),
        (r"^(?i:by|words by) \p{Lu}\w{1,20}(?: \p{Lu}\w+)?$", True),
        (r"(?:photo|image): \S+", True),
        (r"^(?:news|sport|weather){0,3}$", True),
        (r"^(?:a|aa)+$", False),
        (r"^(?:\w+ ?)+:$", False),
        (r"\w*\d*x", False),
        (r"a|^.*.*.*x", False),
        (r"^(?:\p{Lu}\w* ){0,9}x$", False),
        (r"^\w+\R", False),
        (r"^x{2}(", False),
    ],
)
def test_which_patterns_need_no_clock(pattern: str, quick: bool) -> None:
    assert is_quick(pattern, 300) is quick
    assert not is_quick(pattern, 1001), "nothing is known of very long texts"


def test_bundled_patterns_that_need_no_clock_are_quick() -> None:
    """On lines that mislead: what they need, again and again, with no end that matches."""
    quick = [pattern for pattern in bundled() if is_quick(pattern, 300)]
    assert len(quick) > len(bundled()) / 3
    for pattern in quick:
        compiled, found = regex.compile(pattern), required(pattern)
        for pump in ("a ", "Aa ", "0,", "- ", *sorted(found or ())[:3]):
            compiled.search((pump * 300)[:299] + "\u0001", timeout=1)


def test_of_two_the_rarer_is_required() -> None:
    worth = [worth_of(needles(pattern)) for pattern in (r"\. \w", "ap", "©", "by ", " ©", "read", "read more")]
    assert worth == sorted(worth)
    assert required("^(?:©|copyright) .{3,9}(?:AS|ASA)$") == {"© ", "copyright "}
    assert required(r"\. ") is None


@given(st.text(st.sampled_from("ab \t\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u2003\u2028\u3000")))
def test_folded_blanks_know_where_they_stood(line: str) -> None:
    folded, offsets = fold_blanks(line), fold_offsets(line)
    assert len(folded) == len(offsets)
    assert offsets == sorted(set(offsets))
    assert all(line[at] == char or (char == " " and line[at].isspace()) for at, char in zip(offsets, folded, strict=True))
