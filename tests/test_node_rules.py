"""Rules about elements of pages: what they take, keep, flag and name, where they are in force, and who decides."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

import cleaner
from cleaner.audit import to_object
from cleaner.document import Document
from cleaner.extract.needs import needs_of
from cleaner.extract.ruled import PageRules
from cleaner.rules.load import load_rules
from cleaner.rules.model import Action, Kind, Level, Pack, Rule, RuleSet, Selection
from cleaner.rules.scope import Page
from cleaner.rules.selectors import LARGEST_PAGE, NotTried, compiled
from cleaner.run.frames import Frames

PROSE = [
    "The storm came at night and tore the roofs off seven houses along the harbour road, the council said on Tuesday morning.",
    "Nobody was hurt, but the ferry will not sail before Friday because its pier was broken by the waves, according to the port.",
    "Help for those who lost their homes is given at the town hall, which stays open through the night, the mayor told reporters.",
]
ARTICLE = "".join(f"<p>{one}</p>" for one in PROSE)
ASKED = "Support our work: become a friend of this paper for the price of a coffee a month."
LEAD = "The harbour master slept through it all, and woke when the first boat came through his kitchen window, he said."
PLEA = f'<div class="x-17"><p>{ASKED}</p></div>'
LETTER = '<aside class="letters"><h3>Newsletter</h3><p>Sign up for our newsletter</p></aside>'
HOST = "https://www.gull.example/storm"

Cleaned = Callable[..., Document]


def page(article: str = ARTICLE, below: str = "") -> str:
    head = "<title>Storm hits the coast</title>"
    return f"<!DOCTYPE html><html><head>{head}</head><body><main><article><h1>Storm hits the coast</h1>{article}</article>{below}</main></body></html>"


def rule(name: str, kind: str = "node", **fields: object) -> str:
    examples = {"removes": '<p class="none">Gone</p>', "keeps": "<p>Stays</p>"}
    rows = {"why": "A test", "kind": kind, **examples, **fields}
    return f'[[rule]]\nid = "{name}"\n' + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())


def pack(name: str, *rules: str, head: str = 'hosts = ["gull.example"]') -> str:
    return f'[pack]\nid = "{name}"\n{head}\n' + "\n".join(rules)


@pytest.fixture
def cleaned(tmp_path: Path) -> Cleaned:
    def clean(html: str, *packs: str, project: str = "", site: str | None = HOST, rules: bool = False) -> Document:
        folder = tmp_path / "packs"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(packs):
            (folder / f"{number}.toml").write_text(text, encoding="utf-8")
        (tmp_path / "project.toml").write_text(project, encoding="utf-8")
        loaded = load_rules(*([folder] if packs else []), project=[tmp_path / "project.toml"] if project else [], bundled=rules)
        return cleaner.Pipeline(loaded, cleaner.CleanSettings(evidence=cleaner.EvidenceSettings(cleaner.Strength.RULES))).clean(
            html, site
        )

    return clean


@pytest.fixture
def cleaner_process(command: list[str], process_env: Any, tmp_path: Path) -> Any:
    def run(*args: str) -> Any:
        done = subprocess.run([*command, *args], cwd=tmp_path, capture_output=True, timeout=120, env=process_env(), check=False)
        return SimpleNamespace(code=done.returncode, text=done.stdout.decode(), err=done.stderr.decode())

    return run


@pytest.mark.parametrize("selector", [{"css": "div.x-17"}, {"xpath": '//div[@class="x-17"]'}, {"css": ["i", "div.x-17"]}])
def test_what_a_rule_removes_is_told_with_the_rule(cleaned: Cleaned, selector: dict[str, object]) -> None:
    document = cleaned(page(ARTICLE + PLEA), pack("gull", rule("plea", **selector)))
    assert document.clean_text == "\n".join(PROSE) + "\n"
    told = [one for one in to_object(document)["left_out"] if "rule" in one]
    assert told == [{"reason": "gull.plea", "chars": len(ASKED), "rule": "gull.plea", "text": ASKED}]


@pytest.mark.parametrize(
    ("head", "site", "gone"),
    [
        ('hosts = ["gull.example"]', HOST, True),
        ('hosts = ["gull.example"]', "https://gull.example/a", True),
        ('hosts = ["gull.example"]', "https://badgull.example/a", False),
        ('hosts = ["gull.example"]\nsubdomains = false', HOST, True),
        ('hosts = ["gull.example"]\nsubdomains = false', "https://blog.gull.example/", False),
        ('hosts = ["gull.example"]\npaths = ["/sport/"]', HOST, False),
        ('hosts = ["gull.example"]\npaths = ["/sport/"]', "https://gull.example/sport/1", True),
        ("", "https://any.example/", True),
        ("", None, True),
        ('hosts = ["gull.example"]\nmarkers = ["^Daily Gull$"]', None, True),
        ('hosts = ["gull.example"]\nmarkers = ["^Daily Owl$"]', None, False),
        ('hosts = ["gull.example"]', None, False),
    ],
)
def test_where_a_rule_is_in_force(cleaned: Cleaned, head: str, site: str | None, gone: bool) -> None:
    html = page(f'<p class="lead">{LEAD}</p>{ARTICLE}', "<p>Daily Gull</p>")
    document = cleaned(html, pack("gull", rule("lead", css="p.lead"), head=head), site=site)
    assert (LEAD not in document.text) is gone


@pytest.mark.parametrize(
    ("hosts", "site", "gone"),
    [
        ({"hosts": ["gull.example"]}, HOST, True),
        ({"hosts": ["gull.example"]}, "https://owl.example/", False),
        ({"hosts": ["gull.example"]}, None, False),
        ({"hosts": ["gull.example"], "except_hosts": ["www.gull.example"]}, HOST, False),
        ({"except_hosts": ["gull.example"]}, HOST, False),
        ({"except_hosts": ["gull.example"]}, "https://owl.example/", True),
        ({"except_hosts": ["gull.example"]}, None, True),
    ],
)
def test_a_rule_may_name_hosts(cleaned: Cleaned, hosts: dict[str, object], site: str | None, gone: bool) -> None:
    html = page(f'<p class="lead">{LEAD}</p>{ARTICLE}')
    document = cleaned(html, pack("any", rule("lead", css="p.lead", **hosts), head=""), site=site)
    assert (LEAD not in document.text) is gone


def test_keep_beats_remove_within_a_level_and_the_nearer_level_beats_both(cleaned: Cleaned) -> None:
    html = page(ARTICLE + PLEA)
    remove, keep, flag = (rule(name, css="div.x-17", action=name) for name in ("remove", "keep", "flag"))
    assert "Support our work" not in cleaned(html, pack("gull", remove, flag)).text
    assert "Support our work" in cleaned(html, pack("gull", remove, keep)).text
    assert "Support our work" not in cleaned(html, pack("gull", remove), project=pack("house", keep)).text
    assert "Support our work" in cleaned(html, pack("gull", keep), project=pack("house", remove)).text
    assert "Support our work" in cleaned(html, pack("gull", flag), project=pack("house", remove)).text


@pytest.mark.parametrize("kept", ["div.x-17", "div.x-17 p", "article"])
def test_keep_holds_what_it_stands_in_and_what_stands_in_it(cleaned: Cleaned, kept: str) -> None:
    html = page(ARTICLE + PLEA)
    assert "Support our work" in cleaned(html, pack("gull", rule("a", css="div.x-17"), rule("b", css=kept, action="keep"))).text


def test_keep_holds_against_containers_weights_rules_and_evidence(cleaned: Cleaned) -> None:
    html = page(below=LETTER)
    keep = pack("gull", rule("letters", css="aside.letters", action="keep"))
    assert "Newsletter" not in cleaned(html, rules=True).text
    document = cleaned(html, keep, rules=True)
    assert document.clean_text == "\n".join([*PROSE, "Newsletter", "Sign up for our newsletter"]) + "\n"
    assert document.protected == (4, 5)
    folder = cleaner.Pipeline(load_rules(bundled=True))
    assert "Newsletter" not in folder.clean(html, HOST).clean_text


def test_flag_marks_lines_that_stay(cleaned: Cleaned) -> None:
    html = page(
        f'{ARTICLE}<p class="note">Correction: the pier is ninety metres long, the port said, and not one hundred and ninety.</p>'
    )
    document = cleaned(html, pack("gull", rule("note", css="p.note", action="flag")))
    assert [(one.line, one.cause.rule) for one in document.flags] == [(4, "gull.note")]
    assert "Correction" in document.clean_text


def test_the_body_is_the_article_and_nothing_else_is(cleaned: Cleaned) -> None:
    boxes = f'<div id="one">{ARTICLE}</div><div id="two"><p>{PROSE[0]}</p><ul><li><a href="/a">Cat in tree</a></li></ul></div>'
    one = cleaned(page(boxes), pack("gull", rule("body", "body", css=["#none", "#two", "#one"])))
    assert one.text == PROSE[0] + "\n"
    whole = cleaned(page(boxes), pack("gull", rule("body", "body", css="#two", whole=True)))
    assert "Cat in tree" in whole.text
    assert PROSE[1] not in whole.text
    none = cleaned(page(boxes), pack("gull", rule("body", "body", css="#none")))
    assert PROSE[2] in none.text


@pytest.mark.parametrize("empty", ["h1", "#nothing", "script"])
def test_a_body_that_holds_no_text_is_as_if_it_were_not_named(cleaned: Cleaned, empty: str) -> None:
    html = page(f"<div id='nothing'> </div>{ARTICLE}")
    assert cleaned(html, pack("gull", rule("body", "body", css=empty))).text == "\n".join(PROSE) + "\n"


def test_a_page_of_which_rules_take_all_says_which(cleaned: Cleaned) -> None:
    with pytest.raises(cleaner.InputError, match=r"rules took elements of it: gull\.all"):
        cleaned(page(), pack("gull", rule("all", css="main")))


def test_metadata_of_rules_comes_before_what_the_page_declares(cleaned: Cleaned) -> None:
    head = '<p class="by">By <a>Ann Harbour</a> and <a>Bo Quay</a></p><time datetime="2024-03-02T10:00:00Z">yesterday</time><b>Late</b>'
    rules = [
        rule("t", "title", xpath="substring-before(//title, ' hits')"),
        rule("a", "author", css=".by a"),
        rule("d", "date", xpath=["//none", "//time/@datetime"]),
    ]
    told = cleaned(page(head + ARTICLE), pack("gull", *rules)).metadata
    assert (told["title"], told["author"], told["date"]) == ("Storm", "Ann Harbour; Bo Quay", "2024-03-02T10:00:00Z")
    late = cleaned(page(head + ARTICLE), pack("gull", rule("d", "date", css="b"))).metadata
    assert late.get("date") != "Late"


def test_disabled_and_spared_rules_take_nothing(cleaned: Cleaned, tmp_path: Path) -> None:
    html = page(f'<p class="lead">{LEAD}</p>{ARTICLE}')
    off = pack("off", head='hosts = ["gull.example"]\ndisable = ["gull.lead"]')
    assert cleaned(html, pack("gull", rule("lead", css="p.lead")), off).text.count(LEAD) == 1
    comments = tmp_path / "c.toml"
    comments.write_text(pack("talk", rule("lead", css="p.lead"), head='topic = "comments"'), encoding="utf-8")
    keep = cleaner.CleanSettings(evidence=cleaner.EvidenceSettings(keep=frozenset([cleaner.Keep.COMMENTS])))
    assert cleaner.Pipeline(load_rules(comments, bundled=False), keep).clean(html).text.count(LEAD) == 1


def test_texts_do_not_mind_rules_about_pages(cleaned: Cleaned) -> None:
    text = "A text. <div class='x-17'>Support our work</div>\n"
    assert cleaned(text, pack("gull", rule("plea", css="div.x-17"))).clean_text == text


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"css": "div["}, "cannot be read"),
        ({"xpath": "//p["}, "cannot be read"),
        ({"css": "p::before"}, "cannot be read"),
        ({"css": "svg|a"}, "namespace"),
        ({"xpath": "document('file:///etc/passwd')"}, "no function"),
        ({"xpath": "//p[re:test(., '(a+)+$')]"}, "no function"),
        ({"xpath": "//p[. = $secret]"}, "variable"),
        ({"xpath": "//p[preceding::a[preceding::b]]"}, "hours"),
        ({"xpath": "//p[" * 700}, "longer"),
    ],
)
def test_selectors_that_are_refused(wrong: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        compiled(**wrong)


LIST = document_fromstring("<ul>" + "<li>x</li>" * 9_000 + "</ul>")


@pytest.mark.parametrize("xpath", ["//li/following-sibling::li", "//li/preceding::li", "//li/following::*/.."])
def test_steps_across_the_page_are_bounded(xpath: str) -> None:
    with pytest.raises(NotTried):
        compiled(xpath=xpath)(LIST)


def test_predicates_across_the_page_are_tried_on_pages_of_a_size() -> None:
    selector = compiled(css="li:nth-child(3)")
    assert len(selector(LIST)) == 1
    larger = document_fromstring("<ul>" + "<li>x</li>" * (LARGEST_PAGE + 1) + "</ul>")
    with pytest.raises(NotTried):
        selector(larger)


@pytest.mark.parametrize(
    "xpath",
    [
        "//h2/following-sibling::p",
        "//h2[.='b']/following-sibling::p[1]/i",
        "//i/ancestor::div//following-sibling::p | //h2",
        "(//h2)[1]/following::*[self::p or self::i]",
        "//p/preceding-sibling::*[1]/self::h2",
    ],
)
def test_a_path_in_steps_finds_what_it_finds_at_once(xpath: str) -> None:
    tree = document_fromstring(
        "<div><h2>a</h2><p>1<i>x</i></p><h2>b</h2><p>2<i>y</i></p><p>3</p></div><div><p>4</p><h2>c</h2></div>"
    )
    assert set(compiled(xpath=xpath)(tree)) == set(tree.xpath(xpath)) != set()


NAMES = st.sampled_from(["a", "b", "ad-box", "promo"])
SIMPLE = st.builds("{}{}{}".format, st.sampled_from(["", "div", "*"]), st.sampled_from([".", "#"]), NAMES)
ATTRIBUTES = st.builds(
    '[{}{}="{}"]'.format,
    st.sampled_from(["class", "id", "title"]),
    st.sampled_from(["", "^", "*", "$", "~"]),
    st.sampled_from(["pro", "ad-box", "xpromo"]),
)
SELECTORS = st.recursive(
    st.one_of(SIMPLE, ATTRIBUTES),
    lambda inner: st.one_of(
        st.builds("{} {}".format, inner, inner),
        st.builds("{} > {}".format, inner, inner),
        st.builds("{}, {}".format, inner, inner),
        st.builds("div:not({})".format, SIMPLE),
        st.builds("{}:is({}, {})".format, SIMPLE, SIMPLE, SIMPLE),
        st.builds("div:has({})".format, SIMPLE),
    ),
    max_leaves=4,
)
ELEMENTS = st.recursive(
    st.just(""),
    lambda inner: st.builds(
        '<div {}="{}" title="{}">{}{}</div>'.format,
        st.sampled_from(["class", "id"]),
        NAMES,
        st.sampled_from(["xpromo", "no"]),
        inner,
        inner,
    ),
    max_leaves=6,
)


@given(SELECTORS, ELEMENTS)
def test_what_a_selector_needs_stands_on_every_page_where_it_finds_anything(css: str, html: str) -> None:
    tree = document_fromstring(f"<html><body>{html}<p>x</p></body></html>")
    needs = needs_of(css)
    if compiled(css=css)(tree):
        names = {name for element in tree.iter() for name in (*element.get("class", "").split(), element.get("id"))}
        assert not needs.name or needs.name in names
        assert not needs.text or any(needs.text in element.get(needs.attribute, "") for element in tree.iter())


@given(st.lists(SELECTORS, min_size=1, max_size=6), ELEMENTS)
def test_rules_that_are_not_asked_would_find_nothing(selectors: list[str], html: str) -> None:
    tree = document_fromstring(f"<html><body>{html}<p>x</p></body></html>")
    rules = [
        Rule("p", f"r-{number}", "A test", Kind.NODE, Action.REMOVE, "t", select=Selection(css=(css,)))
        for number, css in enumerate(selectors)
    ]
    asked = PageRules(RuleSet((Pack("p", "1", "p.toml", Level.USER, "t", rules=tuple(rules)),))).of(Page())
    assert callable(asked)
    found = {(rule.name, element) for rule in asked(tree) for element in rule.selector(tree)}
    assert found == {(rule.name, element) for rule in rules for element in compiled(css=rule.select.css[0])(tree)}


def test_rules_are_tried_on_their_examples(tmp_path: Path, cleaner_process: Any) -> None:
    good = rule("good", css="p.a", removes='<p class="a">Gone</p>', keeps='<p class="b">Stays</p>')
    wrong = rule("wrong", css="p", removes=["<i>Stays</i>", "<p>Gone</p><i>Stays</i>"], keeps="<p>Goes</p>")
    title = rule("title", "title", css="h1", removes="<h1>Found</h1>", keeps="<h2>Not found</h2>")
    (tmp_path / "p.toml").write_text(pack("p", good, wrong, title), encoding="utf-8")
    done = cleaner_process("rules", "check", "p.toml")
    assert done.code == 2
    told = [line.split(": ")[1:4] for line in done.err.splitlines() if line.startswith("p.toml")]
    assert told == [
        ["wrong", "removes", "is not matched"],
        ["wrong", "removes", "is not matched"],
        ["wrong", "keeps", "is matched, but must not be"],
        ["title", "keeps", "is not matched"],
        ["title", "removes", "is matched, but must not be"],
    ]


def test_a_journal_remembers_what_node_rules_did(cleaned: Cleaned) -> None:
    keep = rule("letters", css="aside.letters", action="keep")
    flag = rule("note", css="article p", action="flag")
    document = cleaned(page(ARTICLE + PLEA, LETTER), pack("gull", rule("plea", css="div.x-17"), keep, flag))
    assert document.flags
    assert document.protected
    frame = Frames().packed(document)
    assert frame is not None
    found = Frames().unpacked(frame)
    assert found is not None
    assert (found[0].left_out, found[0].flags, found[0].protected) == (document.left_out, document.flags, document.protected)


def test_any_number_of_workers_gives_the_same(tmp_path: Path, cleaner_process: Any) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        html = page(f"<p>Story {number} of the harbour. {PROSE[number % 3]}</p>{ARTICLE}{PLEA}", LETTER)
        (tmp_path / "in" / f"{number}.html").write_text(html, encoding="utf-8")
    keep = rule("letters", css="aside.letters", action="keep")
    rules = pack("gull", rule("plea", css="div.x-17"), keep, rule("note", css="article p", action="flag"))
    (tmp_path / "p.toml").write_text(rules, encoding="utf-8")
    clean = ("clean", "in", "--rules", "p.toml", "--site", "gull.example", "--out")
    assert cleaner_process(*clean, "one").code == 0
    assert cleaner_process(*clean, "two", "--workers", "2").code == 0
    for name in ("audit.jsonl", "clean/3.txt"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    counts = json.loads((tmp_path / "one" / "run.json").read_text(encoding="utf-8"))["counts"]
    assert counts["nodes"] == {"gull.plea": 8}
    shown = cleaner_process("explain", "in/1.html", "--rules", "p.toml", "--site", "gull.example").text
    assert "gull.plea" in shown
    assert "Support our work" in shown
