"""Many conditions in one pass: the prefilter changes nothing, lengths and windows hold, nothing runs for ever."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterable
from functools import cache
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.rules.fold import fold_blanks
from cleaner.rules.load import load_rules
from cleaner.rules.matcher import Hit, Limited, Matcher, phrase_pattern, window
from cleaner.rules.model import Condition, Kind, Rule
from cleaner.spans import Span

SLOW = r"^(?:a|aa)+$"
SLOW_LINE = "a" * 60 + "b"


@cache
def bundled_rules() -> list[Rule]:
    return [rule for _, rule in load_rules().rules()]


def conditions_of(rules: Iterable[Rule]) -> dict[int, Limited]:
    conditions: dict[int, Limited] = {}
    for rule in rules:
        for one in (rule.match, rule.start, rule.end):
            if one:
                conditions[len(conditions)] = Limited(one, rule.max_length, phrase=rule.kind is Kind.PHRASE)
    return conditions


def lines_like_the_examples(rules: Iterable[Rule], count: int) -> list[str]:
    """Lines of the rules' examples, with case, blanks and edges changed."""
    chance = random.Random(7)
    examples = sorted({line for rule in rules for text in rule.removes + rule.keeps for line in text.split("\n")})
    changes = [
        str.upper,
        str.lower,
        str.swapcase,
        str.title,
        lambda line: line.replace("s", "ſ").replace("k", "\u212a"),
        lambda line: line.replace(" ", "\u00a0\t"),
        lambda line: line + chance.choice(["", ".", ":", " »", "!"]),
        lambda line: chance.choice(["* ", "- ", "“", "1 "]) + line,
        lambda line: line[: chance.randrange(len(line) + 1)],
        lambda line: f"{line} {chance.choice(examples)}",
        lambda line: line,
    ]
    lines = [fold_blanks(chance.choice(changes)(chance.choice(examples))) for _ in range(count)]
    return [line for line in lines if line]


def lines_of_the_examples(rules: Iterable[Rule]) -> list[str]:
    """The lines of the rules' examples, in order."""
    lines = [fold_blanks(line) for rule in rules for text in rule.removes + rule.keeps for line in text.split("\n")]
    return [line for line in lines if line]


def hits(
    condition: Condition, lines: list[str], max_length: int = 1000, *, prefilter: bool = True, phrase: bool = False
) -> list[Hit]:
    return Matcher({0: Limited(condition, max_length, phrase)}, prefilter=prefilter).hits(lines, {})


def test_the_prefilter_changes_nothing_for_the_bundled_rules() -> None:
    """Each pack over lines like its own, 100,000 lines in all, and over its examples as they stand."""
    packs = [list(rules) for _, rules in groupby(bundled_rules(), key=lambda rule: rule.pack)]
    conditions = hit = 0
    for rules in packs:
        lines = lines_like_the_examples(rules, 100_000 // len(packs)) + lines_of_the_examples(rules)
        fast = Matcher(conditions_of(rules)).hits(lines, {})
        assert fast == Matcher(conditions_of(rules), prefilter=False).hits(lines, {})
        conditions += len(conditions_of(rules))
        hit += len({one.condition for one in fast})
    assert hit > conditions * 0.9


def test_the_prefilter_changes_nothing_for_all_bundled_rules_together() -> None:
    conditions, lines = conditions_of(bundled_rules()), lines_like_the_examples(bundled_rules(), 300)
    assert Matcher(conditions).hits(lines, {}) == Matcher(conditions, prefilter=False).hits(lines, {})


words = st.sampled_from(
    ["read", "more", "Read more", "READ", "ſhare", "share", "News", "news letter", "a", "K", "K", "é", "É", "aé", "7", "\u0663"]
)
lines_of_words = st.lists(st.lists(words, min_size=1, max_size=4).map(" ".join), max_size=8)
patterns = st.sampled_from(
    [
        "^Read more$",
        "(?i)^read",
        "(?i)share|news",
        r"^(.+)\nnews\b",
        "(?i)k$",
        r"^read\nmore$",
        "(?i)é",
        r"\w+ more",
        "^a$",
        r"(?i)^news\n.*\nshare$",
        r"^\S+$",
        "n(?:ew|EW)s+",
        "(?:read ){1,2}more",
        "[rR]ead m[oO]re",
        "more.{0,4}$",
        "^(?=.*more)read",
        r"^(?i:read\n(?:\w+\n)share)$",
        r"^\W?news\W\n?share",
        r"^\S+\n\S{2,5}\nshare",
        r"^[^a]+more(?:\nnews)?",
        r"^\D{0,3}\d\D?$",
    ]
)
condition = st.builds(Condition, st.lists(words, max_size=2).map(tuple), st.lists(patterns, max_size=3).map(tuple))
limited = st.builds(Limited, condition, st.integers(1, 40), st.booleans())


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(st.integers(0, 5), limited, max_size=5), lines_of_words)
def test_the_prefilter_changes_nothing(conditions: dict[int, Limited], lines: list[str]) -> None:
    assert Matcher(conditions).hits(lines, {}) == Matcher(conditions, prefilter=False).hits(lines, {})


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(st.integers(0, 5), limited, max_size=5), lines_of_words, lines_of_words, st.integers(0, 8))
def test_what_was_found_out_before_changes_nothing(
    conditions: dict[int, Limited], before: list[str], lines: list[str], begins: int
) -> None:
    """Lines found out about at once, alone, or not at all; and of some conditions or some lines just what all of them give."""
    plain = Matcher(conditions, prefilter=False).hits(lines, {})
    matcher = Matcher(conditions)
    matcher.prime(before)
    assert matcher.hits(lines, {}) == plain
    matcher.prime([*before, *lines])
    assert matcher.hits(lines, {}) == plain
    some = matcher.hits(lines, {}, matcher.several, begins)
    assert some == [hit for hit in plain if hit.condition in matcher.several and hit.line < begins]


def test_of_very_many_lines_all_are_looked_at() -> None:
    matcher = Matcher({0: Limited(Condition(patterns=("^line 7{5}$", r"^line 80000\nline 80001$")), 100)})
    lines = [f"line {number}" for number in range(100_000)]
    matcher.prime(lines)
    assert matcher.hits(lines, {}) == [Hit(77_777, 0), Hit(80_000, 0, 2)]


@given(st.dictionaries(st.integers(0, 5), limited, max_size=5), lines_of_words)
def test_hits_are_sorted_and_single(conditions: dict[int, Limited], lines: list[str]) -> None:
    found = Matcher(conditions).hits(lines, {})
    places = [(hit.line, hit.condition) for hit in found]
    assert places == sorted(set(places))
    assert all(hit.line + hit.lines <= len(lines) for hit in found)


def test_literals_are_whole_lines_with_case_and_blanks_folded() -> None:
    literal = Condition(("  Straße \t frei ",))
    assert hits(literal, ["STRASSE FREI", "Straße frei.", "straße frei"]) == [Hit(0, 0), Hit(2, 0)]


def test_literal_phrases_stand_anywhere_as_whole_words() -> None:
    found = hits(Condition(("read more",)), ["(Read more)", "I read more.", "bread more", "read mores", "READ MORE"], phrase=True)
    assert [hit.line for hit in found] == [0, 1, 4]


@pytest.mark.parametrize("prefilter", [True, False])
def test_patterns_are_tried_up_to_a_length(*, prefilter: bool) -> None:
    pattern = Condition(patterns=("^News",))
    assert hits(pattern, ["News.", "News.."], max_length=5, prefilter=prefilter) == [Hit(0, 0)]


@pytest.mark.parametrize("prefilter", [True, False])
def test_a_length_holds_for_each_line_of_a_window(*, prefilter: bool) -> None:
    pattern = Condition(patterns=(r"^One\n.*$",))
    assert hits(pattern, ["One", "12345", "One", "123456", "One"], max_length=5, prefilter=prefilter) == [Hit(0, 0, 2)]


@pytest.mark.parametrize("prefilter", [True, False])
@pytest.mark.parametrize("order", [("^Photo$", r"^Photo\nLena$"), (r"^Photo\nLena$", "^Photo$")])
def test_of_several_patterns_the_one_that_reads_most_lines_counts(order: tuple[str, ...], *, prefilter: bool) -> None:
    assert hits(Condition(patterns=order), ["Lena", "Photo", "Lena"], prefilter=prefilter) == [Hit(1, 0, 2)]


def test_windows_refer_back() -> None:
    lines = ["Bridge opens", "Photo: Lena", "Bridge opens", "Photo: Lena", "Bridge closes"]
    assert hits(Condition(patterns=(r"^(.+)\nPhoto: .*\n\1$",)), lines) == [Hit(0, 0, 3)]


@pytest.mark.parametrize(
    ("pattern", "lines"), [("a", 1), (r"a\nb", 2), ("a\nb\nc", 3), (r"a\\nb", 1), (r"a\\\nb", 2), (r"^(.+)\n\1$", 2)]
)
def test_window_counts_line_ends(pattern: str, lines: int) -> None:
    assert window(pattern) == lines


def test_phrase_patterns_escape_what_they_hold() -> None:
    assert hits(Condition((phrase := "[+] a.b (c)",)), [f"x {phrase} y", "x [+] a-b (c) y"], phrase=True) == [Hit(0, 0)]
    assert phrase_pattern("...").count(r"\w") == 0


def test_spans_of_phrases_have_no_outer_blanks() -> None:
    matcher = Matcher({3: Limited(Condition(("more",), (r" ?\(.*?\) ?", r"\d*")), 100, phrase=True)})
    assert matcher.has_phrase(3)
    assert not matcher.has_phrase(0)
    assert matcher.spans(3, "a (b) more (c)", {}, 0) == [Span(2, 5), Span(6, 10), Span(11, 14)]


@pytest.mark.parametrize("prefilter", [True, False])
def test_what_takes_too_long_is_set_aside_and_the_rest_goes_on(*, prefilter: bool) -> None:
    conditions = {0: Limited(Condition(patterns=(SLOW,)), 100), 1: Limited(Condition(patterns=("b$",)), 100)}
    matcher = Matcher(conditions, prefilter=prefilter, time_limit=0.05)
    slow: dict[int, int] = {}
    assert matcher.hits(["a", SLOW_LINE, "a", SLOW_LINE], slow) == [Hit(0, 0), Hit(1, 1), Hit(3, 1)]
    assert slow == {0: 1}
    assert matcher.hits(["a", "b"], slow) == [Hit(1, 1)]


def test_phrases_that_take_too_long_are_set_aside() -> None:
    matcher = Matcher({0: Limited(Condition(patterns=(r"(?:a|aa)+$",)), 100, phrase=True)}, time_limit=0.05)
    slow: dict[int, int] = {}
    assert matcher.spans(0, SLOW_LINE, slow, 4) == []
    assert slow == {0: 4}


def test_matchers_can_be_sent_to_other_processes() -> None:
    matcher = Matcher(conditions_of(bundled_rules()))
    lines = lines_like_the_examples(bundled_rules(), 200)
    before = matcher.hits(lines, {})
    assert before
    assert pickle.loads(pickle.dumps(matcher)).hits(lines, {}) == before


def test_nothing_in_nothing_out() -> None:
    assert Matcher({}).hits(["a"], {}) == []
    assert Matcher({}).window == 1
    assert Matcher(conditions_of(bundled_rules())).hits([], {}) == []
