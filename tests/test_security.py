"""What SECURITY.md says is so: its numbers are those of the code, and its promises hold where no other test looks."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([\d,]+)(?: ([KM]iB))? \| `([\w.]+)` \|$", PAGE, re.MULTILINE)
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}


def test_every_limit_is_named() -> None:
    assert len(ROWS) == PAGE.split("## Limits", 1)[1].split("##", 1)[0].count("\n|") - 2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[3])
def test_numbers_are_those_of_the_code(row: tuple[str, str, str, str]) -> None:
    _, number, unit, name = row
    module, _, constant = name.rpartition(".")
    assert getattr(importlib.import_module(module), constant) == int(number.replace(",", "")) * UNITS[unit]


def test_the_loading_of_foreign_data_is_where_it_says() -> None:
    """Nobody else unpickles, evaluates, starts processes or opens connections."""
    doors: dict[str, set[str]] = {"pickle": set(), "np.load": {"dedup/store.py", "dedup/lasting.py"}}
    forbidden = r"\b(?:eval|exec|__import__)\(|\bimport (?:subprocess|socket|marshal|shelve|ctypes)\b|\bos\.(?:system|popen)\b|\burlopen\b|\bhttp\.client\b"
    for path in sorted((ROOT / "cleaner").rglob("*.py")):
        source, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT / "cleaner").as_posix()
        assert not re.search(forbidden, source), name
        for word, places in doors.items():
            assert name in places or not re.search(rf"\b{re.escape(word)}\b[.(]", source), (word, name)
        assert source.count("np.load(") == len(re.findall(r"np\.load\([^\n]*allow_pickle=False", source)), name


def test_ids_and_names_of_records_are_no_paths(cleaner: Any, files: Any, tree: Any) -> None:
    ids = ["../../evil", "/tmp/evil", "C:\\evil", "a/../../evil", "..", "\x00evil", "evil\n", "con", "x" * 5_000]
    records = [{"id": one, "url": f"file:///{one}", "title": one, "text": f"Text {number}."} for number, one in enumerate(ids)]
    folder = files({"in/news.jsonl": "".join(json.dumps(one) + "\n" for one in records)}, "deep/er")
    before = tree(folder.parent.parent)
    for to in ("text", "jsonl"):
        done = cleaner("clean", "in", "--to", to, "--out", f"out-{to}", "--no-rules", cwd=folder)
        assert done.code == 0, done.err
    written = {name for name in tree(folder.parent.parent) if name not in before}
    below = {name.removeprefix("deep/er/") for name in written}
    assert below == {
        *(f"out-text/clean/news/{number:06}.txt" for number in range(1, len(ids) + 1)), "out-jsonl/clean/news.jsonl",
        *(f"out-{to}/{name}.jsonl" for to in ("text", "jsonl") for name in ("audit", "rejected")),
    }  # fmt: skip


def test_the_page_of_an_article_fetches_nothing(cleaner: Any, files: Any) -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><head><base href="http://127.0.0.1:9/"></head><body><article>'
        + "".join(f"<p>The council met on day {n} and spoke of the road and the school. &x;</p>" for n in range(9))
        + '<img src="http://127.0.0.1:9/x"><iframe src="file:///etc/passwd"></iframe></article></body></html>'
    )
    folder = files({"in/a.html": page})
    done = cleaner("clean", "in", "--out", "out", cwd=folder)
    assert done.code == 0, done.err
    assert "root:" not in (folder / "out/clean/a.txt").read_text(encoding="utf-8")
