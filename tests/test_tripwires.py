"""Faults that a run must notice: rules that take too much, packs that never get to work, wrong encodings, runs that do all or nothing."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cleaner.document import Document, DuplicateOf, Evidence, Raw, Rejection, Removal, Repair, RuleFired, Source, UnitRef
from cleaner.errors import TripwireError
from cleaner.layout import close_gaps
from cleaner.pipeline import Pipeline
from cleaner.rules.load import load_rules
from cleaner.rules.model import Action, Condition, Kind, Level, Pack, Rule, RuleSet
from cleaner.run import hosts, traits, tripwires
from cleaner.run.traits import Traits, traits_of
from cleaner.run.tripwires import LEAST, Tripwires
from cleaner.run.watch import Alarm
from cleaner.spans import Span

EVAL = os.environ.get("CLEANER_EVAL")
ROOT = Path(__file__).resolve().parent.parent
WORDS = [f"{head}{tail}" for head in "bdfgklmnprst" for tail in ("an", "ero", "ilt", "omu", "ush", "ok")]


def sentences(seed: int, count: int = 6, words: int = 25) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=words)).capitalize() + "." for _ in range(count)]


def rule(pack: str, name: str, kind: Kind = Kind.LINE, action: Action = Action.REMOVE) -> Rule:
    return Rule(pack, name, "why", kind, action, "topic", Condition(("x",)), removes=("x",), keeps=("y",))


def pack(name: str, *rules: Rule, level: Level = Level.USER, **more: Any) -> Pack:
    return Pack(name, "1", f"{name}.toml", level, "topic", rules=rules or (rule(name, "a"),), **more)


def document(number: int, *taken: tuple[str, float], text: str | None = None, **more: Any) -> Document:
    """A document of which each rule (or "evidence", "duplicate") takes a share, one after the other."""
    text = text or "x" * 1_000
    removals: list[Removal] = []
    at = 0
    for name, share in taken:
        cause = {"evidence": Evidence(0.9, ("x",)), "duplicate": DuplicateOf(UnitRef(Source("a"), None))}.get(name)
        end = at + round(share * len(text))
        removals.append(Removal(Span(at, end), 1, cause or RuleFired(name, "topic")))
        at = end
    return Document(Source("in.jsonl", number, number), text, removals=tuple(removals), **more)


def seen(result: Document | Rejection) -> Traits | Rejection:
    """What tripwires look at."""
    return traits_of(result) if isinstance(result, Document) else result


def judged(results: Iterable[Document | Rejection], *packs: Pack, cleans: bool = True) -> list[tuple[int, Alarm]]:
    """Alarms, each with the number of the result that gave it, from 1; 0: the end."""
    wires = Tripwires(RuleSet(packs), cleans=cleans)
    found = [(number, alarm) for number, result in enumerate(results, 1) for alarm in wires.add(seen(result))]
    return found + [(0, alarm) for alarm in wires.end()]


def short(alarms: Sequence[tuple[int, Alarm]]) -> list[tuple[int, str, bool]]:
    return [(number, alarm.about, alarm.stops) for number, alarm in alarms]


@pytest.mark.parametrize(
    ("kind", "share", "expected"),
    [
        (Kind.LINE, 0.02, []),
        (Kind.LINE, 0.12, [False]),
        (Kind.PHRASE, 0.30, [True]),
        (Kind.TAIL, 0.30, []),
        (Kind.TAIL, 0.45, [False]),
        (Kind.BLOCK, 0.75, [True]),
    ],
)
def test_a_rule_that_takes_too_much(kind: Kind, share: float, expected: list[bool]) -> None:
    found = judged((document(n, ("p.a", share)) for n in range(300)), pack("p", rule("p", "a", kind)))
    rules = [(number, alarm) for number, alarm in found if alarm.about == "p.a"]
    assert short(rules) == [(LEAST, "p.a", stops) for stops in expected]
    for _, alarm in rules:
        assert f"{share:.0%} of all text" in alarm.detail
        assert "cleaner rules show p.a" in alarm.detail


def test_before_the_200th_nothing_is_said_and_each_thing_is_said_once_and_again_when_it_is_grave() -> None:
    slow = [document(n, ("p.a", 0.12 if n < 250 else 0.9)) for n in range(600)]
    assert judged(slow[: LEAST - 1], pack("p")) == []
    found = short(judged(slow, pack("p")))
    assert [(about, stops) for _, about, stops in found] == [("p.a", False), ("p.a", True)]
    assert found[0][0] == LEAST
    assert 250 < found[1][0] < 600
    # In another order the same shares give the same in the end.
    assert {alarm.about for _, alarm in judged(slow[::-1], pack("p"))} >= {"p.a"}


def test_a_site_s_pack_is_judged_by_the_pages_of_its_site() -> None:
    own = pack("site", rule("site", "a"), rule("site", "b", Kind.TAIL), hosts=("a.org",))
    others = [document(n, site="b.org") for n in range(1_000)]
    mine = [document(n, ("site.a", 0.6), site="a.org", packs=("site",)) for n in range(60)]
    (found,) = judged([*others, *mine], own)
    assert (found[1].about, found[1].stops) == ("site.a", True)
    assert "of the 50 documents its pack was in force for" in found[1].detail
    assert judged([*others, *mine[:40]], own) == []
    usual = [document(n, ("site.a", 0.16), ("site.b", 0.3), site="a.org", packs=("site",)) for n in range(300)]
    assert judged(usual, own) == []
    both = [document(n, ("site.a", 0.29), ("site.b", 0.6), site="a.org", packs=("site",)) for n in range(300)]
    assert (LEAST, "site", True) in short(judged(both, own))


def test_a_run_that_takes_nearly_all() -> None:
    assert judged(document(n, ("evidence", 0.6)) for n in range(300)) == []
    assert short(judged(document(n, ("evidence", 0.8)) for n in range(300))) == [(LEAST, "run", False)]
    (found,) = judged(document(n, ("evidence", 0.98)) for n in range(300))
    assert (found[0], found[1].about, found[1].stops) == (LEAST, "run", True)
    assert "98%" in found[1].detail
    assert "--strength careful" in found[1].detail
    emptied = [document(n, ("evidence", 1.0 if n % 3 else 0.0), text="x" * (100 if n % 3 else 5_000)) for n in range(300)]
    assert "nothing is left of 66% of" in judged(emptied)[0][1].detail


def test_duplicates_that_were_to_go_count_neither_way() -> None:
    crawl = [document(n, ("duplicate", 1.0)) if n % 10 else document(n, ("evidence", 0.3)) for n in range(400)]
    assert judged(crawl) == []
    crawl = [document(n, ("duplicate", 1.0)) if n % 50 else document(n, ("evidence", 0.3)) for n in range(400)]
    assert short(judged(crawl)) == [(LEAST, "run", False)]


def test_wrong_encodings() -> None:
    lost = "Die Z\ufffdge fahren wieder. " * 20
    assert judged(document(n, ("evidence", 0.1), text=lost if n % 20 == 0 else None) for n in range(300)) == []
    assert short(judged(document(n, ("evidence", 0.1), text=lost if n % 5 == 0 else None) for n in range(300))) == [
        (LEAST, "run", False)
    ]
    (found,) = judged(document(n, ("evidence", 0.1), text=lost) for n in range(300))
    assert found[1].stops
    assert "U+FFFD" in found[1].detail
    mended = (document(n, ("evidence", 0.1), repairs=(Repair(1, "a", "b"),)) for n in range(300))
    assert short(judged(mended)) == [(LEAST, "run", False)]


def test_many_rejections() -> None:
    def run(reason: str, every: int) -> list[tuple[int, str, bool]]:
        bad = Rejection(Source("a"), reason, "x")
        return short(judged(bad if n % every == 0 else document(n, ("evidence", 0.1)) for n in range(300)))

    assert run("not-text", 10) == []
    assert run("not-text", 4) == [(LEAST, "run", False)]
    assert (LEAST, "run", True) in run("not-text", 1)
    assert run("no-article", 3) == []
    assert run("no-article", 1) == [(LEAST, "run", False)]


def scraped(number: int, *common: str) -> str:
    return "\n".join([*common, *sentences(number)])


MENU = ("Share this story", "Read more", "Sign up for our newsletter", "All rights reserved")


def test_a_run_that_takes_nothing_from_what_holds_boilerplate() -> None:
    (found,) = judged(document(n, text=scraped(n, *MENU)) for n in range(300))
    assert (found[0], found[1].about, found[1].stops) == (LEAST, "run", True)
    assert "“all rights reserved”, “read more”" in found[1].detail
    protected = (document(n, text=scraped(n, *MENU), protected=tuple(range(1, 11))) for n in range(300))
    assert "keep rule" in judged(protected)[0][1].detail
    assert short(judged(document(n, text=scraped(n, "Read more")) for n in range(300))) == [(LEAST, "run", False)]
    # Clean text, one text many times over, a little that went, a run without rules: all plausible.
    assert judged(document(n, text=scraped(n)) for n in range(300)) == []
    assert judged(document(n, text=scraped(1, *MENU)) for n in range(300)) == []
    assert judged(document(n, *[("evidence", 0.01)] * (n == 199), text=scraped(n, *MENU)) for n in range(300)) == []
    assert judged((document(n, text=scraped(n, *MENU)) for n in range(300)), cleans=False) == []


def of_hosts(*names: str | None, count: int = 300) -> list[Document]:
    return [document(n, ("evidence", 0.1), site=names[n % len(names)]) for n in range(count)]


def test_a_pack_whose_host_is_misspelt() -> None:
    (found,) = judged(of_hosts("www.example.org", "other.net"), pack("mine", hosts=("exmaple.org",)))
    assert found[1] == Alarm(
        "mine",
        "was never in force: no page is of exmaple.org, but 150 are of www.example.org; check its `hosts`",
        stops=False,
    )
    (found,) = judged(of_hosts("example.org"), pack("mine", hosts=("example.org",), paths=("/news/",)))
    assert "no page below /news/" in found[1].detail
    (found,) = judged(of_hosts(None), pack("mine", hosts=("example.org",)))
    assert "--url-field" in found[1].detail
    assert judged(of_hosts("example.org", count=150), pack("mine", hosts=("exmaple.org",))) == []
    # A bundled pack is nobody's mistake, and a host that another pack knows is no misspelling.
    assert judged(of_hosts("example.org"), pack("theirs", level=Level.SITE, hosts=("exmaple.org",))) == []
    (found,) = judged(
        of_hosts("nbcnews.com"), pack("a", hosts=("abcnews.com",)), pack("n", level=Level.SITE, hosts=("nbcnews.com",))
    )
    assert found[1].about == "packs"


def test_a_collection_of_packs_may_be_larger_than_a_run() -> None:
    names = [f"{word}.example" for word in WORDS[:40]]
    packs = [pack(name.partition(".")[0], hosts=(name,)) for name in names]
    docs = [document(n, ("evidence", 0.1), site=names[n % 4], packs=(names[n % 4].partition(".")[0],)) for n in range(300)]
    assert judged(docs, *packs) == []
    (found,) = judged(docs, *packs[:5])
    assert (found[1].about, found[1].stops) == ("packs", False)


def test_a_pack_that_finds_nothing_any_more() -> None:
    own = pack("mine", hosts=("a.org",))
    docs = [document(n, ("evidence", 0.1), site="a.org", packs=("mine",)) for n in range(300)]
    (found,) = judged(docs, own)
    assert (found[0], found[1].about, found[1].stops) == (0, "mine", False)
    assert "has the site changed?" in found[1].detail
    assert judged(docs, pack("mine", rule("mine", "a", action=Action.KEEP), hosts=("a.org",))) == []
    flagged = [Removal(Span(0, 1), 1, RuleFired("mine.a", "topic"))]
    assert judged([document(300, site="a.org", packs=("mine",), flags=tuple(flagged)), *docs], own) == []


def test_memory_has_a_bound() -> None:
    found = hosts.Hosts([pack("mine", hosts=("a.org",))], [])
    for number in range(3 * hosts.MOST):
        found.add(f"{number}.example")
    assert len(found._seen) == hosts.MOST


# Whole runs.

PACK = """
[pack]
id = "mine"
version = "1"
{scope}
[[rule]]
id = "broad"
why = "Too broad"
kind = "line"
pattern = '{pattern}'
removes = ["{removes}"]
keeps = ["{keeps}"]
"""
QUICK = ("--strength", "rules", "--duplicates", "off")
BROAD = PACK.format(scope="", pattern=r"^[A-Z]\w+ (?:\w+ ){20,}", removes="A" + "b " * 30, keeps="A b")


def article(number: int) -> str:
    """Short lines, and two long ones that the broad rule takes: a half of it."""
    return "\n".join([*sentences(number, 6, 10), *sentences(-number, 2, 30)])


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder of texts and records that hold boilerplate, each time at another place."""
    folder = tmp_path / "news"
    folder.mkdir()
    for number in range(80):
        (folder / f"{number:03}.txt").write_text(article(number) + "\nAdvertisement", encoding="utf-8")
    records = [{"id": n, "url": "https://example.org/a", "text": article(n)} for n in range(80, 400)]
    (folder / "more.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return folder


def test_an_over_broad_rule_stops_the_run_which_goes_on_when_that_is_accepted(news: Path, cleaner: Any, tree: Any) -> None:
    (news.parent / "broad.toml").write_text(BROAD)
    command = ("clean", "news", "--rules", "broad.toml", *QUICK)
    told = []
    for workers in (1, 2):
        done = cleaner(*command, "--out", f"out{workers}", "--workers", workers, cwd=news.parent)
        assert (done.code, done.out) == (3, b""), done.err
        assert "tripwire: mine.broad: takes " in done.err
        assert "--resume --accept-tripwire" in done.err
        assert "Traceback" not in done.err
        told.append(done.err.replace(f"out{workers}", "out"))
        left = {path.name for path in (news.parent / f"out{workers}").iterdir()}
        assert left == {"clean", "journal.partial", "run.json.partial"}
    assert told[0] == told[1]
    # As it is, it is refused; accepted, it ends as if it had never stopped.
    assert cleaner(*command, "--out", "out1", cwd=news.parent).code == 2
    assert cleaner(*command, "--out", "out1", "--resume", cwd=news.parent).code == 3
    done = cleaner(*command, "--out", "out1", "--resume", "--accept-tripwire", cwd=news.parent)
    assert done.code == 0, done.err
    assert "tripwire    mine.broad: takes" in done.text
    assert cleaner(*command, "--out", "whole", "--accept-tripwire", cwd=news.parent).code == 0
    assert tree(news.parent / "out1") == tree(news.parent / "whole")
    found = [json.loads((news.parent / name / "run.json").read_bytes()) for name in ("out1", "whole")]
    assert found[0]["alarms"] == found[1]["alarms"]
    assert [(one["about"], one["accepted"]) for one in found[0]["alarms"]] == [("mine.broad", True)]
    assert found[0]["reused"] > 100
    # Set right, it goes on too.
    (news.parent / "broad.toml").write_text(BROAD.replace("{20,}", "{400,}").replace("A" + "b " * 30, "A" + "b b " * 300))
    done = cleaner(*command, "--out", "out2", "--resume", cwd=news.parent)
    assert done.code == 0, done.err


def test_in_a_pipe_it_goes_on_and_says_so_at_the_end(news: Path, cleaner: Any) -> None:
    (news.parent / "broad.toml").write_text(BROAD)
    records = b"".join(json.dumps({"text": article(n)}).encode() + b"\n" for n in range(300))
    command = ("clean", "-", "--from", "jsonl", "--rules", "broad.toml", *QUICK)
    done = cleaner(*command, cwd=news.parent, stdin=records)
    assert (done.code, done.out.count(b"\n")) == (3, 300)
    assert "tripwire: mine.broad: takes" in done.err
    accepted = cleaner(*command, "--accept-tripwire", cwd=news.parent, stdin=records)
    assert (accepted.code, accepted.out) == (0, done.out)
    told = [json.loads(line) for line in cleaner(*command, "--log-json", cwd=news.parent, stdin=records).err.splitlines()]
    (trip,) = [one for one in told if one["event"] == "tripwire"]
    assert (trip["about"], trip["stops"]) == ("mine.broad", False)
    assert told[-1]["status"] == 3


def test_a_dry_run_tells_and_machines_are_told(news: Path, cleaner: Any, tree: Any) -> None:
    (news.parent / "broad.toml").write_text(BROAD)
    before = tree(news.parent)
    done = cleaner("clean", "news", "--rules", "broad.toml", "--dry-run", *QUICK, cwd=news.parent)
    assert (done.code, "Cleaned 400 documents" in done.text, "tripwire    mine.broad" in done.text) == (3, True, True)
    assert tree(news.parent) == before
    done = cleaner("clean", "news", "--rules", "broad.toml", "--out", "out", "--log-json", *QUICK, cwd=news.parent)
    told = [json.loads(line) for line in done.err.splitlines()]
    assert [one["event"] for one in told] == ["start", "tripwire", "error"]
    assert (told[1]["stops"], told[2]["status"], done.code) == (True, 3, 3)


def test_a_misspelt_host_is_told_at_the_end(news: Path, cleaner: Any) -> None:
    text = PACK.format(scope='hosts = ["exmaple.org"]\n', pattern="^x$", removes="x", keeps="y")
    (news.parent / "mine.toml").write_text(text)
    done = cleaner("clean", "news", "--rules", "mine.toml", "--out", "out", *QUICK, cwd=news.parent)
    assert done.code == 0, done.err
    assert "tripwire: mine: was never in force: no page is of exmaple.org, but 320 are of example.org" in done.err
    (told,) = json.loads((news.parent / "out/run.json").read_bytes())["alarms"]
    assert (told["about"], told["accepted"]) == ("mine", False)


def test_texts_that_were_decoded_wrongly_stop_the_run(cleaner: Any, files: Any) -> None:
    lost = {f"in/{n:03}.txt": "\n".join(sentences(n)).replace("tan", "t\ufffdn") for n in range(220)}
    noise = {f"noise/{n:03}.txt": bytes(range(32)) * 50 for n in range(220)}
    folder = files({**lost, **noise})
    done = cleaner("clean", "in", "--out", "out", *QUICK, cwd=folder)
    assert (done.code, "U+FFFD" in done.err) == (3, True)
    done = cleaner("clean", "noise", "--out", "out2", *QUICK, cwd=folder)
    assert (done.code, "no text in any encoding" in done.err) == (3, True)


def test_a_keep_rule_that_holds_all_stops_the_run(cleaner: Any, files: Any) -> None:
    text = PACK.format(scope="", pattern=r"\S", removes="", keeps="x").replace("[[rule]]", '[[rule]]\naction = "keep"')
    text = text.replace('removes = [""]', 'removes = ["…"]').replace(r"'\S'", r"'\w'")
    menu = ("Share on Facebook", "Advertisement", "Read more", "Sign up for our newsletter", "All rights reserved")
    folder = files({**{f"in/{n:03}.txt": scraped(n, *menu) for n in range(220)}, "all.toml": text})
    done = cleaner("clean", "in", "--out", "out", "--rules", "all.toml", *QUICK, cwd=folder)
    assert done.code == 3, done.err
    assert "removes nothing at all" in done.err
    assert "keep rule" in done.err
    assert cleaner("clean", "in", "--out", "out2", *QUICK, cwd=folder).code == 0
    assert cleaner("clean", "in", "--out", "out3", "--no-rules", cwd=folder).code == 0


def test_the_library_raises(news: Path, cleaned: Any, tmp_path: Path) -> None:
    (news.parent / "broad.toml").write_text(BROAD)
    rules = load_rules(news.parent / "broad.toml")
    with pytest.raises(TripwireError, match=r"mine\.broad takes") as caught:
        cleaned([news], tmp_path / "out", rules=rules)
    assert len(caught.value.alarms) == 1
    outcome = cleaned([news], tmp_path / "out", rules=rules, resume=True, accept_tripwire=True)
    assert [alarm.about for alarm in outcome.alarms] == ["mine.broad"]
    assert not outcome.tripped


def test_no_file_accepts_tripwires(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "One.\n", "cleaner.toml": "[clean]\naccept-tripwire = true\n"})
    done = cleaner("clean", "in", "--out", "out", cwd=folder)
    assert (done.code, "accept-tripwire" in done.err) == (2, True)


# What must not stop.


def orders(results: list[Document | Rejection]) -> list[list[Document | Rejection]]:
    def share(result: Document | Rejection) -> float:
        if isinstance(result, Rejection):
            return 0.0
        return sum(one.span.end - one.span.start for one in result.removals) / max(1, len(result.text))

    shuffled = random.Random(1).sample(results, len(results))
    return [results, shuffled, sorted(results, key=share), sorted(results, key=share, reverse=True)]


def silent(raws: list[Raw]) -> None:
    """In whatever order they come, even with all that lose most in front."""
    rules = load_rules()
    results = [close_gaps(one) if isinstance(one, Document) else one for one in Pipeline(rules).prepare_all(raws)]
    for order in orders(results):
        wires = Tripwires(rules)
        assert [alarm for result in order for alarm in wires.add(seen(result))] + wires.end() == []


def test_the_samples_set_nothing_off() -> None:
    texts = [path.read_bytes() for path in sorted((ROOT / "samples").rglob("*.txt"))]
    raws = [Raw(Source("a", number), data) for number, data in enumerate(texts)]
    silent(raws * (1 + LEAST // len(raws)))


@pytest.mark.skipif(not EVAL, reason="CLEANER_EVAL names the evaluation data")
@pytest.mark.parametrize("name", ["text_page", "snippets"])
def test_the_evaluation_data_set_nothing_off(name: str) -> None:
    with gzip.open(Path(EVAL or "") / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    silent([Raw(Source(name, number), one["text"], site=one["url"]) for number, one in enumerate(records)])


def test_thresholds_are_in_order() -> None:
    for name, shares in vars(tripwires).items():
        if isinstance(shares, tripwires.Shares):
            assert 0 < shares.warns < 1, name
            assert shares.stops is None or shares.warns < shares.stops < 1, name


def test_the_page_names_the_thresholds() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8").split("### Tripwires", 1)[1].split("\n### ", 1)[0]
    said = re.findall(r"^\|.*\| (\d+) % \| (?:(\d+) % )?\|$", page, re.MULTILINE)
    known = [
        tripwires.LINES, tripwires.LINES_OF_SITE, tripwires.STRETCHES, tripwires.PACK, tripwires.RUN, tripwires.EMPTIED, tripwires.BROKEN,
        tripwires.NOT_TEXT, tripwires.REJECTED, tripwires.REPAIRED, tripwires.DUPLICATES,
    ]  # fmt: skip
    assert said == [(f"{one.warns * 100:.0f}", f"{one.stops * 100:.0f}" if one.stops else "") for one in known]
    for number in (tripwires.LEAST, tripwires.LEAST_OF_PACK, tripwires.CLEAR):
        assert str(number) in page
    assert f"{traits.LOSS:,}" in page
