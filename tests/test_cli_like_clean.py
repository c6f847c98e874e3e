"""``cleaner.toml`` holds for ``explain``, ``rules add`` and ``rules preview``, too, as far as they have options of ``clean``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RULE = '\n[[rule]]\nid = "{id}"\nwhy = "x"\nkind = "line"\nliteral = ["{line}"]\nremoves = ["{line}"]\nkeeps = ["And so on."]\n'
CLUB = '[pack]\nid = "club"\nhosts = ["bugle.example"]\n' + RULE.format(id="box", line="Skerrow supper club")
GERMAN = '[pack]\nid = "klub"\nlanguage = "de"\n' + RULE.format(id="box", line="Abendklub von Skerrow")
PAGE = "Ferry returns\n\nThe ferry sails again from Monday.\nSkerrow supper club\nAbendklub von Skerrow\nSeen by islanders\nIt is open.\n"
CONFIG = '[clean]\nout = "cleaned"\nrules = ["our-rules"]\nsite = "bugle.example"\nstrength = "rules"\nlanguage = "en"\ntext-field = "story"\nworkers = 1\n'


@pytest.fixture
def folder(files: Any) -> Path:
    record = json.dumps({"url": "https://x.example", "story": PAGE, "text": "No story."})
    path: Path = files(
        {
            "cleaner.toml": CONFIG,
            "our-rules/club.toml": CLUB,
            "our-rules/klub.toml": GERMAN,
            "pages/a.txt": PAGE,
            "in.jsonl": record + "\n",
        }
    )
    return path


def state(cleaner: Any, folder: Path, *options: str, file: str = "pages/a.txt") -> dict[str, str]:
    """What explain says of each line that does not stay."""
    done = cleaner("explain", file, "--json", *options, cwd=folder)
    assert done.code == 0, done.err
    return {one["text"]: one["rules"][0] for one in json.loads(done.text)["lines"] if one["state"] == "removed"}


def test_explain_cleans_as_clean_does(cleaner: Any, folder: Path) -> None:
    club = {"Skerrow supper club": "club.box"}
    assert state(cleaner, folder) == club
    assert state(cleaner, folder, "--record", "1", file="in.jsonl") == club  # its own field, and the site of all
    assert state(cleaner, folder, "--site", "other.example") == {}
    assert state(cleaner, folder, "--language", "de") == {**club, "Abendklub von Skerrow": "klub.box"}
    assert state(cleaner, folder, "--no-config", "--strength", "rules") == {}
    clean = cleaner("clean", "pages", cwd=folder)
    assert clean.code == 0
    assert "Skerrow supper club" not in (folder / "cleaned/clean/a.txt").read_text()
    assert "Abendklub" in (folder / "cleaned/clean/a.txt").read_text()


def test_faults_of_the_file_are_told_by_every_command(cleaner: Any, folder: Path) -> None:
    (folder / "cleaner.toml").write_text("[clean]\nsites = 1\n")
    for command in (
        ["explain", "pages/a.txt"],
        ["rules", "add", "x y z", "--yes"],
        ["rules", "preview", "our-rules", "--corpus", "pages"],
    ):
        done = cleaner(*command, cwd=folder)
        assert done.code == 2
        assert "cleaner.toml:2: sites: there is no such option; do you mean site?" in done.err


def test_a_new_rule_goes_into_the_packs_of_the_project(cleaner: Any, folder: Path) -> None:
    done = cleaner("rules", "add", "Seen by islanders", "--corpus", "in.jsonl", "--yes", cwd=folder)
    assert done.code == 0, done.err
    assert "It takes 1 line in 1 of 1 document" in done.text
    assert "written to our-rules/bugle.example.toml: 1 rule" in done.text
    assert "to use it" not in done.text  # it is in force at once
    assert state(cleaner, folder)["Seen by islanders"] == "bugle-example.seen-by-islanders"
    done = cleaner("rules", "add", "Skerrow supper club", "--yes", cwd=folder)
    assert done.text.startswith("nothing to add: club.box takes it already")
    # The pack of another language is not in force, so it takes nothing already.
    done = cleaner("rules", "add", "Abendklub von Skerrow", "--dry-run", cwd=folder)
    assert "[[rule]]" in done.text
    done = cleaner("rules", "add", "Abendklub von Skerrow", "--language", "de", "--dry-run", cwd=folder)
    assert done.text.startswith("nothing to add: klub.box takes it already")


def test_a_pack_that_is_named_tells_its_own_site(cleaner: Any, folder: Path) -> None:
    (folder / "other.toml").write_text('[pack]\nid = "other"\nhosts = ["other.example"]\n' + RULE.format(id="x", line="x y"))
    done = cleaner("rules", "add", "Seen by islanders", "--pack", "other.toml", "--yes", cwd=folder)
    assert done.code == 0, done.err
    assert "1 rule so far, in force on other.example" in done.text


def test_the_pack_of_a_project_gets_a_second_rule(cleaner: Any, folder: Path) -> None:
    old = (folder / "our-rules/club.toml").read_bytes()
    done = cleaner("rules", "add", "Seen by islanders", "--pack", "our-rules/club.toml", "--corpus", "pages", "--yes", cwd=folder)
    assert done.code == 0, done.err
    assert "It takes 1 line in 1 of 1 document" in done.text
    assert (folder / "our-rules/club.toml").read_bytes().startswith(old)
    for rules in ("@project", "@all"):  # named twice: by its place, and as the pack that gets it
        (folder / "rules").mkdir(exist_ok=True)
        (folder / "rules/b.toml").write_text(CLUB.replace('"club"', '"b"'))
        own = ("--pack", "rules/b.toml", "--rules", rules, "--no-config", "--dry-run")
        done = cleaner("rules", "add", "Seen by islanders", *own, cwd=folder)
        assert done.code == 0, done.err


def test_a_preview_begins_with_what_clean_does(cleaner: Any, folder: Path) -> None:
    draft = (
        '[pack]\nid = "draft"\n' + RULE.format(id="a", line="Skerrow supper club") + RULE.format(id="b", line="Seen by islanders")
    )
    (folder / "draft.toml").write_text(draft + RULE.format(id="c", line="Abendklub von Skerrow"))
    for source in ("pages", "in.jsonl"):
        done = cleaner("rules", "preview", "draft.toml", "--corpus", source, "--json", cwd=folder)
        assert done.code == 0, done.err
        told = [json.loads(line) for line in done.text.splitlines()]
        gained = {one["text"] for one in told if one["what"] == "gained"}
        assert gained == {"Seen by islanders", "Abendklub von Skerrow"}, source
    done = cleaner("rules", "preview", "draft.toml", "--corpus", "pages", "--json", "--language", "de", cwd=folder)
    assert {one["text"] for one in map(json.loads, done.text.splitlines()) if one["what"] == "gained"} == {"Seen by islanders"}


def test_a_line_that_stays_is_followed_by_what_makes_a_rule_of_it(cleaner: Any, folder: Path) -> None:
    last = cleaner("explain", "pages/a.txt", "--line", "6", cwd=folder).text.splitlines()[-1]
    assert last == "If it should go: cleaner rules add --from pages/a.txt --line 6 --site bugle.example"
    command = last.partition(": cleaner ")[2].split()
    assert cleaner(*command, "--yes", cwd=folder).code == 0
    assert "Seen by islanders" in state(cleaner, folder)
    last = cleaner("explain", "in.jsonl", "--record", "1", "--line", "1", "--no-config", cwd=folder).text.splitlines()[-1]
    assert last == "If it should go: cleaner rules add --from in.jsonl --line 1 --record 1 --site x.example"
    for line in ("2", "4"):  # blank; gone already
        assert "If it should go" not in cleaner("explain", "pages/a.txt", "--line", line, cwd=folder).text
    piped = cleaner("explain", "-", "--line", "1", cwd=folder, stdin=b"- it's on\n").text.splitlines()[-1]
    assert piped == """If it should go: cleaner rules add --site bugle.example -- '- it'"'"'s on'"""
