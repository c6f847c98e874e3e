"""``cleaner rules learn``, from files to packs to clean text."""

from __future__ import annotations

import json
import os
import random
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
EVAL = os.environ.get("CLEANER_EVAL")
FLOORS = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))
WORDS = ["pier", "gull", "tide", "lamp", "rope", "sail", "coal", "bell", "wool", "salt", "clay", "reed", "corn", "moss"]


def page(number: int) -> str:
    """A page of its own story with a row of buttons and an advertisement."""
    chance = random.Random(number)

    def sentence() -> str:
        pairs = [
            f"the {chance.choice(WORDS)} of {chance.choice(WORDS)} and {chance.choice(WORDS)} {chance.randint(3, 99)}"
            for _ in range(3)
        ]
        return f"They said that {', '.join(pairs)} was sold."

    body = [" ".join(sentence() for _ in range(3)) for _ in range(chance.randint(5, 9))]
    return "\n\n".join(["Share this page Tweet Print", *body[:3], f"Advertisement {number % 7}", *body[3:], "Ann Reed contributed to this report."]) + "\n"  # fmt: skip


def records(host: str, count: int, start: int = 0) -> str:
    """Pages as JSON lines."""
    rows = ({"id": number, "url": f"https://www.{host}/{number}", "text": page(number)} for number in range(start, start + count))
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_from_records_to_packs_to_clean_text(cleaner: Any, files: Any) -> None:
    corpus = records("bugle.example", 30) + records("small.example", 5) + '{"id": 1, "text": "No address."}\nnot JSON\n'
    folder = files({"in.jsonl": corpus, "new.jsonl": records("bugle.example", 3, 900)})
    done = cleaner("rules", "learn", "in.jsonl", "--out", "packs", cwd=folder)
    assert (done.code, done.err) == (0, "")
    rows = done.text.splitlines()
    assert rows[0].startswith("bugle.example: 30 pages, 2 rules, ")
    assert rows[0].endswith("packs/bugle.example.toml")
    assert rows[1:] == [
        "1 site left out, with too few pages (5 pages); see --least-pages",
        "1 page left out, of which nothing tells the site; see --by and --site",
        "1 input could not be read; `cleaner clean` tells why",
    ]
    assert cleaner("rules", "check", "packs", cwd=folder).code == 0
    done = cleaner("clean", "new.jsonl", "--out", "out", "--rules", "packs", "--strength", "rules", cwd=folder)
    assert done.code == 0
    for number, line in enumerate(
        (folder / "out/new.jsonl" if (folder / "out/new.jsonl").exists() else folder / "out/clean/new.jsonl")
        .read_text()
        .splitlines(),
        900,
    ):
        kept = [row for row in page(number).splitlines() if row and not row.startswith(("Share", "Advertisement"))]
        assert [row for row in json.loads(line)["text"].splitlines() if row] == kept
    audit = json.loads((folder / "out/audit.jsonl").read_text().splitlines()[0])
    assert {mark["rule"].split(".")[0] for mark in audit["removed"] if mark["rule"] != "layout"} == {"bugle-example"}


def test_folders_and_fields_tell_sites_apart(cleaner: Any, files: Any) -> None:
    pages = {
        f"pages/{host}/{number}.txt": page(number + start)
        for host, start in (("one.example", 0), ("two.example", 500))
        for number in range(20)
    }
    folder = files(pages)
    done = cleaner("rules", "learn", "pages", "--out", "packs", cwd=folder)
    assert sorted(path.name for path in (folder / "packs").iterdir()) == ["one.example.toml", "two.example.toml"]
    assert tomllib.loads((folder / "packs/one.example.toml").read_text())["pack"]["hosts"] == ["one.example"]
    desk = "".join(json.dumps({"text": page(number), "desk": "north"}) + "\n" for number in range(20))
    (folder / "desk.jsonl").write_text(desk)
    done = cleaner("rules", "learn", "desk.jsonl", "--by", "desk", "--out", "desks", cwd=folder)
    assert done.code == 0
    assert done.text.startswith("north: ")
    head = tomllib.loads((folder / "desks/north.toml").read_text())["pack"]
    assert "hosts" not in head
    assert head["markers"]


def test_update_in_place_and_elsewhere(cleaner: Any, files: Any) -> None:
    old = '# Ours.\n[pack]\nid = "bugle"\nhosts = ["bugle.example"]\n\n[[rule]]\nid = "old"\nwhy = "Stood there once"\nkind = "line"\nliteral = "scroll on"\nremoves = "Scroll on"\nkeeps = "Scroll on, he said."\n'
    folder = files({"in.jsonl": records("bugle.example", 24), "bugle.toml": old})
    done = cleaner("rules", "learn", "in.jsonl", "--update", "bugle.toml", "--out", "new", cwd=folder)
    assert done.code == 0
    assert (folder / "bugle.toml").read_text() == old
    done = cleaner("rules", "learn", "in.jsonl", "--update", "bugle.toml", cwd=folder)
    assert "2 rules added to bugle.toml" in done.text
    assert "no longer fires: bugle.old" in done.text
    text = (folder / "bugle.toml").read_text()
    assert text.startswith(old)
    assert text == (folder / "new/bugle.toml").read_text()
    done = cleaner("rules", "learn", "in.jsonl", "--update", "bugle.toml", cwd=folder)
    assert "0 rules added" in done.text
    assert (folder / "bugle.toml").read_text() == text
    assert cleaner("rules", "check", "bugle.toml", cwd=folder).code == 0


def test_wrong_usage_writes_nothing(cleaner: Any, files: Any) -> None:
    folder = files(
        {
            "in.jsonl": records("bugle.example", 3),
            "packs/own.toml": "",
            "other.toml": '[pack]\nid = "other"\nhosts = ["other.example"]\n',
            "broken.toml": "[",
        }
    )
    for arguments, words in (
        (["in.jsonl"], "--out DIR"),
        (["in.jsonl", "--out", "packs"], "holds packs already"),
        (["nowhere.jsonl", "--out", "new"], "nowhere.jsonl"),
        (["in.jsonl", "--update", "other.toml"], "no page of other.example"),
        (["in.jsonl", "--update", "broken.toml"], "is not TOML"),
        (["in.jsonl", "--update", "nowhere.toml"], "there is no such file"),
    ):  # fmt: skip
        done = cleaner("rules", "learn", *arguments, cwd=folder)
        assert done.code == 2, arguments
        assert words in done.err, arguments
    assert not (folder / "new").exists()
    done = cleaner("rules", "learn", "in.jsonl", "--out", "new", cwd=folder)
    assert (done.code, done.text) == (0, "1 site left out, with too few pages (3 pages); see --least-pages\n")


def test_the_same_packs_whatever_the_hash_seed(cleaner: Any, files: Any) -> None:
    folder = files({"in.jsonl": records("bugle.example", 24)})
    for seed in ("1", "2"):
        assert cleaner("rules", "learn", "in.jsonl", "--out", seed, cwd=folder, PYTHONHASHSEED=seed).code == 0
    assert (folder / "1/bugle.example.toml").read_bytes() == (folder / "2/bugle.example.toml").read_bytes()


# -- floors on real pages


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    import importlib.util

    spec = importlib.util.spec_from_file_location("bench_learn", HERE.parent / "benchmarks" / "learn.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_learn"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench_learn"]


@pytest.mark.skipif(EVAL is None, reason="CLEANER_EVAL names no folder with the evaluation pages")
def test_floors_of_what_is_learned(bench: ModuleType, tmp_path: Path) -> None:
    """Packs of one half of each site's pages, on the other half."""
    folder = Path(EVAL or "")
    for part, learn_from, rows in bench.halves(folder):
        floors = FLOORS["learned"][f"part_{part[0]}"]
        place = tmp_path / str(part[0])
        place.mkdir()
        rules = bench.learned(learn_from, place)
        found = bench.figures(folder, bench.scored(folder, part, bench.cleaned(rules, rows))[0])
        assert found.precision >= floors["precision"]
        assert found.recall >= floors["recall"]
        assert found.by_template >= floors["by_template"]
        assert found.glued >= floors["glued"]
        assert found.loss <= floors["loss"]
        told = [one for _, one in bench.told(rules, learn_from, rows, apart=True)]
        assert sum(one.wrong for one in told) <= 0.005 * len(told)
        assert sum(one.own_found for one in told) >= floors["told"] * sum(one.own for one in told)
