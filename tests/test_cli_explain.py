"""``cleaner explain``: what happens to every line, and why, or why not."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cleaner import audit
from cleaner.audit import Detail
from cleaner.document import Cause, Document, Evidence, Removal, RuleFired, Source
from cleaner.errors import UsageError
from cleaner.evidence.settings import EvidenceSettings, Strength
from cleaner.layout import close_gaps
from cleaner.pipeline import Pipeline
from cleaner.readers.options import ReadOptions
from cleaner.rules.load import load_rules
from cleaner.rules.near import LineInPage, Stop, near_misses
from cleaner.run.lines import Asked, Explained, State, explain_fresh, explain_run, why
from cleaner.settings import CleanSettings, RunSettings
from cleaner.spans import Span, line_spans
from cleaner.writers import Target

LONG = "The ferry council met on Tuesday for nine hours and voted, by a single hand, to keep the night boat running all winter."
TEXT = "\n".join([
    "Harbour keeps its boat", "", "Advertisement", "", LONG, "The cafÃ© (house aside) was full.\t", "House box begins", "x",
    "House box ends", "House stamp 12", "House motto stands here for ever and for all who read it",
    "A House notice in a longer line", "House stamp 12 " + "and on " * 200, "Site notice", "House box begins", "", "Nothing of note.", "",
])  # fmt: skip
RULES = CleanSettings(evidence=EvidenceSettings(Strength.RULES))
RULES_ALONE = ("--strength", "rules")
"""What is said of rules here must not depend on what evidence finds in lines made up for rules."""
SITE = r"""
[pack]
id = "site"
version = "1"
hosts = ["site.example"]
disable = ["house.stamp"]
[[rule]]
id = "notice"
why = "A notice of the site"
kind = "line"
literal = ["Site notice"]
removes = ["Site notice"]
keeps = ["Site"]
[[rule]]
id = "motto"
why = "Would take the motto"
kind = "line"
pattern = '^House motto stands .{1,100}$'
removes = ["House motto stands alone"]
keeps = ["House motto"]
[[rule]]
id = "early"
why = "Only at the top"
kind = "line"
first = 2
literal = ["Nothing of note."]
removes = ["Nothing of note."]
keeps = ["Nothing"]
"""


@pytest.fixture(scope="module")
def pipeline(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The house pack and a pack for a site; evidence is not asked."""
    site = tmp_path_factory.mktemp("site") / "site.toml"
    site.write_text(SITE)
    return Pipeline(load_rules(house, site, bundled=False), RULES)


def explained(pipeline: Pipeline, text: str = TEXT, site: str | None = None) -> Explained:
    """A text, explained."""
    asked = Asked("page.txt", None, None, ReadOptions(site=site))
    return explain_fresh(io.BytesIO(text.encode()), asked, pipeline)


def test_every_line_has_its_state_and_rule(pipeline: Pipeline) -> None:
    found = {line.number: (line.state, line.rules, line.block) for line in explained(pipeline).lines}
    assert len(found) == 17
    assert {number: state for number, state in found.items() if state[0] is not State.KEPT} == {
        2: (State.BLANK, (), None), 4: (State.BLANK, (), None), 16: (State.BLANK, (), None),
        6: (State.PARTLY, ("house.aside",), None), 7: (State.REMOVED, ("house.box",), 1), 8: (State.REMOVED, ("house.box",), 1),
        9: (State.REMOVED, ("house.box",), 1), 10: (State.FLAGGED, ("house.stamp",), None),
    }  # fmt: skip
    assert explained(pipeline).line(6).before == "The cafÃ© (house aside) was full.\t"
    with pytest.raises(UsageError, match="17 lines"):
        explained(pipeline).line(18)


@pytest.mark.parametrize(
    ("line", "rule", "stop", "site"),
    [
        (12, "house.notice", Stop.ANCHOR, None),
        (13, "house.stamp", Stop.LENGTH, None),
        (11, "site.motto", Stop.SCOPE, None),
        (11, "site.motto", Stop.KEEP, "https://www.site.example/x"),
        (14, "site.notice", Stop.SCOPE, "other.example"),
        (15, "house.box", Stop.PLACE, None),
        (17, "site.early", Stop.PLACE, "site.example"),
        (10, "house.stamp", Stop.DISABLED, "site.example"),
    ],
)
def test_what_stopped_a_rule_that_came_near(pipeline: Pipeline, line: int, rule: str, stop: Stop, site: str | None) -> None:
    found = explained(pipeline, site=site)
    assert found.line(line).state is State.KEPT
    misses = {miss.name: miss.stop for miss in why(found, line, pipeline)}
    assert misses[rule] is stop


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("A House stamp", True),
        ("Outhouse stamp", False),
        ("Outhouse stamp, house stamp", True),
        ("_house stamp", False),
        ("House  STAMP,", True),
        ("House", False),
    ],
)
def test_words_that_stand_in_a_line_begin_as_words_do(line: str, near: bool, pipeline: Pipeline) -> None:
    rules = pipeline.rules.packs
    assert ("house.stamp" in {miss.name for miss in near_misses(rules, LineInPage(line, frozenset()))}) is near


def test_a_rule_that_an_option_holds_back_is_told_first(pipeline: Pipeline) -> None:
    line, rules = "House notice and House stamp 12", pipeline.rules.packs
    topic = rules[0].topic
    assert all(miss.stop is not Stop.OPTION for miss in near_misses(rules, LineInPage(line, frozenset(), spared={topic: "x"})))
    spared = LineInPage("House notice", frozenset(), spared={topic: "captions"})
    first = near_misses(rules, spared)[0]
    assert (first.name, first.stop) == ("house.notice", Stop.OPTION)
    assert first.detail == "--keep captions leaves what this rule would take"
    assert near_misses(rules, LineInPage("House stamp 12", frozenset(), spared={topic: "x"}))[0].stop is Stop.PLACE


def test_a_line_that_went_names_its_rule_alone(pipeline: Pipeline) -> None:
    found = explained(pipeline, site="site.example")
    assert found.line(14).rules == ("site.notice",)
    assert "site.notice" not in {miss.name for miss in why(found, 14, pipeline)}
    assert found.told["site"] == "site.example"
    assert found.told["packs"] == ["site"]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, cleaner: Any, house: Path) -> Path:
    """A folder with a finished run beside it."""
    folder = tmp_path_factory.mktemp("explain")
    (folder / "news").mkdir()
    page = f"<html><body><article><h1>Head</h1><p>{LONG}</p><p>Read on. {LONG[:50]}</p></article></body></html>"
    (folder / "news/a.txt").write_text(TEXT)
    (folder / "news/b.txt").write_text("Other\n\n" + LONG + "\n")
    (folder / "news/c.txt").write_text("Other\n\n" + LONG + "\n")
    (folder / "news/p.html").write_text(page)
    records = [
        {"id": "one", "text": "Head\nHouse notice\n"},
        {"id": "two", "text": f"{LONG}\n"},
        {"id": "two", "text": f"{LONG}\n"},
    ]
    (folder / "news/r.jsonl").write_text("\n".join(map(json.dumps, records)))
    done = cleaner("clean", "news", "--out", "run", "--rules", house, *RULES_ALONE, "--duplicates", "keep-first", cwd=folder)
    assert done.code == 0, done.err
    return folder


def test_a_page_is_shown_plain_in_a_pipe(news: Path, cleaner: Any, house: Path) -> None:
    done = cleaner("explain", "news/a.txt", "--rules", house, *RULES_ALONE, cwd=news)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.text
    rows = done.text.splitlines()
    assert all(len(row) <= 80 for row in rows)
    numbered = {row[:4].strip(): row for row in rows if row[:4].strip().isdigit()}
    assert len(numbered) == 17
    assert numbered["3"].split() == ["3", "-", "Advertisement", "advertising-en.ad-label"]
    assert numbered["6"].split()[:2] == ["6", "±"]
    assert numbered["10"].split() == ["10", "?", "House", "stamp", "12", "house.stamp"]
    assert numbered["1"].split() == ["1", "Harbour", "keeps", "its", "boat"]
    assert "encoding repaired, was: The cafÃ©" in done.text


def test_why_and_why_not(news: Path, cleaner: Any, house: Path) -> None:
    gone = cleaner("explain", "news/a.txt", "--rules", house, *RULES_ALONE, "--line", "8", cwd=news).text
    assert "It went: house.box (block 1)" in gone
    assert "A box of the house" in gone
    stays = cleaner(
        "explain",
        "-",
        "--rules",
        house,
        *RULES_ALONE,
        "--line",
        "2",
        "--json",
        cwd=news,
        stdin=b"x\nA House notice in a longer line\n",
    )
    told = json.loads(stays.out)
    assert (told["line"], told["state"], told["rules"]) == (2, "kept", [])
    assert {"name": "house.notice", "stopped_by": "anchor"}.items() <= told["near"][0].items()
    motto = cleaner("explain", "news/a.txt", "--rules", house, *RULES_ALONE, "--line", "11", cwd=news).text
    assert "It stays." in motto
    assert "A keep rule protects it." in motto


def test_what_an_option_keeps_from_a_rule_is_said(news: Path, cleaner: Any) -> None:
    page = f"Head\n\n{LONG}\n\nPhoto: Jane Tern/Reuters\n\n{LONG[::-1]}\n".encode()
    gone = cleaner("explain", "-", *RULES_ALONE, "--line", "5", cwd=news, stdin=page).text
    stays = cleaner("explain", "-", *RULES_ALONE, "--line", "5", "--keep", "captions", cwd=news, stdin=page).text
    assert "It went: credit-" in gone
    assert "It stays." in stays
    assert "(option)" in stays
    assert "--keep captions leaves what this rule would take" in stays


def test_marks_of_a_run_with_duplicates_across_documents(news: Path, cleaner: Any) -> None:
    shown = cleaner("explain", "news/b.txt", "--run", "run", cwd=news)
    assert shown.code == 0, shown.err
    assert "near-duplicate of line 5 of a.txt (Jaccard 1.00)" in shown.text
    assert "duplicate" in shown.text.splitlines()[-2]
    told = json.loads(cleaner("explain", "news/r.jsonl", "--record", "1", "--run", "run", "--json", cwd=news).out)
    assert (told["id"], told["record"]) == ("one", 1)
    assert [(line["line"], line["state"], line["rules"]) for line in told["lines"]] == [
        (1, "kept", []),
        (2, "removed", ["house.notice"]),
    ]


def asked(name: str, record: int | None = None) -> Asked:
    """A document of the news folder."""
    return Asked(name, None, record, ReadOptions())


def test_equal_documents_of_a_run_are_told_apart(news: Path) -> None:
    for name in ("b.txt", "c.txt"):
        with (news / "news" / name).open("rb") as stream:
            assert explain_run(stream, asked(f"news/{name}"), news / "run").told["input"] == name
    for record in (2, 3):
        with (news / "news/r.jsonl").open("rb") as stream:
            assert explain_run(stream, asked("elsewhere.jsonl", record), news / "run").told["record"] == record


def test_pages_and_runs_without_texts(news: Path, cleaned: Any) -> None:
    with (news / "news/p.html").open("rb") as stream:
        found = explain_run(stream, asked("news/p.html"), news / "run")
    assert any(line.text == LONG and line.rules == ("duplicate",) for line in found.lines)
    cleaned([news / "news/a.txt"], news / "spans", RunSettings(clean=RULES, detail=Detail.SPANS, to=Target.JSONL))
    with (news / "news/a.txt").open("rb") as stream:
        found = explain_run(stream, asked("news/a.txt"), news / "spans")
    assert found.line(8).rules == ("house.box",)


WEIGHED = [
    "Harbour keeps its boat", "", "The boat in March. Picture by A. Tern", "", LONG, "One (house aside) two.", "", "Related", "",
    "Nine recipes for mussels that your family will love and ask for again and again", "Sea view flats", "Log in", "",
]  # fmt: skip
REASONS = ("after the article's end", "under 'Related'", "shares no word with the article")


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory, cleaner: Any) -> Path:
    """A run whose audit tells of evidence; the marks are made by hand, so that nothing here depends on what the stage would take."""
    folder = tmp_path_factory.mktemp("weighed")
    text = "\n".join(WEIGHED)
    (folder / "page.txt").write_text(text)
    done = cleaner("clean", "page.txt", "--out", "run", *RULES_ALONE, cwd=folder)
    assert done.code == 0, done.err
    [entry] = map(json.loads, (folder / "run/audit.jsonl").read_bytes().splitlines())

    def mark(line: int, cause: Cause, part: str | None = None) -> Removal:
        span = line_spans(text)[line - 1]
        start = span.start if part is None else text.index(part, span.start)
        return Removal(Span(start, span.end if part is None else start + len(part)), line, cause)

    aside, box = RuleFired("house.aside", "house"), Evidence(0.9312, REASONS, block=1)
    document = Document(
        Source("page.txt", None, "page.txt"), text, sha256=entry["sha256"], encoding="utf-8",
        removals=(
            mark(6, aside, "(house aside) "), mark(8, box), mark(10, Evidence(0.986, REASONS, block=1)),
            mark(11, Evidence(0.702, ("after the article's end",), block=1)), mark(12, RuleFired("house.login", "account")),
        ),
        flags=(mark(3, Evidence(0.618, ("near the article's beginning", "like a caption"))), mark(6, Evidence(0.55, REASONS))),
    )  # fmt: skip
    told = audit.to_object(close_gaps(document), output="clean/page.txt")
    (folder / "run/audit.jsonl").write_bytes(audit.to_json(told))
    return folder


def test_a_line_shows_that_evidence_took_or_doubts_it_and_why(weighed: Path, cleaner: Any) -> None:
    done = cleaner("explain", "page.txt", "--run", "run", "--no-rules", cwd=weighed)
    assert done.code == 0, done.err
    rows = done.text.splitlines()
    assert all(len(row) <= 80 for row in rows)
    at = {row[:4].strip(): number for number, row in enumerate(rows) if row[:4].strip().isdigit()}
    assert rows[at["8"]].split() == ["8", "-", "Related", "evidence", "0.93"]
    assert rows[at["8"] + 1].split("; ") == [" " * 9 + REASONS[0], REASONS[1], "…"]
    assert rows[at["10"]].endswith("…  evidence 0.99")
    assert at["11"] == at["10"] + 1, "reasons of the line before are said again"
    assert rows[at["11"]].endswith(" evidence 0.70")
    assert rows[at["11"] + 1].strip() == "after the article's end"
    assert rows[at["3"]].startswith("   3 ? The boat in March.")
    assert rows[at["3"]].endswith(" evidence 0.62")
    assert rows[at["3"] + 1].strip() == "near the article's beginning; like a caption"
    assert rows[at["6"]].split()[:2] == ["6", "±"]
    assert rows[at["6"]].endswith("house.aside, evidence 0.55")
    assert rows[at["12"]].endswith("house.login")
    assert len(rows) == at["12"] + 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (8, ["It went by evidence, confidence 0.93 (block 1):", *(f"  {reason}" for reason in REASONS)]),
        (3, ["It stays, but evidence finds it doubtful (0.62):", "  near the article's beginning", "  like a caption"]),
        (
            6,
            [
                "A part of it went: house.aside",
                "The rest stays, but evidence finds it doubtful (0.55):",
                *(f"  {reason}" for reason in REASONS),
            ],
        ),
    ],
)
def test_a_line_alone_tells_all_reasons(weighed: Path, cleaner: Any, line: int, expected: list[str]) -> None:
    done = cleaner("explain", "page.txt", "--run", "run", "--no-rules", "--line", str(line), cwd=weighed)
    assert done.code == 0, done.err
    rows = done.text.splitlines()[2:]
    assert rows[: len(expected)] == expected
    assert not (rows[len(expected) :] and rows[len(expected)])


def test_json_holds_confidence_and_reasons(weighed: Path, cleaner: Any) -> None:
    told = json.loads(cleaner("explain", "page.txt", "--run", "run", "--no-rules", "--json", cwd=weighed).out)
    lines = {line["line"]: line for line in told["lines"]}
    text = "Related"
    assert lines[8] == {
        "line": 8, "text": text, "state": "removed", "rules": ["evidence"], "block": 1, "confidence": 0.931, "reasons": [*REASONS],
    }  # fmt: skip
    assert (lines[3]["state"], lines[3]["confidence"]) == ("flagged", 0.618)
    assert not {"confidence", "reasons"} & set(lines[12])
    assert [(mark["line"], mark["confidence"]) for mark in told["flagged"]] == [(3, 0.618), (6, 0.55)]
    alone = json.loads(cleaner("explain", "page.txt", "--run", "run", "--no-rules", "--line", "8", "--json", cwd=weighed).out)
    assert alone.items() >= lines[8].items()


def test_what_cannot_be_explained_is_said(news: Path, cleaner: Any, pipeline: Pipeline) -> None:
    done = cleaner("explain", "news/gone.txt", "--no-rules", cwd=news)
    assert (done.code, "gone.txt" in done.err, "Traceback" in done.err) == (2, True, False)
    records = (news / "news/r.jsonl").read_bytes()
    with pytest.raises(UsageError, match="--record N"):
        explain_fresh(io.BytesIO(records), asked("r.jsonl"), pipeline)
    with pytest.raises(UsageError, match="no record 9"):
        explain_fresh(io.BytesIO(records), asked("r.jsonl", 9), pipeline)
    with pytest.raises(UsageError, match="not-json"):
        explain_fresh(io.BytesIO(b"broken"), asked("r.jsonl", 1), pipeline)
    with pytest.raises(UsageError, match="not-text"):
        explain_fresh(io.BytesIO(b"\0\1" * 90), asked("a.txt"), pipeline)
    with pytest.raises(UsageError, match="not in the run"):
        explain_run(io.BytesIO(b"something else"), asked("a.txt"), news / "run")
    with pytest.raises(UsageError, match="no finished run"):
        explain_run(io.BytesIO(b"x"), asked("a.txt"), news)
