"""The lasting index: the same flags as one run of all, whatever the cut; replaced versions; crashes, locks, settings."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cleaner.dedup.fold import Fold
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.sketch import sketch
from cleaner.dedup.store import MANIFEST, Store
from cleaner.document import Document, Source, Unit
from cleaner.errors import UsageError

BOTH = frozenset(Unit)
FLAG = DuplicateSettings()
FIRST = DuplicateSettings(policy=Policy.KEEP_FIRST)
HOW = [FLAG, replace(FLAG, units=BOTH), replace(FLAG, containment=None), FIRST, replace(FIRST, units=BOTH)]


def passage(rng: random.Random, words: int) -> list[str]:
    return [
        f"{rng.choice('bdfgklmnprst')}{rng.choice(('an', 'ero', 'ilt', 'omu', 'ush', 'ok'))}{rng.randrange(40)}"
        for _ in range(words)
    ]


def corpus(seed: int, documents: int) -> list[str]:
    """Texts of one to nine passages: new ones, and edited, cut and embedded ones of texts before; at times a text like one before."""
    rng = random.Random(seed)
    pool: list[list[str]] = []
    texts: list[str] = []
    for _ in range(documents):
        lines = rng.choice(texts).split("\n") if texts and rng.random() < 0.2 else []
        for _ in range(rng.randint(1, 9)):
            words = list(rng.choice(pool)) if pool and rng.random() < 0.5 else passage(rng, rng.randint(9, 60))
            if rng.random() < 0.5:
                words[rng.randrange(len(words))] = "changed"
            if rng.random() < 0.2:
                words = words[: rng.randint(9, 60)]
            elif rng.random() < 0.2:
                words += passage(rng, 20)
            pool.append(words)
            lines.append(" ".join(words))
        texts.append("\n".join(lines))
    return texts


def by_name(source: Source) -> str:
    return source.input


def made(texts: Sequence[str], first: int = 0) -> list[Document]:
    return [Document(Source(f"{number:03}.txt", id=f"{number:03}"), text) for number, text in enumerate(texts, first)]


def run(
    documents: Sequence[Document], how: DuplicateSettings, path: Path, *, at_once: int = 7, commit: bool = True
) -> list[Document]:
    with Store(path, how, by_name) as store:
        fold = Fold(how, store.indexes)
        batches = [documents[at : at + at_once] for at in range(0, len(documents), at_once)]
        done = [one for batch in batches for one in fold.add_all(batch, sketch(batch, how, across=True))]
        if commit:
            store.commit()
    return done


def told(documents: Sequence[Document]) -> list[Any]:
    """All that is said of documents, but for whether what is named came in an earlier run."""
    return [
        (
            document.source,
            document.removals and [(one.span, one.line) for one in document.removals],
            [
                (flag.unit, flag.line, flag.of.source.id, flag.of.line, flag.relation, flag.jaccard, flag.containment)
                + ((flag.closest.of.source.id, flag.closest.of.line) if flag.closest else ())
                for flag in document.duplicates
            ],
        )
        for document in documents
    ]


@pytest.mark.parametrize("how", HOW, ids=["flag", "flag-both", "flag-jaccard", "first", "first-both"])
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_runs_of_one_tenth_flag_the_same_as_one_run_of_all(how: DuplicateSettings, seed: int, tmp_path: Path) -> None:
    documents = made(corpus(seed, 60))
    whole = run(documents, how, tmp_path / "whole")
    parts = [run(documents[at : at + 6], how, tmp_path / "parts") for at in range(0, 60, 6)]
    assert told([one for part in parts for one in part]) == told(whole)
    assert sum(len(one.duplicates) for one in whole) > 20
    assert any(flag.of.earlier for one in parts[-1] for flag in one.duplicates)
    assert not any(flag.of.earlier for one in whole for flag in one.duplicates)
    assert len(list((tmp_path / "parts").glob("passage-*"))) <= 5


@pytest.mark.parametrize("how", HOW[:3], ids=["flag", "flag-both", "flag-jaccard"])
def test_cleaning_again_flags_the_same(how: DuplicateSettings, tmp_path: Path) -> None:
    documents = made(corpus(3, 40))
    whole = told(run(documents, how, tmp_path))
    for at_once in (7, 40, 1):
        assert told(run(documents, how, tmp_path, at_once=at_once)) == whole
    # Some of them, in another cut, and others between them.
    assert told(run(documents[10:20], how, tmp_path)) == whole[10:20]
    run(made(corpus(4, 10), first=100), how, tmp_path)
    assert told(run(documents[:25], how, tmp_path)) == whole[:25]
    assert told(run(documents[5:], how, tmp_path)) == whole[5:]
    assert told(run(documents, how, tmp_path)) == whole


def test_a_document_that_changed_is_compared_as_it_is_now(tmp_path: Path) -> None:
    rng = random.Random(1)
    one, other, third = (" ".join(passage(rng, 30)) for _ in range(3))
    run(made([one, other]), FLAG, tmp_path)
    (changed,) = run(made([third]), FLAG, tmp_path)
    assert not changed.duplicates
    # What it held is forgotten; what it holds now is known.
    found = run(made([one, third], first=10), FLAG, tmp_path)
    assert [[flag.of.source.input for flag in document.duplicates] for document in found] == [[], ["000.txt"]]
    assert found[1].duplicates[0].of.earlier
    # Nothing is left of it: all of it is forgotten.
    run([Document(Source("000.txt"), "")], FLAG, tmp_path)
    (found_again,) = run(made([third], first=20), FLAG, tmp_path)
    assert not found_again.duplicates


def test_what_is_replaced_leaves_the_files(tmp_path: Path) -> None:
    def size() -> int:
        return sum(path.stat().st_size for path in tmp_path.rglob("*.npy"))

    texts = [" ".join(passage(random.Random(row), 40)) for row in range(200)]
    run(made(texts), FLAG, tmp_path)
    first = size()
    for _ in range(5):
        run(made(texts), FLAG, tmp_path)
    assert size() < 2.2 * first


def test_a_run_that_does_not_end_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    documents = made(corpus(5, 30))
    run(documents[:10], FLAG, tmp_path)
    before = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run(documents[10:], FLAG, tmp_path, commit=False)
    assert {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    # What a crash in the middle of the commit leaves lying is removed by the next run.
    (tmp_path / "passage-000009").mkdir()
    (tmp_path / "passage-000009" / "entries.npy").write_bytes(b"half")
    (tmp_path / f"{MANIFEST}.partial").write_text("{")
    run(documents[10:], FLAG, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [MANIFEST, "lock", *json.loads((tmp_path / MANIFEST).read_text())["parts"]["passage"]]
    )


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with Store(tmp_path, FLAG, by_name), pytest.raises(UsageError, match="in use by another run; wait"):
        Store(tmp_path, FLAG, by_name)
    with Store(tmp_path, FLAG, by_name):
        pass


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (replace(FLAG, threshold=0.5), "bands was 7, now 25 .give --threshold as then."),
        (replace(FLAG, containment=None), "window was 4, now None .give --containment as then."),
        (replace(FLAG, units=BOTH), "units was .*give --unit as then"),
    ],
)
def test_other_settings_are_refused(how: DuplicateSettings, says: str, tmp_path: Path) -> None:
    run(made(corpus(5, 5)), FLAG, tmp_path)
    with pytest.raises(UsageError, match=says):
        Store(tmp_path, how, by_name)
    run(made(corpus(5, 5)), FLAG, tmp_path)  # and the lock is free


def test_a_foreign_or_damaged_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other files \(notes.txt\)"):
        Store(tmp_path, FLAG, by_name)
    index = tmp_path / "index"
    run(made(corpus(5, 5)), FLAG, index)
    manifest = json.loads((index / MANIFEST).read_text())
    (index / MANIFEST).write_text(json.dumps({**manifest, "form": 99, "version": "9.9"}))
    with pytest.raises(UsageError, match=r"written by cleaner 9\.9 in form 99"):
        Store(index, FLAG, by_name)
    (index / MANIFEST).write_text(json.dumps({**manifest, "kind": "other"}))
    with pytest.raises(UsageError, match="is no index of duplicates"):
        Store(index, FLAG, by_name)
    (index / MANIFEST).write_text("{")
    with pytest.raises(UsageError, match="is damaged"):
        Store(index, FLAG, by_name)
    (index / MANIFEST).write_text(json.dumps(manifest))
    (part,) = index.glob("passage-*")
    (part / "entries.npy").write_bytes(b"no array")
    with pytest.raises(UsageError, match="is damaged"):
        Store(index, FLAG, by_name)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        Store(tmp_path / "file", FLAG, by_name)


CLEAN = [sys.executable, "-m", "cleaner", "clean"]


def clean(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLEAN, *map(str, arguments)], capture_output=True, text=True, check=False)


def flags(out: Path) -> list[list[dict[str, Any]]]:
    return [json.loads(line)["duplicates"] for line in (out / "audit.jsonl").read_text().splitlines()]


def test_a_second_run_names_the_earlier_document_and_line(tmp_path: Path) -> None:
    texts = [" ".join(passage(random.Random(row), 30)) for row in range(3)]
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.txt").write_text(f"Head\n\n{texts[0]}\n\n{texts[1]}\n")
    (tmp_path / "b.txt").write_text(f"{texts[2]}\n\n{texts[1]}\n")
    index = tmp_path / "index"
    assert clean(tmp_path / "one", "--out", tmp_path / "out1", "--index", index).returncode == 0
    assert clean(tmp_path / "b.txt", "--out", tmp_path / "out2", "--index", index).returncode == 0
    ((flag,),) = flags(tmp_path / "out2")
    assert flag["of"] == {"id": "a.txt", "input": "a.txt", "line": 5, "earlier": True}
    assert (flag["line"], flag["relation"], flag["jaccard"]) == (3, "same", 1.0)
    assert clean(tmp_path / "one", "--out", tmp_path / "out3", "--index", index).returncode == 0
    assert flags(tmp_path / "out3") == [[]]
    done = clean(tmp_path / "one", "--out", tmp_path / "out4", "--index", index, "--threshold", "0.6")
    assert done.returncode == 2
    assert "give --threshold as then" in done.stderr
    assert not (tmp_path / "out4").exists()
    for policy in ("off", "keep-longest"):
        assert clean(tmp_path / "one", "--out", tmp_path / "out4", "--index", index, "--duplicates", policy).returncode == 2


def test_a_dry_run_and_a_pipe(tmp_path: Path) -> None:
    text = " ".join(passage(random.Random(9), 30))
    (tmp_path / "a.txt").write_text(text)
    index = tmp_path / "index"
    assert clean(tmp_path / "a.txt", "--dry-run", "--index", index).returncode == 0
    assert not (index / MANIFEST).exists()
    records = "".join(json.dumps({"id": number, "text": text if number else "short"}) + "\n" for number in range(2))
    command = [*CLEAN, "-", "--from", "jsonl", "--index", str(index), "--audit", str(tmp_path / "audit.jsonl")]
    for expected in ([], []):
        subprocess.run(command, input=records, text=True, check=True, capture_output=True)
        assert flags(tmp_path)[1] == expected
    assert clean(tmp_path / "a.txt", "--out", tmp_path / "out", "--index", index).returncode == 0
    assert [flag["of"]["id"] for flag in flags(tmp_path / "out")[0]] == [1]


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_run_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    for number in range(3):
        (tmp_path / "one" / f"{number:03}.txt").write_text(" ".join(passage(random.Random(number), 30)))
    record = "\\n".join(" ".join(passage(random.Random(number), 30)) for number in range(9))
    (tmp_path / "two.jsonl").write_text("".join(f'{{"id": {number}, "text": "{number} {record}"}}\n' for number in range(20_000)))
    index = tmp_path / "index"
    assert clean(tmp_path / "one", "--out", tmp_path / "out1", "--index", index).returncode == 0
    before = (index / MANIFEST).read_bytes()
    # One text 20,000 times is what tripwires are for; the run must go on until it is killed.
    arguments = [*CLEAN, str(tmp_path / "two.jsonl"), "--out", str(tmp_path / "out2"), "--index", str(index), "--accept-tripwire"]
    killed = subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL)
    while not (tmp_path / "out2" / "audit.jsonl.partial").exists():
        time.sleep(0.01)
    second = clean(tmp_path / "one", "--out", tmp_path / "out3", "--index", index)
    assert (second.returncode, "in use by another run" in second.stderr) == (2, True)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert (index / MANIFEST).read_bytes() == before
    assert clean(tmp_path / "one", "--out", tmp_path / "out3", "--index", index).returncode == 0
    assert flags(tmp_path / "out3") == flags(tmp_path / "out1")
