"""Learning packs: what repeats goes, what belongs to the text stays, and what is written is an ordinary pack."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import CleanSettings, DuplicateSettings, EvidenceSettings, Pipeline, Policy, RuleSet, Strength, load_rules
from cleaner.document import Document, Raw, Source
from cleaner.learn import toml
from cleaner.learn.corpus import Lessons, lay_down, learn_shelf
from cleaner.learn.numbers import Calendar
from cleaner.learn.packs import pack_text
from cleaner.learn.pages import chosen, stories_of
from cleaner.learn.settings import LearnSettings
from cleaner.learn.sites import Shelf, group_of
from cleaner.learn.tally import keys_of, tally, views_of
from cleaner.learn.update import updated
from cleaner.rules.check import advice, check_rules
from cleaner.rules.model import Action, Kind, Level
from cleaner.rules.model import RuleSet as Rules
from cleaner.strip import left_by

NOUNS = [
    "harbour",
    "ferry",
    "council",
    "market",
    "lamp",
    "bridge",
    "tower",
    "garden",
    "mayor",
    "clerk",
    "sailor",
    "baker",
    "school",
    "river",
    "island",
    "storm",
    "winter",
    "summer",
    "bread",
    "fish",
]
VERBS = [
    "closed",
    "opened",
    "carried",
    "watched",
    "counted",
    "repaired",
    "painted",
    "remembered",
    "promised",
    "refused",
    "crossed",
    "followed",
    "measured",
    "sold",
    "bought",
]
RULES = CleanSettings(evidence=EvidenceSettings(Strength.RULES), duplicates=DuplicateSettings(policy=Policy.OFF))


def sentence(chance: random.Random) -> str:
    """A sentence that means nothing and is written like any."""
    parts = [
        f"the {chance.choice(NOUNS)} {chance.choice(VERBS)} the {chance.choice(NOUNS)} of {chance.randint(3, 999)} people"
        for _ in range(2)
    ]
    return f"{parts[0]}, and {parts[1]} after {chance.randint(2, 90)} days of rain.".capitalize()


def headline(chance: random.Random) -> str:
    """Words without an end."""
    return f"{chance.choice(NOUNS).capitalize()} {chance.choice(VERBS)} the {chance.choice(NOUNS)} of {chance.choice(NOUNS)} {chance.randint(2, 999)}"


def page(number: int, *, first: Sequence[str] = (), last: Sequence[str] = (), within: Sequence[str] = ()) -> str:
    """A page of its own story: furniture before it, behind it, and single lines between its paragraphs."""
    chance = random.Random(number)
    body = [" ".join(sentence(chance) for _ in range(3)) for _ in range(chance.randint(6, 14))]
    for place, line in enumerate(within):
        body.insert(2 * place + chance.randint(1, 2), line)
    return "\n\n".join([*first, headline(chance), *body, *last]) + "\n"


def bugle(number: int) -> str:
    """A page of the Skerrow Bugle."""
    chance = random.Random(-number)
    days = ["Monday", "Tuesday", "Wednesday", "Friday", "Sunday"]
    return page(
        number,
        first=["Share this story Tweet Email", f"Listen to this article {chance.randint(1, 9)}:{chance.randint(10, 59)}", f"Printed on {chance.choice(days)}"],
        within=[
            f"Read more: {headline(chance)}",
            f"CLOSE {chance.choice(['The', 'A', 'This', 'In this'])} {chance.choice(NOUNS)} {chance.choice(VERBS)} the {chance.choice(NOUNS)} of {chance.choice(NOUNS)}.",
            "MAYOR REED: I did not say that." if number % 3 == 0 else f"MAYOR REED: {sentence(chance)}",
            "[applause]" if number % 3 == 1 else sentence(chance),
            f"“{sentence(chance)}” the Skerrow Bugle was told.",
        ],
        last=["Ann Reed contributed to this report.", "Visit the Skerrow Bugle's homepage for more stories."] + (["CLOSE"] if number % 2 else []),
    )  # fmt: skip


def gazette(number: int) -> str:
    """A page of another site."""
    chance = random.Random(number + 5_000)
    return page(
        number + 5_000, first=["Almesta Gazette, the paper of the north"], last=[f"Advertisement {chance.randint(1, 40)}"]
    )


def taught(pages: Sequence[tuple[str, str]], setting: LearnSettings = LearnSettings()) -> Lessons:
    """What pages teach; each with its host."""
    with Shelf() as shelf:
        lay_down(shelf, [Raw(Source(str(number)), text, site=host) for number, (host, text) in enumerate(pages)], None)
        return learn_shelf(shelf, setting)


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    """Forty pages of one site, twenty of another."""
    pages = [("www.skerrowbugle.example", bugle(number)) for number in range(40)]
    return taught([*pages, *(("gazette.example", gazette(number)) for number in range(20))])


@pytest.fixture(scope="module")
def packs(lessons: Lessons, tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """Their packs, written and read again."""
    folder = tmp_path_factory.mktemp("learned")
    for lesson in lessons.lessons:
        (folder / f"{lesson.site.name}.toml").write_text(pack_text(lesson.site, lesson.rules, lesson.markers), encoding="utf-8")
    return load_rules(folder, bundled=False)


def left(rules: RuleSet, text: str, site: str | None = None) -> Document:
    """A page, cleaned by these rules alone."""
    return Pipeline(rules, RULES).clean(text, site)


def test_pages_that_were_not_seen_lose_their_furniture_and_nothing_else(packs: RuleSet) -> None:
    for number in range(100, 130):
        text = bugle(number)
        gone = {"Share this story Tweet Email", "Visit the Skerrow Bugle's homepage for more stories.", "CLOSE"}
        expected = [
            view.removeprefix("CLOSE ")
            for view in views_of(text)
            if view not in gone and not view.startswith(("Listen to this article", "Read more: ", "Printed on"))
        ]
        assert views_of(left(packs, text, "skerrowbugle.example").clean_text) == expected


def test_rules_are_tidy_and_true_to_their_examples(packs: RuleSet) -> None:
    assert list(check_rules(packs, left_by)) == []
    assert list(advice(packs)) == []
    for _, rule in packs.rules():
        assert rule.removes
        assert rule.keeps
        assert "confidence" in rule.why
        assert "page" in rule.why
        assert all(pattern.startswith("^") or pattern.endswith("$") for pattern in rule.match.patterns)
    kinds = {rule.id: rule.kind for _, rule in packs.rules()}
    assert kinds["read-more"] is Kind.LINE
    assert kinds["close"] is Kind.PHRASE


def test_the_evidence_stands_beside_each_line(lessons: Lessons) -> None:
    own = next(lesson for lesson in lessons.lessons if lesson.site.name == "skerrowbugle.example")
    text = pack_text(own.site, own.rules, own.markers)
    assert "# Learned by `cleaner rules learn` from 40 pages of skerrowbugle.example." in text
    assert '"share this story tweet email",  # 40 pages, confidence' in text
    assert "line 1;" in text


def test_numbers_go_as_far_as_they_were_seen(packs: RuleSet) -> None:
    patterns = [pattern for _, rule in packs.rules() for pattern in rule.match.patterns]
    assert r"^Listen to this article \d:\d{2}$" in patterns
    assert r"^Advertisement \d{1,2}$" in patterns
    day = next(pattern for pattern in patterns if "Printed on" in pattern)
    assert "Thursday" in day  # five days were seen; all are taken in
    assert "January" not in day


@pytest.mark.parametrize(
    ("lines", "pattern"),
    [
        (["Advertisement 2", "Advertisement 3"], r"Advertisement \d"),
        (["Page 7 of 9", "Page 12 of 9"], r"Page \d{1,2} of 9"),
        (["1,204 comments", "87,531 comments"], r"\d{1,3}(?:[.,]\d{3})* comments"),
        (["On Monday", "On Friday"], "On (?:Friday|Monday)"),
        (["What (if) 1?", "What (if) 2?"], r"What \(if\) \d\?"),
    ],
)
def test_a_pattern_of_lines(lines: list[str], pattern: str) -> None:
    assert Calendar([{"monday", "tuesday", "friday"}]).pattern(lines) == pattern


def test_what_repeats_and_is_content_stays(packs: RuleSet) -> None:
    for text in ("Ann Reed contributed to this report.", "MAYOR REED: I did not say that.", "[applause]", "“I did not.”"):
        document = left(packs, f"One.\n\n{text}\n\nTwo.\n", "skerrowbugle.example")
        assert not document.removals, text


@pytest.mark.parametrize(
    ("credits_of", "goes"),
    [
        (["Ann Reed / Skerrow Bugle", "Tom van Ness / Skerrow Bugle"], True),
        (["Ann Reed for the Skerrow Bugle", "Tom van Ness for the Skerrow Bugle"], True),
        (["Ann Reed / Skerrow Bugle"], False),  # one name: nothing tells what changes
        (["Ann Reed / Almesta Gazette", "Tom van Ness / Almesta Gazette"], False),  # another house
        (["Ann Reed told the Skerrow Bugle", "Tom van Ness told the Skerrow Bugle"], False),  # no sign of a credit
    ],
)
def test_a_credit_of_the_house_is_one_with_any_name(credits_of: list[str], goes: bool) -> None:
    pages = [page(number, first=[credits_of[number // 8 % len(credits_of)]] if number % 8 == 0 else ()) for number in range(40)]
    found = taught([("skerrowbugle.example", text) for text in pages])
    own = Rules(tuple(load_pack(lesson) for lesson in found.lessons if lesson.rules))
    unseen = credits_of[0].replace("Ann Reed", "Maria Solvay Holm")
    text = page(99, first=[unseen, credits_of[0]])
    clean = views_of(left(own, text, "skerrowbugle.example").clean_text)
    assert (unseen not in clean) is goes
    assert (
        "Ann Reed said so to the Skerrow Bugle"
        in left(own, "Ann Reed said so to the Skerrow Bugle\n", "skerrowbugle.example").clean_text
    )


def test_copies_of_a_story_are_one_story() -> None:
    lines = [
        "What the harbour master told us about the winter",
        "It was a long winter, he said, and nobody on the island will forget it before the next one comes.",
    ]
    copies = [page(1, within=lines) for _ in range(6)]
    pages = [("bugle.example", text) for text in [*copies, *(page(number) for number in range(2, 30))]]
    assert [lesson.rules for lesson in taught(pages).lessons] == [()]
    assert stories_of([views_of(text) for text in copies]) == [0] * 6


def test_headings_that_recur_inside_texts_stay() -> None:
    heads = ["What we know", "Background", "The reaction"]
    pages = [("bugle.example", page(number, within=heads if number % 4 == 0 else ())) for number in range(40)]
    removed = [one.rule for lesson in taught(pages).lessons for one in lesson.rules if one.rule.action is Action.REMOVE]
    assert removed == []


def test_less_sure_rules_only_flag() -> None:
    pages = [("bugle.example", page(number, first=["Winter on the islands"] if number % 10 == 0 else ())) for number in range(40)]
    for sure, action in ((0.99, Action.FLAG), (0.3, Action.REMOVE)):
        rules = [one.rule for lesson in taught(pages, LearnSettings(sure=sure, worth=0.3)).lessons for one in lesson.rules]
        assert [rule.action for rule in rules] == [action]


def test_lists_of_other_stories_go_by_the_lines_around_them() -> None:
    def with_list(number: int) -> str:
        chance = random.Random(number)
        return page(number, last=["Most read", *(headline(chance) for _ in range(chance.randint(2, 5))), "Follow us on Facebook"])

    found = taught([("bugle.example", with_list(number)) for number in range(30)]).lessons[0]
    blocks = [one.rule for one in found.rules if one.rule.kind is Kind.BLOCK]
    assert [(rule.start.patterns, rule.end.patterns) for rule in blocks] == [(("^Most read$",), ("^Follow us on Facebook$",))]
    rules = Rules((load_pack(found),))
    clean = left(rules, with_list(99), "bugle.example").clean_text
    assert views_of(clean) == views_of(page(99))


def load_pack(lesson: Any) -> Any:
    """The pack of a lesson, as it is loaded."""
    from cleaner.rules.parse import FaultList, parse_pack

    faults = FaultList("pack.toml")
    pack = parse_pack(tomllib.loads(pack_text(lesson.site, lesson.rules, lesson.markers)), "pack.toml", faults)
    assert faults.faults == []
    return pack


def test_headlines_glued_into_a_sentence_go_with_the_word_that_ends_them() -> None:
    def glued(number: int, *, clean: bool = False) -> str:
        chance = random.Random(number)
        teasers = f" Maria Anna SkerrowGulls {headline(chance)} Six {headline(chance)} MORE"
        teasers = "" if clean else teasers
        return page(number, within=[f"{sentence(chance)} Mayor Skerrow{teasers} said no. {sentence(chance)}"])

    found = taught([("bugle.example", glued(number)) for number in range(30)]).lessons[0]
    assert [one.rule.kind for one in found.rules] == [Kind.PHRASE]
    clean = left(Rules((load_pack(found),)), glued(99), "bugle.example").clean_text
    assert views_of(clean) == views_of(glued(99, clean=True))


def test_what_tells_a_site_stands_on_no_other(lessons: Lessons, packs: RuleSet) -> None:
    for lesson in lessons.lessons:
        assert lesson.markers
        assert lesson.recognised == len(lesson.site.pages)
    for number in range(200, 210):
        assert left(packs, bugle(number)).packs == ("skerrowbugle-example",)
        assert left(packs, gazette(number)).packs == ("gazette-example",)
        assert left(packs, page(number)).packs == ()


def test_a_line_of_two_sites_tells_neither() -> None:
    shared = ["Get the best of the island in your inbox every morning"]
    pages = [
        (f"{name}.example", page(number + start, first=shared))
        for name, start in (("one", 0), ("two", 500))
        for number in range(25)
    ]
    found = taught(pages).lessons
    assert [lesson.markers for lesson in found] == [(), ()]
    assert all(one.rule.removes[0] == shared[0] for lesson in found for one in lesson.rules)


def test_groups() -> None:
    raw = Raw(Source("paper.example/1.txt"), "x", site="https://www.Paper.example/1", fields={"desk": "north"})
    assert [group_of(raw, by) for by in (None, "url", "folder", "desk", "none")] == [
        "paper.example",
        "paper.example",
        "paper.example",
        "north",
        "",
    ]
    assert group_of(Raw(Source("one/1.txt"), "x"), None) == "one"
    with Shelf() as shelf:
        for host in ("paper.example", "markets.paper.example", "badpaper.example"):
            shelf.add("Text \ud800", host, host)
        shelf.add("x", "", "")
        assert [(site.name, site.hosts, list(site.pages)) for site in shelf.sites()] == [
            ("badpaper.example", ("badpaper.example",), [2]), ("paper.example", ("paper.example",), [0, 1]),
        ]  # fmt: skip
        assert list(shelf.texts([1])) == ["Text \ud800"]


@given(
    st.lists(
        st.lists(st.sampled_from(["Read more", "read MORE", "Page 1", "Page 22", "", "One", "Two"]), max_size=6), max_size=12
    ),
    st.integers(2, 4),
)
@settings(max_examples=60, deadline=None)
def test_the_tally_is_exact(pages: list[list[str]], least: int) -> None:
    texts = ["\n".join(lines) for lines in pages]
    exact = Counter(key for text in texts for key in keys_of(views_of(text)))
    found = tally(lambda: iter(texts), len(texts), least)
    assert {key: count.pages for key, count in found.items()} == {key: count for key, count in exact.items() if count >= least}


def test_few_pages_of_many_are_looked_at_closely() -> None:
    places = chosen(100_000, 600, [[number, number + 1, number + 2] for number in range(1, 99_000, 7)])
    assert len(places) <= 4 * 600 + 4
    assert places == sorted(set(places))


@given(st.text())
def test_quoted_texts_are_toml(text: str) -> None:
    text = text.replace("\r\n", "\n")
    assert tomllib.loads(f"a = {toml.quoted(text)}\nb = {toml.raw(text)}\n") == {"a": text, "b": text}


def test_update_keeps_what_people_wrote(lessons: Lessons) -> None:
    own = next(lesson for lesson in lessons.lessons if lesson.site.name == "skerrowbugle.example")
    old = """# By hand; do not touch.
[pack]
id = "bugle"   # a comment
hosts = ["skerrowbugle.example"]

[[rule]]
id = "close"
why = "Old name, other rule"
kind = "line"
literal = ["share this story tweet email"]
removes = ["Share this story Tweet Email"]
keeps = ["x"]

[[rule]]
id = "gone"
why = "Stood there last year"
kind = "line"
literal = ["scroll on"]
removes = ["Scroll on"]
keeps = ["x"]

[[rule]]
id = "motto"
why = "Is wanted"
kind = "line"
literal = ["visit the skerrow bugle's homepage for more stories."]
action = "keep"
removes = ["x"]
keeps = ["Visit the Skerrow Bugle's homepage for more stories."]
"""
    from cleaner.rules.parse import FaultList, parse_pack

    faults = FaultList("bugle.toml")
    pack = parse_pack(tomllib.loads(old), "bugle.toml", faults)
    assert pack is not None
    changed = updated(old, pack, own.rules, [bugle(number) for number in range(40)], 40)
    assert changed.text.startswith(old)
    assert changed.silent == ("bugle.gone",)
    again = parse_pack(tomllib.loads(changed.text), "bugle.toml", faults)
    assert again is not None
    assert faults.faults == []
    assert "share this story tweet email" not in changed.text.removeprefix(old).casefold()
    assert "homepage" not in changed.text.removeprefix(old)
    ids = [rule.id for rule in again.rules]
    assert len(ids) == len(set(ids)) > 3
    assert "close-2" in ids
    assert list(check_rules(Rules((again,)), left_by))[:1] == []
    assert updated(changed.text, again, own.rules, [], 40).text == changed.text


def test_learned_packs_do_not_depend_on_the_order_of_pages() -> None:
    pages = [("bugle.example", bugle(number)) for number in range(24)]
    texts = [
        pack_text(lesson.site, lesson.rules, lesson.markers) for order in (pages, pages[::-1]) for lesson in taught(order).lessons
    ]
    assert texts[0] == texts[1]


def test_levels_of_learned_packs(packs: RuleSet) -> None:
    assert {pack.level for pack in packs.packs} == {Level.USER}


def test_a_corpus_of_few_pages_teaches_only_when_asked() -> None:
    pages = [("bugle.example", bugle(number)) for number in range(6)]
    assert taught(pages).small == {"bugle.example": 6}
    few = taught(pages, LearnSettings(least_pages=4)).lessons[0]
    assert any("Share this story Tweet Email" in one.rule.removes for one in few.rules)


def test_paths(tmp_path: Path) -> None:
    """Odd names of groups become names of files and packs."""
    from cleaner.learn.packs import file_name, pack_id
    from cleaner.learn.sites import Site

    site = Site("../Ärger & Söhne/..", (), [])
    assert "/" not in file_name(site)
    assert (tmp_path / file_name(site)).resolve().parent == tmp_path
    assert pack_id("日本") == "site"
