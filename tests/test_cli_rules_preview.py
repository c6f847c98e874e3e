"""``cleaner rules preview`` says what two full runs show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cleaner.readers.options import ReadOptions
from cleaner.rules.load import load_rules
from cleaner.trial.compare import Comparison, Corpus, compare

HEAD = '[pack]\nid = "{id}"\n'
LINE = '\n[[rule]]\nid = "{id}"\nwhy = "x"\nkind = "line"\n{what}\naction = "{action}"\nremoves = ["{removes}"]\nkeeps = ["{keeps}"]\n'


def line(name: str, what: str, removes: str, keeps: str = "kept", action: str = "remove") -> str:
    return LINE.format(id=name, what=what, removes=removes, keeps=keeps, action=action)


PHRASE = """
[[rule]]
id = "aside"
why = "x"
kind = "phrase"
literal = ["[bugle aside]"]
removes = ["a [bugle aside] b"]
keeps = ["bugle aside"]
"""
BLOCK = r"""
[[rule]]
id = "pair"
why = "x"
kind = "block"
start = '^Bugle one\nBugle two$'
removes = ["Bugle one\nBugle two"]
keeps = ["Bugle one"]

[[rule]]
id = "end"
why = "x"
kind = "tail"
start = '^Bugle ends$'
max_lines = 3
removes = ["Bugle ends\nx"]
keeps = ["Bugle ends well"]
"""
OLD = (
    HEAD.format(id="old")
    + line("gone", 'literal = "bugle old"', "bugle old")
    + line("both", 'literal = "bugle both"', "bugle both")
    + PHRASE
)
NEW = (
    HEAD.format(id="new")
    + 'disable = ["old.gone"]\n'
    + line("both", 'literal = "bugle both"', "bugle both")
    + line("uncovered", 'literal = "bugle read more"', "bugle read more")
    + line("keep", 'literal = "advertisement"', "advertisements", "advertisement", "keep")
    + line("flag", "pattern = '^Bugle flag'", "Bugle flag", "kept", "flag")
    + BLOCK
)
PAGES = {
    "in/a.txt": "Head\n\nbugle old\nbugle both\nThe story goes on, they said.\nAdvertisement\nBugle flag\nThe end of it.\n",
    "in/b.txt": "Head\nbugle [bugle aside] read more\nThe story.\nBugle one\n\nShare on Facebook\nBugle two\nMore of it.\n",
    "in/c.txt": "Head\nThe story.\nbugle both\nBugle ends\nx\n",
    "in/d.txt": "Head\nNothing of the kind here.\n",
}


def gone(cleaner: Any, folder: Path, name: str, *options: str) -> set[tuple[str, int, int, int, str]]:
    """What rules took in a full run: document, line, span, rule."""
    done = cleaner("clean", "in", "--out", name, "--strength", "rules", "--duplicates", "off", *options, cwd=folder)
    assert done.code == 0, done.err
    entries = map(json.loads, (folder / name / "audit.jsonl").read_text(encoding="utf-8").splitlines())
    return {
        (entry["id"], mark["line"], mark["start"], mark["end"], mark["rule"])
        for entry in entries
        for mark in entry["removed"]
        if mark["rule"] != "layout"
    }


def lines_of(marks: set[tuple[str, int, int, int, str]], others: set[tuple[str, int, int, int, str]]) -> dict[str, int]:
    """By rule, the lines of which marks take something that others leave."""
    left = {(name, line, at) for name, line, start, end, _ in others for at in range(start, end)}
    found = {
        (name, line, rule)
        for name, line, start, end, rule in marks
        if any((name, line, at) not in left for at in range(start, end))
    }
    return {rule: sum(one[2] == rule for one in found) for rule in {one[2] for one in found}}


def counts(told: list[dict[str, Any]], what: str) -> dict[str, int]:
    rows = [row for row in told if row["what"] == what]
    return {rule: sum(row["lines"] for row in rows if row["rule"] == rule) for rule in {row["rule"] for row in rows}}


def test_it_agrees_with_two_full_runs(cleaner: Any, files: Any) -> None:
    folder = files({**PAGES, "old.toml": OLD, "new.toml": NEW})
    before = gone(cleaner, folder, "before", "--rules", "old.toml")
    after = gone(cleaner, folder, "after", "--rules", "old.toml", "--rules", "new.toml")
    done = cleaner("rules", "preview", "new.toml", "--rules", "old.toml", "--corpus", "in", "--json", cwd=folder)
    assert (done.code, done.err) == (0, "")
    told = [json.loads(row) for row in done.text.splitlines()]
    assert counts(told, "gained") == lines_of(after, before) == {"new.uncovered": 1, "new.pair": 2, "new.end": 2}
    assert counts(told, "lost") == lines_of(before, after)
    assert counts(told, "lost")["old.gone"] == 1
    assert sum(counts(told, "lost").values()) == 2
    assert counts(told, "flagged") == {"new.flag": 1}


@pytest.mark.parametrize("workers", [1, 3])
def test_it_agrees_on_many_documents_whatever_the_workers(cleaner: Any, files: Any, workers: int) -> None:
    """Records of two sites; a pack whose rules are those that are bundled, some of them changed."""
    texts = [PAGES[name].replace("Head", f"Head {n}") for n in range(90) for name in sorted(PAGES)]
    rows = [{"id": n, "url": f"https://{'ab'[n % 2]}.example/{n}", "text": text} for n, text in enumerate(texts)]
    scoped = NEW.replace('id = "new"\n', 'id = "new"\nhosts = ["a.example"]\nmarkers = ["^Head 3$"]\n', 1)
    folder = files({"in/x.jsonl": "\n".join(map(json.dumps, rows)) + "\n", "old.toml": OLD, "new.toml": scoped})
    args = ["rules", "preview", "new.toml", "--rules", "old.toml", "--corpus", "in", "--json", "--workers", str(workers)]
    done = cleaner(*args, cwd=folder)
    assert done.code == 0, done.err
    before = gone(cleaner, folder, "before", "--rules", "old.toml")
    after = gone(cleaner, folder, "after", "--rules", "old.toml", "--rules", "new.toml")
    told = [json.loads(row) for row in done.text.splitlines()]
    assert counts(told, "gained") == lines_of(after, before)
    assert counts(told, "lost") == lines_of(before, after)
    assert sum(counts(told, "gained").values()) > 100


def test_against_a_version_and_by_risk(cleaner: Any, files: Any) -> None:
    wide = HEAD.format(id="old") + line("both", "pattern = '^(?:bugle both|The story)'", "bugle both")
    folder = files({**PAGES, "old.toml": OLD, "draft/old.toml": wide})
    done = cleaner("rules", "preview", "draft/old.toml", "--against", "old.toml", "--corpus", "in", cwd=folder)
    assert done.code == 0, done.err
    rows = done.text.splitlines()
    assert rows[:3] == [
        "4 documents, of which 3 come out differently",
        "  + 3 lines would go that stay now",
        "  - 2 lines would stay that go now",
    ]
    assert rows[4] == "old.both: 3 lines would go, in 3 documents"
    assert rows[6].endswith("The story goes on, they said.")
    assert any("above: " in row for row in rows)
    assert all(len(row) <= 80 for row in rows)


def test_nothing_changes_where_nothing_fires(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": PAGES["in/d.txt"], "new.toml": NEW.replace('disable = ["old.gone"]\n', "")})
    done = cleaner("rules", "preview", "new.toml", "--corpus", "in", cwd=folder)
    assert done.text == "1 document, of which 0 come out differently\n"
    done = cleaner("rules", "preview", "new.toml", "--corpus", "nowhere", cwd=folder)
    assert done.code == 2


def test_bundled_packs_can_be_compared_with_none(tmp_path: Path) -> None:
    """All rules against none: every mark of the rules is a gain."""
    from cleaner.rules.model import RuleSet

    (tmp_path / "a.txt").write_text("Head\n\nAdvertisement\nThe story goes on.\nShare on Facebook\n")
    corpus = Corpus((str(tmp_path),), ReadOptions())
    rules = load_rules()

    def texts(comparison: Comparison) -> Iterator[str]:
        return (group.change.text for group in comparison.groups)

    assert "Advertisement" in set(texts(compare(corpus, RuleSet(), rules)))
    assert {one.change.what.value for one in compare(corpus, rules, RuleSet()).groups} == {"lost"}
    assert compare(corpus, rules, rules).groups == ()
