"""``cleaner rules check`` as a linter: codes, places, formats, and what corpora and earlier runs tell."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cleaner.trial.lint import CODES

HEAD = '[pack]\nid = "bugle"\nhosts = ["bugle.example"]\n'
RULE = '\n[[rule]]\nid = "{id}"\nwhy = "x"\nkind = "line"\n{what}\nremoves = ["{removes}"]\nkeeps = ["{keeps}"]\n'


def rule(name: str, what: str, removes: str, keeps: str = "kept") -> str:
    return RULE.format(id=name, what=what, removes=removes, keeps=keeps)


SLOW = r"pattern = '^Tags: (?:\w{2,9}(?: \w{2,9}){0,3} ){1,12}end$'"
PACK = (
    HEAD
    + rule("stays", 'literal = "bugle one"', "bugle two")
    + rule("goes", 'literal = "bugle two"', "bugle two", "Bugle Two")
    + rule("loose", "pattern = 'bugle three'", "bugle three")
    + rule("short", 'literal = ["ab", "(c)", "读者"]', "ab")
    + rule("slow", SLOW, "Tags: Harbour Crane end")
    + rule("again", 'literal = ["bugle two", "bugle four"]', "bugle four")
    + rule("needless", 'literal = "advertisement"', "Advertisement")
)


def findings(cleaner: Any, folder: Path, *args: str) -> tuple[int, list[dict[str, Any]]]:
    done = cleaner("rules", "check", *args, "--format", "json", cwd=folder)
    return done.code, [json.loads(row) for row in done.text.splitlines()]


def test_every_code_but_those_of_corpora_is_found_with_its_place(cleaner: Any, files: Any) -> None:
    folder = files({"p.toml": PACK})
    status, told = findings(cleaner, folder, "p.toml")
    assert status == 2
    assert [(one["code"], one["rule"], one["field"]) for one in told] == [
        ("R002", "stays", "removes"),
        ("R003", "goes", "keeps"),
        ("R101", "loose", "pattern"),
        ("R102", "short", "literal"),
        ("R103", "slow", "pattern"),
        ("R104", "again", "literal"),
        ("R105", "needless", None),
    ]
    rows = PACK.split("\n")
    for one in told:
        assert one["path"] == "p.toml"
        assert one["severity"] == CODES[one["code"]][0].value
        assert rows[one["line"] - 1].startswith(f"{one['field'] or 'id'} = ")


def test_formats_status_and_what_is_left_out(cleaner: Any, files: Any) -> None:
    loose = HEAD + rule("loose", "pattern = 'bugle 50% off'", "bugle 50% off")
    folder = files({"p.toml": PACK, "loose.toml": loose, "bad.toml": "[pack]\nid = 3\n"})
    done = cleaner("rules", "check", "loose.toml", "--format", "github", cwd=folder)
    assert done.code == 0
    assert done.text == (
        "::warning file=loose.toml,line=9,title=R101::loose: pattern: has no anchor; begin it with ^ or end it with $: bugle 50%25 off\n"
    )
    done = cleaner("rules", "check", "loose.toml", "--format", "concise", cwd=folder)
    assert done.text.startswith("loose.toml:9: R101 loose: pattern: has no anchor")
    assert cleaner("rules", "check", "loose.toml", "--strict", cwd=folder).code == 2
    assert cleaner("rules", "check", "loose.toml", "--strict", "--ignore", "r101", cwd=folder).code == 0
    done = cleaner("rules", "check", "loose.toml", "--ignore", "R999", cwd=folder)
    assert done.code == 2
    assert "--codes" in done.err
    status, told = findings(cleaner, folder, "p.toml", "--ignore", "R002,R003,R103")
    assert status == 0
    assert {one["code"] for one in told} == {"R101", "R102", "R104", "R105"}
    status, told = findings(cleaner, folder, "bad.toml")
    assert status == 2
    assert [(one["code"], one["severity"]) for one in told] == [("R001", "fault")]
    done = cleaner("rules", "check", "--codes", cwd=folder)
    assert re.findall(r"^R\d+", done.text, re.MULTILINE) == list(CODES)


def test_a_corpus_tells_what_never_fires_and_what_takes_prose(cleaner: Any, files: Any) -> None:
    prose = "The ferry to Skerrow sails again from Monday, the island council said at noon, after a winter of repairs."
    pack = HEAD + rule("wide", "pattern = '^The ferry'", "The ferry") + rule("idle", 'literal = "bugle idle"', "bugle idle")
    pack += rule("fine", 'literal = "bugle fine"', "bugle fine")
    folder = files({"p.toml": pack, "in/a.txt": f"Head\n\nFirst of all.\n{prose}\nThe end of it.\nbugle fine\n"})
    status, told = findings(cleaner, folder, "p.toml", "--corpus", "in", "--site", "bugle.example")
    assert status == 0
    assert [(one["code"], one["rule"]) for one in told] == [("R202", "wide"), ("R201", "idle")]
    assert "a.txt:4: The ferry to Skerrow" in told[0]["problem"]
    assert told[1]["problem"] == "never fires in 1 document"


def test_earlier_runs_tell_which_site_has_changed(cleaner: Any, files: Any) -> None:
    pack = HEAD + rule("box", 'literal = "bugle box"', "bugle box") + rule("bar", 'literal = "bugle bar"', "bugle bar")
    old = {f"old/{n}.txt": f"Head {n}\nbugle box\nThe story.\nbugle bar\n" for n in range(8)}
    new = {f"new/{n}.txt": f"Head {n}\nbugle box!\nThe story.\nbugle bar\n" for n in range(8)}
    folder = files({"p.toml": pack, **old, **new})
    for name, site in (("old", "bugle.example"), ("new", "bugle.example"), ("other", "other.example")):
        source = "new" if name == "other" else name
        done = cleaner("clean", source, "--out", f"run-{name}", "--rules", "p.toml", "--site", site, cwd=folder)
        assert done.code == 0, done.err
        path = folder / f"run-{name}/run.json"
        told = {**json.loads(path.read_bytes()), "began": {"old": "2026-01-01", "new": "2026-01-02", "other": "2026-01-03"}[name]}
        path.write_text(json.dumps(told))
    status, found = findings(cleaner, folder, "p.toml", "--runs", "run-new", "--runs", "run-old")
    assert status == 0
    assert [(one["code"], one["rule"]) for one in found] == [("R301", "box")]
    assert "8 lines of 8 documents" in found[0]["problem"]
    _, found = findings(cleaner, folder, "p.toml", "--runs", "run-old", "--runs", "run-new", "--runs", "run-other")
    assert [(one["code"], one["rule"]) for one in found] == [("R302", None)]
    done = cleaner("rules", "check", "p.toml", "--runs", "run-old", cwd=folder)
    assert done.code == 2
    assert "two or more" in done.err
    done = cleaner("rules", "check", "p.toml", "--runs", "run-old", "--runs", "in", cwd=folder)
    assert "no finished run" in done.err


def test_no_bundled_pattern_takes_long() -> None:
    from cleaner.rules.load import load_rules
    from cleaner.rules.slow import too_slow

    slow = [
        (rule.name, pattern)
        for _, rule in load_rules().rules()
        for condition in (rule.match, rule.start, rule.end)
        for pattern in condition.patterns
        if too_slow(pattern, rule.removes, rule.max_length) is not None
    ]
    assert slow == []
