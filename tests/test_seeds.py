"""The five real pages that started the project, when CLEANER_SEEDS names their folder: by their gold, line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SEEDS = os.environ.get("CLEANER_SEEDS")
pytestmark = pytest.mark.skipif(SEEDS is None, reason="CLEANER_SEEDS names no folder with the seed pages")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("seeds") / "out"
    done = subprocess.run(
        [sys.executable, "-m", "cleaner", "clean", str(SEEDS), "--out", str(out)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return out


def _gold() -> dict[str, dict[str, Any]]:
    return json.loads((Path(SEEDS or "") / "gold.json").read_text(encoding="utf-8"))["documents"] if SEEDS else {}


@pytest.mark.parametrize("name", sorted(_gold()))
def test_all_that_is_kept_and_nothing_else(name: str, run: Path) -> None:
    gold = _gold()[name]
    before = (Path(SEEDS or "") / name).read_bytes().decode().split("\n")
    after = [line for line in (run / "clean" / name).read_bytes().decode().split("\n") if line.strip()]
    gone = {mark["line"] for mark in _audit(run)[name]["removed"] if mark["rule"] != "layout"}
    assert gone <= {*gold["drop"], *gold["optional"]}
    assert set(gold["drop"]) <= gone
    assert after == [before[number - 1] for number in sorted({*gold["keep"], *gold["optional"]} - gone)]


@pytest.mark.parametrize("name", sorted(_gold()))
def test_near_duplicates_that_stay_are_flagged(name: str, run: Path) -> None:
    entry = _audit(run)[name]
    gone = {mark["line"] for mark in entry["removed"] if mark["rule"] != "layout"}
    flagged = {frozenset((found["line"], found["of"]["line"])) for found in entry["duplicates"] if found["of"]["input"] == name}
    for one, other, _ in _gold()[name]["near_duplicates"]:
        if not {one, other} & gone:
            assert frozenset((one, other)) in flagged


def _audit(run: Path) -> dict[str, dict[str, Any]]:
    entries = map(json.loads, (run / "audit.jsonl").read_text(encoding="utf-8").splitlines())
    return {entry["input"]: entry for entry in entries}
