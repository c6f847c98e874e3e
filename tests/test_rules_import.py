"""Others' rules, read as they are and made packs: site files of Full-Text RSS, cosmetic filters of ad-block lists. All hosts are invented."""

from __future__ import annotations

import time
import tomllib
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Pipeline
from cleaner.errors import RuleFaults
from cleaner.extract.examples import left_by
from cleaner.rules.adopt import adopt
from cleaner.rules.cosmetic import read_filter_list
from cleaner.rules.load import load_rules
from cleaner.rules.model import Kind
from cleaner.rules.siteconfig import read_site_file

SITE = """\
# The Daily Gull
title: //h1[@class='headline']
body: //div[@id='story']
body: //article
author: //a[@rel='author']
date: //time/@datetime
strip: //p[@class='plea']
strip: //img/@srcset
strip_id_or_class: "promo"
prune: no
tidy: no
find_string: <br>
replace_string: <p>
replace_string(<i>): <b>
http_header(user-agent): Mozilla/5.0: yes
if_page_contains: //a[@class='all']
single_page_link: //a[@class='all']
test_url: https://gull.example/storm
test_contains: The storm
titl: //h2
strip: //p[
author:
no key at all
"""
LIST = """\
[Adblock Plus 2.0]
! Title: Gull annoyances
! Licence: CC0-1.0
! Version: 7
||ads.example^$third-party
@@||gull.example^
##.newsletter
###promo
gull.example,~shop.gull.example##div.share > a
gull.example#@#.newsletter
~owl.example##.tip
owl.*##.only-owls
gull.example#?#section:has(> .sponsor)
gull.example#?#div:-abp-contains(Ad)
gull.example##p:has-text(/Ad/)
gull.example##+js(abort, x)
gull.example##^script:has-text(x)
gull.example#$#body { overflow: auto !important; }
gull.example##.z:style(color: red)
gull.example##:xpath(//div[@id="k"])
##.everywhere
#@#.everywhere
#@#.nowhere
gull.example##
gull.example##div[
"""
PROSE = "The storm came at night and tore the roofs off seven houses along the harbour road, the council said on Tuesday."
MORE = "Nobody was hurt, but the ferry will not sail before Friday because its pier was broken by the waves, the port said."


def test_a_site_file_is_a_pack() -> None:
    found = read_site_file(SITE, "sites/gull.example.txt")
    assert found.pack is not None
    assert (found.pack.hosts, found.pack.subdomains, found.pack.imported) == (("gull.example",), False, "gull.example.txt")
    rules = {rule.id: rule for rule in found.pack.rules}
    assert [(one.id, one.kind) for one in found.pack.rules[:4]] == [
        ("title", Kind.TITLE),
        ("body", Kind.BODY),
        ("author", Kind.AUTHOR),
        ("date", Kind.DATE),
    ]
    assert rules["body"].select.xpath == ("//div[@id='story']", "//article")
    assert rules["body"].whole
    assert rules["strip-7"].why == "strip, line 7"
    assert rules["strip-9"].select.xpath == ("//*[contains(@class, 'promo') or contains(@id, 'promo')]",)
    assert dict(found.unused) == {
        "strip (of attributes)": 1,
        "tidy": 1,
        "find_string": 1,
        "replace_string": 2,
        "http_header": 1,
        "if_page_contains": 1,
        "single_page_link": 1,
        "test_url": 1,
        "test_contains": 1,
    }
    assert [(fault.rule, fault.problem) for fault in found.faults] == [
        ("line 20", 'there is no key "titl"; did you mean title?'),
        ("line 22", "author says nothing"),
        ("line 23", "is no `key: value`: no key at all"),
    ]


@pytest.mark.parametrize(
    ("name", "host", "covers"),
    [
        ("gull.example.txt", "gull.example", True),
        ("gull.example.txt", "www.gull.example", True),
        ("gull.example.txt", "blog.gull.example", False),
        ("www.gull.example.txt", "gull.example", True),
        (".gull.example.txt", "blog.gull.example", True),
        ("blog.gull.example.txt", "blog.gull.example", True),
    ],
)
def test_the_name_of_a_site_file_is_its_host(name: str, host: str, covers: bool) -> None:
    pack = read_site_file("body: //article", name).pack
    assert pack is not None
    assert pack.covers(host, "/") is covers


def test_global_is_for_all() -> None:
    pack = read_site_file("strip: //aside", "global.txt").pack
    assert pack is not None
    assert not pack.scoped


def test_a_filter_list_is_a_pack() -> None:
    found = read_filter_list(LIST, "lists/gull.txt")
    assert found.pack is not None
    assert (found.pack.licence, found.pack.version, found.pack.scoped) == ("CC0-1.0", "7", False)
    assert [(one.id, *one.select.css, *one.select.xpath, one.hosts, one.except_hosts) for one in found.pack.rules] == [
        ("line-7", ".newsletter", (), ("gull.example",)),
        ("line-8", "#promo", (), ()),
        ("line-9", "div.share > a", ("gull.example",), ("shop.gull.example",)),
        ("line-11", ".tip", (), ("owl.example",)),
        ("line-13", "section:has(> .sponsor)", ("gull.example",), ()),
        ("line-20", '//div[@id="k"]', ("gull.example",), ()),
        ("line-25", "div[", ("gull.example",), ()),
    ]
    assert sorted(found.unused.values()) == [1, 1, 1, 1, 2, 2, 2]
    assert [fault.rule for fault in found.faults] == ["line 24"]


@given(st.lists(st.text("ab.#@?$~,^*:[]()|!'\"= \t", max_size=30), max_size=20))
def test_any_text_is_read_without_a_word_lost(lines: list[str]) -> None:
    """Every line that says something is a rule, counted, a fault, or an exception that was met."""
    text = "\n".join(lines)
    listed = read_filter_list(text, "a.txt")
    rules = len(listed.pack.rules) if listed.pack else 0
    said = [line for line in map(str.strip, lines) if line and not line.startswith(("!", "[Adblock"))]
    exceptions = sum("#@" in line for line in said)
    assert rules + sum(listed.unused.values()) + len(listed.faults) + exceptions >= len(said) - rules
    site = read_site_file(text, "gull.example.txt")
    keys = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    assert len(site.faults) == len(keys)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    (folder / "sites").mkdir(parents=True)
    (folder / "sites" / "gull.example.txt").write_text(SITE, encoding="utf-8")
    (folder / "sites" / ".owl.example.txt").write_text("\ufeffbody: //main\r\nprune: yes\r\n", encoding="utf-8")
    (folder / "gull.txt").write_text(LIST, encoding="utf-8")
    (folder / "LICENSE").write_text("\nPublic domain\n", encoding="utf-8")
    (folder / "notes.txt").write_text("Nothing of use.\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(cleaner: Any, tmp_path: Path) -> Any:
    return partial(cleaner, cwd=tmp_path)


def test_import_writes_packs_that_hold(lists: Path, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "packs"
    done = run("rules", "import", str(lists), "--out", str(out))
    assert done.code == 1  # some lines were left out
    assert sorted(path.name for path in out.iterdir()) == ["gull-example.toml", "gull.toml", next(out.glob("owl*")).name]
    for said in (
        "3 files: 13 rules in 3 packs",
        "licence: Public domain (LICENSE)",
        "licence: CC0-1.0",
        "2  network filters",
        "1 file in no format",
    ):
        assert said in done.text, done.text
    for said in ("line 20", "strip-21", "line 24", "line-25"):
        assert said in done.err, done.err
    checked = run("rules", "check", str(out))
    assert checked.code == 0, checked.err
    assert "13 rules in 3 packs: every rule does what its examples say" in checked.text
    table = tomllib.loads((out / "gull-example.toml").read_text(encoding="utf-8"))
    assert table["pack"]["imported"] == "gull.example.txt"
    assert table["pack"]["licence"] == "Public domain (LICENSE)"
    again = run("rules", "import", str(lists), "--out", str(out))
    assert again.code == 2
    assert "--overwrite" in again.err


def test_import_tells_without_writing_and_one_pack_goes_to_one_file(lists: Path, run: Any, tmp_path: Path) -> None:
    told = run("rules", "import", str(lists / "gull.txt"))
    assert "1 file: 6 rules in 1 pack" in told.text
    assert not list(tmp_path.glob("*.toml"))
    out = tmp_path / "one.toml"
    run("rules", "import", str(lists / "gull.txt"), "--out", str(out), "--licence", "mine")
    assert tomllib.loads(out.read_text(encoding="utf-8"))["pack"]["licence"] == "mine"
    refused = run("rules", "import", str(lists), "--out", str(tmp_path / "all.toml"))
    assert refused.code == 2
    assert "name a folder" in refused.err
    assert run("rules", "import", str(tmp_path / "none")).code == 2
    assert run("rules", "import", str(lists / "notes.txt")).code == 2


def test_what_is_imported_does_what_the_file_itself_does(lists: Path, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "packs"
    run("rules", "import", str(lists), "--out", str(out))
    html = (
        "<html><head><title>Gull</title></head><body><h1 class='headline'>Storm hits</h1><p>Menu of the day</p><div id='story'>"
        f"<p>{PROSE}</p><p class='plea'>Give us money.</p><div class='big-promo-box'>Buy a boat.</div><p>{MORE}</p></div>"
        "<div class='newsletter'>Sign up.</div><a rel='author'>Ann Harbour</a><time datetime='2024-03-02'>then</time></body></html>"
    )
    direct, made = load_rules(lists, bundled=False), load_rules(out, bundled=False)
    found = [Pipeline(rules).clean(html, "https://gull.example/storm") for rules in (direct, made)]
    assert found[0].clean_text == found[1].clean_text == f"{PROSE}\n{MORE}\n"
    assert found[0].left_out == found[1].left_out
    assert {one.rule for one in found[0].left_out if one.rule} == {"gull-example.strip-7", "gull-example.strip-9"}
    told = found[0].metadata
    assert (told["title"], told["author"], told["date"]) == ("Storm hits", "Ann Harbour", "2024-03-02")
    elsewhere = [Pipeline(rules).clean(html, "https://lark.example/") for rules in (direct, made)]
    assert {one.rule for one in elsewhere[0].left_out if one.rule} == {"gull.line-7"}
    assert elsewhere[0].left_out == elsewhere[1].left_out


def test_faults_of_others_are_notes_and_stop_nothing(lists: Path, run: Any, tmp_path: Path) -> None:
    rules = load_rules(lists, bundled=False)
    assert {Path(note.path).name for note in rules.notes} == {"gull.example.txt", "gull.txt"}
    checked = run("rules", "check", str(lists))
    assert checked.code == 0
    assert "titl" in checked.err
    assert "strip-21: xpath: cannot be read" in checked.err
    page = tmp_path / "page.html"
    page.write_text(f"<html><body><article><p>{PROSE}</p><p>{MORE}</p></article></body></html>", encoding="utf-8")
    done = run("clean", str(page), "--out", str(tmp_path / "out"), "--rules", str(lists), "--site", "gull.example")
    assert done.code == 0, done.err
    assert "note: 4 lines of others' rules left out" in done.err


def test_a_file_in_no_known_format_is_a_fault_only_where_it_is_named(lists: Path) -> None:
    with pytest.raises(RuleFaults, match="is no site file"):
        load_rules(lists / "notes.txt")
    assert adopt(lists / "notes.txt") is None


def test_two_folders_may_know_one_site(lists: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "gull.example.txt").write_text("strip: //footer\n", encoding="utf-8")
    packs = [pack.id for pack in load_rules(lists, tmp_path / "more", bundled=False).packs]
    assert len(set(packs)) == len(packs) == 4


def test_made_up_examples_hold(lists: Path, run: Any, tmp_path: Path) -> None:
    run("rules", "import", str(lists), "--out", str(tmp_path / "packs"))
    for _, rule in load_rules(tmp_path / "packs", bundled=False).rules():
        left = left_by(rule)
        goes, stays = (rule.removes, rule.keeps) if rule.kind is Kind.NODE else (rule.keeps, rule.removes)
        assert all(not left(one) for one in goes)
        assert all(left(one) == one for one in stays)


def test_many_site_files_load_in_less_than_a_second(tmp_path: Path) -> None:
    path = Path(__file__).resolve().parent.parent / "benchmarks" / "site_files.py"
    spec = spec_from_file_location("site_files", path)
    assert spec is not None
    assert spec.loader is not None
    benchmark = module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    benchmark.site_files(tmp_path / "sites", 1_900)
    begin = time.process_time()
    rules = load_rules(tmp_path / "sites", bundled=False)
    assert time.process_time() - begin < 1.0
    assert len(rules.packs) == 1_900
    pipeline = Pipeline(rules)
    html = f"<html><body><article><p>{PROSE}</p><p>{MORE}</p></article></body></html>"
    pipeline.clean(html, f"https://{rules.packs[7].hosts[0]}/story")
    page_rules = pipeline._page_rules
    assert page_rules is not None
    compiled = {name.partition(".")[0] for name, _, _ in page_rules._compiled}
    assert compiled == {rules.packs[7].id}
