"""``cleaner rules add``: from a line of junk to a tested rule."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

JUNK = "skerrow bugle club"
PAGE = "Ferry {n} returns\n\nThe ferry sails again from Monday, the council said.\n\n{junk}\n\nThe crossing had been closed since March.\nIt is open.\n"
PROSE = "At the Skerrow Bugle Club nobody could say on Monday who had paid for it."


@pytest.fixture
def folder(files: Any) -> Path:
    pages = {f"pages/{n}.txt": PAGE.format(n=n, junk="Skerrow Bugle Club") for n in range(5)}
    path: Path = files({**pages, "pages/prose.txt": f"Club\n\nFirst.\n{PROSE}\nLast.\n"})
    return path


def rules_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    return found


def test_a_line_becomes_a_tested_rule_that_cleans(cleaner: Any, folder: Path) -> None:
    done = cleaner("rules", "add", JUNK, "--site", "https://www.bugle.example/x", "--corpus", "pages", "--yes", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert "It takes 5 lines in 5 of 6 documents:" in done.text
    assert "above: The ferry sails again" in done.text
    assert f"These come near, and stay:\n  {PROSE}\n    prose.txt:4, it takes a whole line" in done.text
    assert all(len(row) <= 80 for row in done.text.split("[[rule]]")[0].splitlines())
    path = folder / "rules/www.bugle.example.toml"
    assert rules_of(path) == [
        {
            "id": "skerrow-bugle-club",
            "why": f"Line of the page, not of the article: {JUNK}",
            "kind": "line",
            "literal": [JUNK],
            "removes": [JUNK],
            "keeps": [PROSE],
        },
    ]
    assert path.read_text().startswith("#:schema ./pack.schema.json\n[pack]\n")
    assert (path.parent / "pack.schema.json").is_file()
    assert cleaner("rules", "check", "rules", cwd=folder).code == 0
    done = cleaner("clean", "pages", "--out", "out", "--rules", "rules", "--site", "www.bugle.example", cwd=folder)
    assert done.code == 0
    assert "Bugle Club" not in (folder / "out/clean/3.txt").read_text()
    assert PROSE in (folder / "out/clean/prose.txt").read_text()


def test_dry_run_and_nobody_to_ask_write_nothing(cleaner: Any, folder: Path) -> None:
    done = cleaner("rules", "add", JUNK, "--site", "bugle.example", "--dry-run", cwd=folder)
    assert done.code == 0
    assert "nothing was written" in done.text
    done = cleaner("rules", "add", JUNK, "--site", "bugle.example", cwd=folder)
    assert done.code == 2
    assert "--yes" in done.err
    assert not (folder / "rules").exists()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_stands_in_the_pack_stays_letter_by_letter(cleaner: Any, folder: Path, end: str) -> None:
    old = '# mine\n[pack]\nversion = "7"   # as I count\nid = "own"\nhosts = ["bugle.example"]\n\n'
    old += '[[rule]]\nkeeps = ["x"]  # odd order\nremoves = ["gone"]\nliteral = "gone"\nkind = "line"\nwhy = "Gone"\nid = "gone"\n# the end'
    data = b"\xef\xbb\xbf" + old.replace("\n", end).encode()
    (folder / "own.toml").write_bytes(data)
    done = cleaner("rules", "add", JUNK, "--site", "www.bugle.example", "--pack", "own.toml", "--yes", cwd=folder)
    assert done.code == 0, done.err
    new = (folder / "own.toml").read_bytes()
    assert new.startswith(data)
    added = new[len(data) :].decode()
    assert added.startswith(f"{end}{end}[[rule]]{end}id = ")
    assert added.count("\n") == added.count(end)
    assert not (folder / "pack.schema.json").exists()
    again = cleaner("rules", "add", JUNK, "--pack", "own.toml", "--yes", cwd=folder)
    assert again.code == 0
    assert again.text.startswith("nothing to add: own.skerrow-bugle-club takes it already")
    assert (folder / "own.toml").read_bytes() == new


def test_numbers_dates_names_and_addresses_are_general_when_told(cleaner: Any, files: Any) -> None:
    lines = [f"Scene {n} of 12, filmed by Jane Doe on {n} May 2024, see https://bugle.example/{n}" for n in (1, 2, 34)]
    folder = files({f"in/{n}.txt": f"Head\n\nThe story.\n{line}\nThe end of it.\n" for n, line in enumerate(lines)})
    args = ["rules", "add", lines[0], "--site", "bugle.example", "--corpus", "in", "--yes"]
    done = cleaner(*args, "--pack", "plain.toml", cwd=folder)
    assert "It takes 1 line in 1 of 3" in done.text
    assert "--any-address" in done.text
    done = cleaner(*args, "--pack", "general.toml", "--generalise", cwd=folder)
    assert "It takes 3 lines in 3 of 3" in done.text
    [rule] = rules_of(folder / "general.toml")
    assert rule["pattern"].startswith(r"^Scene \d{1,3}(?:[.,]\d{1,3})* of \d{1,3}(?:[.,]\d{1,3})*, filmed by \p{Lu}")
    assert rule["pattern"].endswith(r" \d{4}, see \S{3,120}$")
    assert sorted(rule["removes"]) == sorted(lines)
    assert rule["id"] == "scene-of-filmed-by"
    done = cleaner("rules", "add", "12 May 2024", "--site", "bugle.example", "--generalise", "--yes", cwd=folder)
    assert done.code == 2
    assert "hardly anything" in done.err


def test_lines_come_from_a_file_or_from_standard_input(cleaner: Any, folder: Path) -> None:
    site = ["--site", "bugle.example", "--yes"]
    done = cleaner("rules", "add", "--from", "pages/1.txt", "--line", "5", *site, cwd=folder)
    assert done.code == 0, done.err
    done = cleaner("rules", "add", *site, cwd=folder, stdin=b"Join the club\nEvery Monday\n")
    assert done.code == 0, done.err
    long = "Our best stories\nOne\nTwo\nThree\nMore of them here"
    done = cleaner("rules", "add", *site, cwd=folder, stdin=long.encode())
    assert done.code == 0, done.err
    first, second, third = rules_of(folder / "rules/bugle.example.toml")
    assert first["literal"] == ["Skerrow Bugle Club"]
    assert (second["kind"], second["start"]) == ("block", r"(?i)^Join the club\nEvery Monday$")
    assert (third["start"], third["end"], third["max_lines"]) == ("(?i)^Our best stories$", "(?i)^More of them here$", 7)
    done = cleaner("rules", "check", "rules", cwd=folder)
    assert done.code == 0


def test_records_tell_their_site_and_other_sites_are_left_alone(cleaner: Any, files: Any) -> None:
    import json

    rows = [
        {"url": f"https://{host}/a", "text": "Head\nBugle box here\nThe story goes on.\n"} for host in ("a.example", "b.example")
    ]
    folder = files({"in.jsonl": "\n".join(map(json.dumps, rows)) + "\n"})
    done = cleaner(
        "rules", "add", "--from", "in.jsonl", "--record", "2", "--line", "2", "--corpus", "in.jsonl", "--yes", cwd=folder
    )
    assert done.code == 0, done.err
    assert "It takes 1 line in 1 of 2 documents" in done.text
    assert "in.jsonl#2:2" in done.text
    assert (folder / "rules/b.example.toml").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["x y z"], "--site HOST"),
        ([" ", "--site", "a.example"], "blank"),
        (["x y z", "--site", "nowhere"], "no host"),
        (["x y z", "--site", "b.example", "--pack", "a.toml"], "in force on a.example"),
        (["x y z", "--site", "a.example", "--from", "a.toml", "--line", "1"], "exclude each other"),
        (["--site", "a.example", "--from", "a.toml"], "go together"),
        (["--site", "a.example", "--from", "a.toml", "--line", "99"], "has 3 lines"),
        (["x y z", "--pack", "wrong.toml"], "unknown field"),
        (["x y z", "--site", "a.example", "--corpus", "nowhere"], "no such file"),
        (["x y z", "--site", "a.example", "--id", "Not An Id"], "is not a name"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(cleaner: Any, files: Any, args: list[str], told: str) -> None:
    folder = files({"a.toml": '[pack]\nid = "a"\nhosts = ["a.example"]\n', "wrong.toml": '[pack]\nid = "w"\nhost = 1\n'})
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    done = cleaner("rules", "add", *args, "--yes", cwd=folder)
    assert done.code == 2
    assert told in done.err
    assert before == {path: path.read_bytes() for path in folder.rglob("*.*")}


def test_a_line_that_never_stands_alone_is_better_a_phrase(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "Head\nThe council met (bugle story below) on Monday.\nThe end of it.\n"})
    args = ["rules", "add", "(bugle story below)", "--site", "bugle.example", "--corpus", "in"]
    assert "--kind phrase" in cleaner(*args, "--dry-run", cwd=folder).text
    done = cleaner(*args, "--kind", "phrase", "--yes", cwd=folder)
    assert done.code == 0, done.err
    assert "part of a line" in done.text
    assert cleaner("rules", "check", "rules", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--action", "flag"], "It flags 5 lines"),
        (["--action", "keep"], "It saves nothing"),
        (["--kind", "tail"], "It takes 15 lines"),
        (["--kind", "head"], "It takes 15 lines"),
        (["--kind", "phrase"], "It takes 6 lines"),
    ],
)
def test_every_kind_and_action_makes_a_rule_true_to_its_examples(
    cleaner: Any, folder: Path, options: list[str], told: str
) -> None:
    done = cleaner("rules", "add", JUNK, "--site", "bugle.example", "--corpus", "pages", "--yes", *options, cwd=folder)
    assert done.code == 0, done.err
    assert told in done.text
    assert cleaner("rules", "check", "rules", cwd=folder).code == 0
