"""Rules over documents: every kind, who decides, and the promises that hold for all rules and texts."""

from __future__ import annotations

import itertools
import pickle
import tomllib
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.document import Document, Evidence, Layout, Removal, RuleFired, Skipped, Source
from cleaner.layout import close_gaps
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule, RuleSet
from cleaner.rules.parse import FaultList, parse_pack
from cleaner.rules.scope import Page
from cleaner.spans import line_spans
from cleaner.strip import Stripper, left_by

LINE = Condition(("gone",))


def rule(name: str = "r", kind: Kind = Kind.LINE, action: Action = Action.REMOVE, **fields: object) -> Rule:
    return Rule("p", name, "Why", kind, action, "topic", **fields)  # type: ignore[arg-type]


def pack(*rules: Rule, name: str = "p", level: Level = Level.USER, **fields: object) -> Pack:
    own = tuple(replace(one, pack=name) for one in rules)
    return Pack(name, "1", f"{name}.toml", level, "topic", rules=own, **fields)  # type: ignore[arg-type]


def strip(text: str, *packs: Pack, page: Page = Page(), **settings_: object) -> Document:
    stripper = Stripper(RuleSet(packs), **settings_)  # type: ignore[arg-type]
    return close_gaps(stripper.strip(Document(Source("a"), text), page or Page()))


def clean(text: str, *rules: Rule) -> str:
    return strip(text, pack(*rules)).clean_text


def starting(*patterns: str) -> Condition:
    return Condition(patterns=patterns)


def said(removals: tuple[Removal, ...], document: Document) -> list[tuple[int, str, str]]:
    """Line, rule and text of each removal that a rule caused."""
    return [
        (one.line, one.cause.rule, document.text[one.span.start : one.span.end])
        for one in removals
        if isinstance(one.cause, RuleFired)
    ]


# -- lines


def test_lines_go_by_literal_or_pattern() -> None:
    lines = rule(match=Condition(("Read  more",), ("^Share on .{3,9}$",)))
    text = "One\n  READ\u00a0more \nRead more.\nShare on\tX\nShare  on Face\nTwo"
    document = strip(text, pack(lines))
    assert document.clean_text == "One\nRead more.\nShare on\tX\nTwo"
    assert said(document.removals, document) == [(2, "p.r", "  READ\u00a0more \n"), (5, "p.r", "Share  on Face\n")]


def test_first_and_last_count_non_blank_lines_of_what_is_left() -> None:
    assert clean("\n\nx\n\ngone\ngone", rule(match=LINE, first=1)) == "\n\nx\n\ngone\ngone"
    assert clean("x\n\ngone\ny\ngone", rule(match=LINE, first=2)) == "x\n\ny\ngone"
    assert clean("gone\ngone\ny\ngone", rule(match=LINE, first=1)) == "y\ngone"
    assert clean("gone\nx\ngone\n\n\n", rule(match=LINE, last=1)) == "gone\nx\n\n\n"
    assert clean("x\ngone\ny\nz", rule(match=LINE, last=2)) == "x\ngone\ny\nz"
    assert clean("gone\nx\ngone", rule(match=LINE, first=2, last=2)) == "gone\nx\ngone", "both must hold"


def test_patterns_are_not_tried_on_long_lines_but_literals_are() -> None:
    text = "abc \t d\nabcdefg"
    assert clean(text, rule(match=starting("^abc"), max_length=5)) == "abcdefg"
    assert clean(text, rule(match=Condition(("abcdefg",)), max_length=5)) == "abc \t d\n"


# -- phrases


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("One. (Read more) Two.", "One. Two."),
        ("One.  (read  MORE)\tTwo.", "One.  Two."),
        ("One. (Read\u00a0more)", "One."),
        ("One. (Read\x0bmore) Two.", "One. Two."),
        ("\t(Read more) Two.", "\tTwo."),
        ("a (read more) b (read more) c", "a b c"),
        ("(read more)(read more) x (read more)", "x"),
        ("x\n\n(Read more)\n\ny", "x\n\ny"),
        ("x\r\n\r\n \t(Read more) \r\n\r\ny\r\n", "x\r\n\r\ny\r\n"),
        ("One (Read more)\r\nTwo\r\n", "One\r\nTwo\r\n"),
        ("Read more", "Read more"),
    ],
)
def test_phrases_go_with_the_smaller_gap(text: str, left: str) -> None:
    document = strip(text, pack(rule(kind=Kind.PHRASE, match=Condition(("(read more)",)))))
    assert document.clean_text == left


def test_phrase_patterns_see_folded_blanks_and_keep_blanks_at_their_edges() -> None:
    phrase = rule(kind=Kind.PHRASE, match=starting(r" ?\(via \w+ \w+\) ?", "^Note: "))
    assert clean("  Note: One (via\tthe  wire)\u00a0two.", phrase) == "  One two."


def test_overlapping_phrases_go_together_whatever_their_order() -> None:
    one, two = rule("one", Kind.PHRASE, match=Condition(("a b",))), rule("two", Kind.PHRASE, match=Condition(("b c",)))
    for rules in [(one, two), (two, one)]:
        document = strip("x a b c y", pack(*rules))
        assert document.clean_text == "x y"
        assert "".join(text for _, _, text in said(document.removals, document)) == "a b c"
        assert {name for _, name, _ in said(document.removals, document)} == {"p.one", "p.two"}


def test_what_a_cut_uncovers_is_looked_at_again() -> None:
    inner = rule("inner", Kind.PHRASE, match=starting(r"\[x\]"))
    assert clean("a [[x]x] b", inner) == "a b"
    assert clean("gone [x]\nb", inner, rule(match=LINE)) == "b"
    assert clean("A\n[x]\nPhoto", inner, rule("w", Kind.BLOCK, start=starting(r"^A\nPhoto$"))) == ""
    assert clean("A\ngone\nPhoto\nb", rule(match=LINE), rule("w", Kind.BLOCK, start=starting(r"^A\nPhoto$"))) == "b"


def test_a_phrase_that_empties_its_line_takes_the_line_end() -> None:
    document = strip("x\n [ad] \ny\n", pack(rule(kind=Kind.PHRASE, match=starting(r"\[ad\]"))))
    assert document.clean_text == "x\ny\n"
    assert next((one.line, one.span) for one in document.removals)[0] == 2
    assert (
        document.clean_text + "".join(document.text[one.span.start : one.span.end] for one in document.removals)
        == "x\ny\n [ad] \n"
    )


# -- blocks, tails, heads

BLOCK = {"start": starting("^S$"), "end": starting("^E$"), "max_lines": 3}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\nS\n\nx\n\nE\nb", "a\nb"),
        ("a\nS\nE\nb", "a\nb"),
        ("a\nS\nx\ny\nE\nb", "a\nS\nx\ny\nE\nb"),
        ("a\nE\nS\nb", "a\nE\nS\nb"),
        ("S\nE\nx\nE\nb", "x\nE\nb"),
        ("S\nS\nE\nb", "b"),
        ("a\nS", "a\nS"),
    ],
)
def test_blocks_reach_to_the_first_end_within_their_limit(text: str, left: str) -> None:
    assert clean(text, rule(kind=Kind.BLOCK, **BLOCK)) == left


def test_a_block_is_numbered_and_marked_line_by_line() -> None:
    document = strip("S\nx\nE\na\nS\n\nE\nb", pack(rule(kind=Kind.BLOCK, **BLOCK)))
    marks = [(one.line, one.cause.block) for one in document.removals if isinstance(one.cause, RuleFired)]
    assert marks == [(1, 1), (2, 1), (3, 1), (5, 2), (7, 2)]


def test_blocks_of_fixed_lines() -> None:
    block = rule(kind=Kind.BLOCK, start=starting(r"^(.+)\nPhoto: .*\n\1$"))
    assert clean("x\nTitle\n\nPhoto: L\n\nTitle\ny", block) == "x\ny"
    assert clean("Title\nPhoto: L\nOther", block) == "Title\nPhoto: L\nOther"


def test_blocks_may_be_bound_to_the_first_lines() -> None:
    assert clean("S\nE\na\nS\nE", rule(kind=Kind.BLOCK, **BLOCK, first=1)) == "a\nS\nE"


def test_tails_go_when_little_enough_remains() -> None:
    tail = rule(kind=Kind.TAIL, start=starting("^Comments$"), max_lines=3)
    assert clean("a\n\nComments\n\nx\n\ny\n", tail) == "a\n"
    assert clean("a\nComments\nx\ny\nz", tail) == "a\nComments\nx\ny\nz"
    assert clean("Comments\nx\nComments\nx", tail) == ""
    assert clean("a\nComments", tail) == "a\n"


def test_heads_go_when_short_enough() -> None:
    head = rule(kind=Kind.HEAD, end=starting("^Skip$"), max_lines=2)
    assert clean("\nMenu\n\nSkip\n\na\n", head) == "\na\n"
    assert clean("x\ny\nSkip\na", head) == "x\ny\nSkip\na"
    assert clean("Skip\nx\nSkip\na", head) == "a", "what is left is looked at again"


# -- who decides

LEVELS = list(Level)


@pytest.mark.parametrize("near", LEVELS)
@pytest.mark.parametrize("far", LEVELS)
@pytest.mark.parametrize("action", [Action.KEEP, Action.FLAG])
def test_the_nearest_level_decides(near: Level, far: Level, action: Action) -> None:
    packs = [pack(rule(action=action, match=LINE), name="near", level=near), pack(rule(match=LINE), name="far", level=far)]
    for order in (packs, packs[::-1]):
        document = strip("a\ngone\nb", *order)
        stays = near > far or (near is far and action is Action.KEEP)
        assert document.clean_text == ("a\ngone\nb" if stays else "a\nb")
        assert said(document.flags, document) == ([(2, "near.r", "gone\n")] if stays and action is Action.FLAG else [])
        assert document.protected == ((2,) if stays and action is Action.KEEP else ())


def test_the_nearest_rule_is_named() -> None:
    packs = [pack(rule(match=LINE), name=level.name.lower(), level=level) for level in Level]
    for order in (packs, packs[::-1]):
        assert said((document := strip("gone", *order)).removals, document) == [(1, "user.r", "gone")]
        phrases = [replace(one, rules=(replace(one.rules[0], kind=Kind.PHRASE),)) for one in order]
        assert said((document := strip("a gone", *phrases)).removals, document) == [(1, "user.r", "gone")]


def test_a_kept_line_is_spared_by_blocks_and_phrases_and_its_own_word_does_not_count() -> None:
    keep = rule("k", action=Action.KEEP, match=Condition(("x",)))
    keep_start = rule("k", action=Action.KEEP, match=Condition(("S",)))
    block = rule(kind=Kind.BLOCK, **BLOCK)
    assert clean("S\nx\nE\na", block, keep) == "x\na"
    assert clean("S\nx\nE\na", block, keep_start) == "S\nx\nE\na"
    phrase = rule("f", Kind.PHRASE, match=Condition(("gone",)))
    assert clean("x gone\ny gone", phrase, rule("k", Kind.PHRASE, Action.KEEP, match=Condition(("x",)))) == "x gone\ny"


def test_a_nearer_flag_on_its_start_holds_a_block_back() -> None:
    generic = pack(rule(kind=Kind.BLOCK, **BLOCK), name="g", level=Level.GENERIC)
    flag = pack(rule(action=Action.FLAG, match=Condition(("S",))))
    text = "S\nx\nE\na\nE\nb"
    document = strip(text, generic, flag)
    assert document.clean_text == text
    assert said(document.flags, document) == [(1, "p.r", "S\n")]
    assert document.removals == ()


def test_flags_of_phrases() -> None:
    flag = rule(kind=Kind.PHRASE, action=Action.FLAG, match=Condition(("gone",)))
    remove = rule(kind=Kind.PHRASE, match=starting("so gone|also"))
    document = strip("a so gone also b\n", pack(flag), pack(remove, name="g", level=Level.GENERIC))
    assert document.clean_text == "a so gone b\n"
    assert said(document.flags, document) == [(1, "p.r", "gone")]
    document = strip("a so gone also b\n", pack(remove), pack(flag, name="g", level=Level.GENERIC))
    assert document.clean_text == "a b\n"
    assert document.flags == ()


def test_flags_stand_on_what_stays_only() -> None:
    flag = rule("f", Kind.PHRASE, Action.FLAG, match=Condition(("also",)))
    cut = rule("c", Kind.PHRASE, match=starting(r"\[x\]"))
    document = strip("gone also [x]\nalso\n", pack(flag, cut, rule(match=Condition(("gone also",)))))
    assert document.clean_text == "also\n"
    assert said(document.flags, document) == [(2, "p.f", "also")]


def test_rules_are_disabled_by_packs_in_force_only() -> None:
    one = pack(rule(match=LINE), name="one", level=Level.GENERIC)
    assert strip("gone", one, pack(name="two", disable=("one.r",))).clean_text == "gone"
    scoped = pack(name="two", disable=("one.r",), hosts=("example.org",))
    assert strip("gone", one, scoped).clean_text == ""
    assert strip("gone", one, scoped, page=Page("example.org")).clean_text == "gone"
    assert strip("gone", one, pack(name="two", disable=("one.x",))).clean_text == ""


def test_languages_choose_packs() -> None:
    german, any_ = pack(rule(match=LINE), language="de"), pack(rule(match=Condition(("x",))), name="q")
    assert strip("gone\nx", german, any_).clean_text == ""
    assert strip("gone\nx", german, any_, languages=frozenset(["en"])).clean_text == "gone\n"
    assert strip("gone\nx", german, any_, languages=frozenset(["de", "en"])).clean_text == ""


def test_scoped_packs_are_named_with_the_site() -> None:
    packs = [
        pack(rule(match=LINE), name="z", hosts=("example.org",), markers=("^QIOSK$",)),
        pack(name="all"),
        pack(name="b", markers=("QIOSK",)),
    ]
    document = strip("QIOSK\ngone", *packs)
    assert (document.clean_text, document.packs, document.site) == ("QIOSK\n", ("b", "z"), "example.org")
    document = strip("QIOSK\ngone", *packs, page=Page("other.net"))
    assert (document.clean_text, document.packs, document.site) == ("QIOSK\ngone", ("b",), "other.net")
    assert strip("x", *packs).site is None


def test_a_marker_that_a_cut_uncovers_counts() -> None:
    packs = [
        pack(rule(match=LINE), name="s", markers=("^QIOSK$",)),
        pack(rule(kind=Kind.PHRASE, match=starting(r"\[x\]")), name="t"),
    ]
    assert strip("QIOSK [x]\ngone\na", *packs).clean_text == "QIOSK\na"


# -- what takes too long


def test_a_rule_that_runs_for_ever_is_set_aside_and_the_rest_goes_on() -> None:
    slow = rule("slow", match=starting("^(?:a|aa)+$"))
    phrase = rule("slow-phrase", Kind.PHRASE, match=starting("(?:b|bb)+$"))
    text = "aaa\n" + "a" * 60 + "!\naaaa\ngone\n" + "b" * 60 + "!\n"
    document = strip(text, pack(slow, phrase, rule(match=LINE)), time_limit=0.1)
    assert document.clean_text == "a" * 60 + "!\naaaa\n" + "b" * 60 + "!\n"
    assert document.skipped == (Skipped("p.slow", 2), Skipped("p.slow-phrase", 5))
    assert strip("a\nb", pack(slow, phrase), time_limit=0.1).skipped == ()


def test_many_passes_over_a_long_document_end_soon() -> None:
    text = "x\n" * 5_000
    assert clean(text, rule(match=Condition(("x",)), first=60)) == ""


# -- one rule alone


def test_left_by_speaks_of_one_rule_whatever_its_action() -> None:
    for action in Action:
        assert left_by(rule(action=action, match=LINE))("a\ngone\nb") == "a\nb"
        assert left_by(rule(action=action, match=LINE))("a\nb") == "a\nb"
        assert left_by(rule(kind=Kind.TAIL, action=action, start=starting("^T$"), max_lines=3))("a\nT\nb") == "a\n"
    assert left_by(rule(kind=Kind.PHRASE, match=LINE))("a gone b") == "a b"
    assert left_by(rule(kind=Kind.PHRASE, action=Action.KEEP, match=LINE))("a gone b\nc") == "c"


def test_strippers_can_be_sent_to_other_processes() -> None:
    stripper = Stripper(RuleSet((pack(rule(match=LINE), rule("b", Kind.BLOCK, **BLOCK)),)))
    document = Document(Source("a"), "gone\nS\nE\nb")
    before = stripper.strip(document)
    assert pickle.loads(pickle.dumps(stripper)).strip(document) == before


def test_a_pack_as_written_works() -> None:
    toml = '[pack]\nid = "p"\n[[rule]]\nid = "r"\nwhy = "W"\nkind = "line"\npattern = \'^Ad: \'\nremoves = ["Ad: x"]\nkeeps = ["Ads"]\n'
    parsed = parse_pack(tomllib.loads(toml), "p.toml", FaultList("p.toml"))
    assert parsed is not None
    assert strip("Ad: x\nAds", parsed).clean_text == "Ads"


# -- for all rules and texts

WORDS = ["S", "E", "T", "H", "x", "gone", "x gone", "gone x  gone", "S x", " x ", "", "", "\t", "x E gone", "M", "M gone"]
texts = st.builds(
    lambda lines, end, last: end.join(lines) + last,
    st.lists(st.sampled_from(WORDS), max_size=14),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n "]),
)
conditions = st.builds(
    Condition,
    st.lists(st.sampled_from(["S", "E", "x", "gone", "x gone", "T", "M"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["^S", "E$", "^x", "gone$", "^T$", "^gone x", "x", "^H"]), max_size=2).map(tuple),
)
starts = st.sampled_from([starting(p) for p in ["^S$", "^T$", "^x", "gone", r"^S\nx", r"^(.+)\n.*\n\1$", r"^x\n(?:gone|E)$"]])
ends_ = st.sampled_from([starting(p) for p in ["^E$", "^H$", "x$", "gone"]])
actions = st.sampled_from([Action.REMOVE, Action.REMOVE, Action.REMOVE, Action.KEEP, Action.FLAG])
sizes = st.integers(1, 6)
places = st.none() | st.integers(1, 4)


def rules_of(kind: Kind, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Rule]:
    return st.builds(rule, kind=st.just(kind), action=actions, max_length=st.sampled_from([3, 6, 1000]), **fields)


rules = st.one_of(
    rules_of(Kind.LINE, match=conditions, first=places, last=places),
    rules_of(Kind.PHRASE, match=conditions),
    rules_of(Kind.BLOCK, start=starts, end=ends_, max_lines=sizes, first=places),
    rules_of(Kind.BLOCK, start=starts, first=places, last=places),
    rules_of(Kind.TAIL, start=starts, max_lines=sizes),
    rules_of(Kind.HEAD, end=ends_, max_lines=sizes),
)


@st.composite
def rule_sets(draw: st.DrawFn) -> tuple[Pack, ...]:
    """Up to four packs; those in force by a marker only remove, see ``test_what_only_a_marker_protects...``."""
    packs = []
    for number in range(draw(st.integers(1, 4))):
        own = draw(st.lists(rules, min_size=1, max_size=3))
        markers = draw(st.sampled_from([(), (), ("^M$",), ("^x$",), (r"^S\nM",)]))
        if markers:
            own = [replace(one, action=Action.REMOVE) for one in own]
        own = [replace(one, id=f"r{at}") for at, one in enumerate(own)]
        packs.append(pack(*own, name=f"p{number}", level=draw(st.sampled_from(LEVELS)), markers=markers))
    if draw(st.booleans()):
        packs[0] = replace(packs[0], disable=() if packs[0].scoped else (draw(st.sampled_from(["p0.r0", "p1.r0"])),))
    return tuple(packs)


@settings(max_examples=200, deadline=None)
@given(rule_sets(), texts)
def test_kept_and_removed_are_the_text(packs: tuple[Pack, ...], text: str) -> None:
    document = strip(text, *packs)
    spans = [removal.span for removal in document.removals]
    assert spans == sorted(spans)
    assert all(span.start < span.end for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    pieces = sorted([*spans, *document.kept_spans])
    assert "".join(text[start:end] for start, end in pieces) == text
    lines = line_spans(text)
    for mark in (*document.removals, *document.flags):
        assert lines[mark.line - 1].start <= mark.span.start < mark.span.end <= lines[mark.line - 1].end
    visible = "".join(text[start:end] for start, end in spans if text[start:end].strip())
    assert sum(not char.isspace() for char in text) == sum(not char.isspace() for char in document.clean_text + visible)
    for removal in document.removals:
        if isinstance(removal.cause, Layout):
            assert not text[removal.span.start : removal.span.end].strip()


@settings(max_examples=500, deadline=None)
@given(rule_sets(), texts)
@example((pack(rule(match=LINE), rule("w", Kind.BLOCK, start=starting(r"^S\nx"))),), "a\nS\ngone\nx\nS\nE")
@example((pack(rule(match=LINE), rule("w", Kind.BLOCK, start=starting(r"^(.+)\n.*\n\1$"))),), "x\ngone\nE\nT\ngone\ngone\nE\nx")
def test_cleaning_clean_text_changes_nothing(packs: tuple[Pack, ...], text: str) -> None:
    once = strip(text, *packs).clean_text
    again = strip(once, *packs)
    assert again.clean_text == once
    assert again.removals == ()


def taken_by_others(document: Document, chosen: list[int]) -> Document:
    """The document with some of its lines, those that no rule speaks for, taken by evidence."""
    held = {*document.protected, *(mark.line for mark in (*document.flags, *document.removals))}
    spans = dict(enumerate(line_spans(document.text), 1))
    free = [one for one, (start, end) in spans.items() if one not in held and document.text[start:end].strip()]
    lines = sorted({free[place % len(free)] for place in chosen}) if free else []
    marks = (Removal(spans[line], line, Evidence(0.9, ("a reason",))) for line in lines)
    return replace(document, removals=tuple(sorted((*document.removals, *marks), key=lambda mark: mark.span)))


@settings(max_examples=500, deadline=None)
@given(rule_sets().filter(lambda packs: not any(one.scoped for one in packs)), texts, st.lists(st.integers(0, 13), max_size=5))
def test_rules_go_on_where_others_took_lines(packs: tuple[Pack, ...], text: str, chosen: list[int]) -> None:
    stripper = Stripper(RuleSet(packs))
    begun = stripper.begin(Document(Source("a"), text))
    taken = taken_by_others(begun.document, chosen)
    document = close_gaps(begun.after(taken))
    assert [one for one in taken.removals if isinstance(one.cause, Evidence)] == [
        one for one in document.removals if isinstance(one.cause, Evidence)
    ]
    assert set(taken.removals) <= set(document.removals), "what went is gone"
    again = close_gaps(stripper.strip(Document(Source("a"), document.clean_text)))
    assert again.clean_text == document.clean_text


def test_a_rule_for_the_last_lines_sees_those_that_evidence_leaves() -> None:
    stripper = Stripper(RuleSet((pack(rule(match=LINE, last=2)),)))
    begun = stripper.begin(Document(Source("a"), "x\ngone\ny\nz\nw"))
    assert begun.document.removals == ()
    after = begun.after(taken_by_others(begun.document, [3, 4]))
    assert close_gaps(after).clean_text == "x\ny\n"
    assert said(after.removals, after) == [(2, "p.r", "gone\n")]


def test_what_was_in_doubt_is_no_longer_once_a_rule_takes_it() -> None:
    stripper = Stripper(RuleSet((pack(rule(match=LINE, last=2)),)))
    begun = stripper.begin(Document(Source("a"), "x\ngone\ny\nz\nw"))
    lines = line_spans(begun.document.text)
    doubtful = tuple(Removal(lines[place], place + 1, Evidence(0.5, ("a reason",))) for place in (0, 1))
    after = begun.after(replace(taken_by_others(begun.document, [3, 4]), flags=doubtful))
    assert [one.line for one in after.removals] == [2, 4, 5]
    assert after.flags == doubtful[:1]


def test_blocks_are_numbered_on_after_those_of_evidence() -> None:
    stripper = Stripper(RuleSet((pack(rule(kind=Kind.TAIL, start=starting("^T$"), max_lines=2)),)))
    begun = stripper.begin(Document(Source("a"), "x\nT\ny\nz\nw"))
    taken = taken_by_others(begun.document, [3, 4])
    marks = tuple(replace(one, cause=replace(one.cause, block=7)) for one in taken.removals if isinstance(one.cause, Evidence))
    after = begun.after(replace(taken, removals=marks))
    assert [(one.line, one.cause.block) for one in after.removals if isinstance(one.cause, RuleFired)] == [(2, 8), (3, 8)]


@settings(max_examples=200, deadline=None)
@given(rule_sets(), texts, st.randoms(use_true_random=False))
def test_the_order_of_packs_and_rules_does_not_matter(packs: tuple[Pack, ...], text: str, chance: object) -> None:
    shuffled = [replace(one, rules=tuple(chance.sample(one.rules, len(one.rules)))) for one in packs]  # type: ignore[attr-defined]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = strip(text, *packs), strip(text, *shuffled)
    assert other.clean_text == one.clean_text
    assert other.kept_spans == one.kept_spans
    assert other.protected == one.protected
    assert other.packs == one.packs


@settings(max_examples=150, deadline=None)
@given(rule_sets(), texts)
def test_the_prefilter_does_not_matter(packs: tuple[Pack, ...], text: str) -> None:
    assert strip(text, *packs) == strip(text, *packs, prefilter=False)


@settings(max_examples=150, deadline=None)
@given(rule_sets(), texts)
def test_flags_and_protected_lines_stay(packs: tuple[Pack, ...], text: str) -> None:
    document = strip(text, *packs)
    gone = {at for removal in document.removals for at in range(*removal.span)}
    lines = line_spans(text)
    for span in [*(flag.span for flag in document.flags), *(lines[number - 1] for number in document.protected)]:
        assert any(at not in gone for at in range(*span) if not text[at].isspace()), "at most phrases are cut out of it"


def test_what_only_a_marker_protects_is_safe_while_the_marker_stands() -> None:
    """The known limit of the promise above: a pack found by a marker alone, that protects, and whose marker goes."""
    site = pack(
        rule("k", action=Action.KEEP, match=Condition(("x",))), rule("m", match=Condition(("M",))), name="s", markers=("^M$",)
    )
    generic = pack(rule(match=Condition(("x",))), name="g", level=Level.GENERIC)
    once = strip("M\nx\na", site, generic)
    assert once.clean_text == "x\na"
    assert strip(once.clean_text, site, generic).clean_text == "a"
    named = replace(site, hosts=("example.org",))
    once = strip("M\nx\na", named, generic)
    assert strip(once.clean_text, named, generic, page=Page(once.site or "")).clean_text == once.clean_text
