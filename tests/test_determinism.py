"""The same files for any number of workers, any hash seed, and whatever else goes on in the process."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.document import Unit
from cleaner.settings import CleanSettings, RunSettings

WORDS = re.findall(
    r"\w+", "harbour council ferry winter night boat vote paper tram school river bridge market tower garden street"
)


def corpus() -> dict[str, str]:
    """Pages that share passages in every way: copies, near copies, pull quotes, records with one id."""
    sentences = [
        " ".join(WORDS[(start * 5 + step * (3 + start % 7)) % len(WORDS)] for step in range(10 + start % 9))
        + f" in {start // 2}."
        for start in range(60)
    ]
    pages: dict[str, str] = {}
    records: list[str] = []
    for number in range(70):
        own = [sentences[(number * step) % 60] for step in (1, 2, 3)]
        lines = [f"Head {number}", *own, "House notice", own[0][:80], f"{own[1]} And so on." if number % 3 else "cafÃ©", "End"]
        pages[f"{number % 7}/{number}.txt"] = "\n\n".join(lines) + "\n"
        records.append(json.dumps({"id": number % 11, "text": "\n".join(reversed(lines))}))
    pages["r.jsonl"] = "\n".join([*records, "broken"])
    pages["broken.txt"] = "\0\1" * 50
    return pages


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the corpus."""
    folder = tmp_path_factory.mktemp("corpus") / "news"
    for name, text in corpus().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "case",
    [
        (DuplicateSettings(units=frozenset(Unit)), (1, 2, 3)),
        (DuplicateSettings(Policy.KEEP_FIRST), (1, 2)),
        (DuplicateSettings(Policy.KEEP_LONGEST, frozenset([Unit.DOCUMENT])), (1, 2)),
    ],
    ids=["flag", "keep-first", "keep-longest"],
)
def test_the_number_of_workers_does_not_matter(
    news: Path, cleaned: Any, tree: Any, tmp_path: Path, case: tuple[DuplicateSettings, tuple[int, ...]]
) -> None:
    clean, found, told = CleanSettings(duplicates=case[0]), [], []
    for workers in case[1]:
        out = tmp_path / str(workers)
        outcome = cleaned([news], out, RunSettings(clean=clean, workers=workers))
        found.append((tree(out), outcome.report))
        told.append(json.loads((out / "run.json").read_bytes()))
    assert all(one == found[0] for one in found)
    report = found[0][1]
    assert report.documents == 140
    assert report.duplicates.total() + report.topics["duplicate"] > 50
    for one in told:
        for name in ("began", "ended", "seconds", "documents_per_second", "bytes_per_second", "peak_memory", "out"):
            del one[name]
        one.pop("set_by", None)
        del one["settings"]["workers"]
    assert all(one == told[0] for one in told)


def test_the_hash_seed_does_not_matter(news: Path, cleaner: Any, tree: Any, tmp_path: Path) -> None:
    found = []
    for seed, workers in (("0", "1"), ("4242", "2")):
        args = ["--no-rules", "--duplicates", "keep-first", "--unit", "both", "--workers", workers]
        done = cleaner("clean", news, "--out", seed, *args, cwd=tmp_path, PYTHONHASHSEED=seed)
        assert done.code == 1, done.err
        found.append(tree(tmp_path / seed))
    assert found[0] == found[1]
    assert found[0]["audit.jsonl"].count(b'"rule": "duplicate"') > 50


def test_a_rule_set_is_known_by_one_fingerprint(command: list[str], process_env: Any, tmp_path: Path) -> None:
    script = "from cleaner.rules.load import load_rules; print(load_rules().fingerprint)"
    seen = set()
    for seed in ("0", "77"):
        env = process_env(PYTHONHASHSEED=seed)
        seen.add(subprocess.run([command[0], "-c", script], env=env, cwd=tmp_path, capture_output=True, check=True).stdout)
    assert len(seen) == 1


def test_what_rules_take_does_not_depend_on_the_neighbours(news: Path, cleaned: Any, tree: Any, tmp_path: Path) -> None:
    cleaned([news], tmp_path / "all")
    some = sorted(news.glob("3/*.txt"))
    cleaned(some, tmp_path / "some")
    whole, alone = tree(tmp_path / "all/clean"), tree(tmp_path / "some/clean")
    assert alone == {path.name: whole[f"3/{path.name}"] for path in some}


def test_ids_that_repeat_do_not_mix_documents_up(news: Path, cleaned: Any, lines_of: Any, tmp_path: Path) -> None:
    cleaned([news / "r.jsonl"], tmp_path / "out")
    entries = lines_of(tmp_path / "out/audit.jsonl")
    known = {(one["input"], one["record"]): one["id"] for one in entries}
    assert len(known) == len(entries) == 70
    named = [found["of"] for one in entries for found in one["duplicates"]]
    assert named
    assert all(known[of["input"], of["record"]] == of["id"] for of in named)
