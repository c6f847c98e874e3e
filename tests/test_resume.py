"""Runs that are cut off: killed anywhere, told to stop, resumed with the same or with other inputs and packs; workers that die."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cleaner.document import Document, Media, Raw, Rejection, Removal, RuleFired, Source
from cleaner.pipeline import Pipeline
from cleaner.rules.model import RuleSet
from cleaner.run.journal import Journal, key_of
from cleaner.run.workers import Prepared, Recipe, Task, prepare_all
from cleaner.settings import CleanSettings
from cleaner.spans import Span

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals")
CLEAN = [sys.executable, "-m", "cleaner", "clean"]
WORDS = [f"{head}{tail}" for head in "bdfgklmnprst" for tail in ("an", "ero", "ilt", "omu", "ush", "ok")]


def text(seed: int) -> str:
    rng = random.Random(seed)
    lines = [" ".join(rng.choices(WORDS, k=40)).capitalize() + "." for _ in range(6)]
    lines[2:2] = ["Advertisement", "Share on Facebook"]
    return "\n\n".join(lines)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder of texts, a page and records."""
    folder = tmp_path / "news"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:03}.txt").write_text(text(number % 50), encoding="utf-8")
    paragraphs = "".join(f"<p>{line}</p>" for line in text(7).split("\n\n"))
    (folder / "page.html").write_text(f"<html><body><article><h1>Head</h1>{paragraphs}</article></body></html>", encoding="utf-8")
    records = [json.dumps({"id": number, "text": text(number)}) + "\n" for number in range(700)]
    (folder / "more.jsonl").write_text("".join(records), encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    return folder


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLEAN, *map(str, arguments)], capture_output=True, text=True, check=False)


def tree(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file() and path.name != "run.json")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def reused(out: Path) -> int:
    return int(json.loads((out / "run.json").read_text())["reused"])


@posix
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_anywhere_and_resumed_it_is_as_if_nothing_had_happened(inputs: Path, tmp_path: Path, workers: str) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    began = time.monotonic()
    assert run(inputs, "--out", whole).returncode == 1  # one input is no text
    took = time.monotonic() - began
    rng = random.Random(int(workers))
    for kill in range(4):
        arguments = [*CLEAN, str(inputs), "--out", str(out), "--workers", workers, *(["--resume"] if kill else [])]
        process = subprocess.Popen(arguments, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * rng.uniform(0.4, 1.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        whole_texts = tree(whole)
        for name, data in tree(out).items():
            if name.startswith("clean/") and not name.endswith(".partial"):
                assert whole_texts[name] == data, name
    done = run(inputs, "--out", out, "--resume", "--workers", workers)
    assert done.returncode in (0, 1), done.stderr
    assert tree(out) == tree(whole)
    again = run(inputs, "--out", out, "--resume")
    assert (again.returncode, "is finished" in again.stdout) == (0, True)


def cut_off(inputs: Path, out: Path, *more: str) -> None:
    """A run that is killed once some of it is in the journal."""
    process = subprocess.Popen(
        [*CLEAN, str(inputs), "--out", str(out), *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    journal = out / "journal.partial"
    while process.poll() is None and not (journal.exists() and journal.stat().st_size > 60_000):
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (out / "run.json").exists()


@posix
def test_resume_does_again_only_what_changed(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    cut_off(inputs, out)
    (inputs / "003.txt").write_text(text(99) + "\n\nAdvertisement", encoding="utf-8")
    (inputs / "000.txt").unlink()
    (inputs / "aaa.txt").write_text(text(98), encoding="utf-8")
    done = run(inputs, "--out", out, "--resume")
    assert done.returncode == 1
    assert reused(out) > 50
    assert f"reused      {reused(out)}" in done.stdout
    run(inputs, "--out", tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


@posix
def test_resume_with_other_packs_is_a_fresh_run_with_other_settings_it_is_refused(inputs: Path, tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text(
        '[pack]\nid = "mine"\nversion = "1"\n\n[[rule]]\nid = "share"\nwhy = "test"\nkind = "line"\naction = "keep"\n'
        'literal = ["advertisement"]\nremoves = ["Advertisement"]\nkeeps = ["Advertisements cost money."]\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    cut_off(inputs, out)
    refused = run(inputs, "--out", out, "--resume", "--strength", "careful")
    assert refused.returncode == 2
    assert 'strength was "default", now "careful"' in refused.stderr
    assert "--resume to go on with it, --overwrite" in run(inputs, "--out", out).stderr.replace("\n", " ")
    assert run(inputs, "--out", out, "--resume", "--rules", pack).returncode == 1
    assert reused(out) == 0
    run(inputs, "--out", tmp_path / "whole", "--rules", pack)
    assert tree(out) == tree(tmp_path / "whole")


@posix
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_told_to_stop_it_says_how_to_go_on(inputs: Path, tmp_path: Path, sign: signal.Signals, code: int, workers: str) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*CLEAN, str(inputs), "--out", str(out), "--workers", workers], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not (out / "journal.partial").exists():
        time.sleep(0.005)
    time.sleep(0.3)
    os.killpg(process.pid, sign) if sign is signal.SIGINT else process.send_signal(sign)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (code, -sign), errors  # a shell shows both as the same status
    assert "with --resume goes on" in errors
    assert "Traceback" not in errors
    assert run(inputs, "--out", out, "--resume").returncode == 1
    run(inputs, "--out", tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


@pytest.mark.skipif(sys.platform != "linux" or sys.version_info >= (3, 14), reason="workers must be forked to carry the fault")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_document_that_kills_its_worker_is_rejected_and_all_others_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Pipeline.prepare_all

    def deadly(self: Pipeline, raws: Sequence[Raw]) -> list[Document | Rejection]:
        if any("poison" in str(raw.data) for raw in raws):
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(self, raws)

    monkeypatch.setattr(Pipeline, "prepare_all", deadly)
    tasks = [Task(0, Raw(Source("a", number), "poison" if number in (7, 30) else text(number))) for number in range(40)]
    batches = prepare_all(tasks, Recipe(RuleSet(), CleanSettings(), across=True), 2, at_once=5)
    done = [item for batch in batches for item in batch.items]
    assert all(isinstance(item, Prepared) for item in done)
    assert [item.result.source.record for item in done if isinstance(item, Prepared)] == list(range(40))
    rejected = [item.result for item in done if isinstance(item, Prepared) and isinstance(item.result, Rejection)]
    assert [(one.source.record, one.reason) for one in rejected] == [(7, "killed-worker"), (30, "killed-worker")]


def document(number: int) -> Document:
    return Document(
        Source("a.txt", number),
        f"text {number}",
        sha256=f"{number:064}",
        removals=(Removal(Span(0, 4), 1, RuleFired("a.b", "site")),),
    )


def raw(number: int) -> Raw:
    return Raw(Source("other.txt"), f"text {number}")


def test_a_journal_gives_back_what_was_added_up_to_where_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, {"rules": "one"})
    assert journal.find(raw(1)) is None
    digests = {number: hashlib.sha256(f"text {number}".encode()).hexdigest() for number in range(20)}
    for number in range(20):
        journal.add(document(number), key_of(raw(number), digests[number]))
    journal.close()
    data = path.read_bytes()
    for cut in (len(data), len(data) - 3, len(data) // 2, 40, 3):
        path.write_bytes(data[:cut])
        journal = Journal(path, {"rules": "one"})
        known = len(journal)
        found = [journal.find(raw(number)) for number in range(20)]
        assert [one is not None for one in found] == [number < known for number in range(20)]
        assert all(one.removals == document(0).removals and one.text == "" for one in found if one)
        assert journal.find(Raw(Source("x"), "text 1", Media.HTML)) is None
        journal.add(document(19), key_of(raw(19), digests[19]))
        journal.close()
        journal = Journal(path, {"rules": "one"})
        assert journal.find(raw(19)) is not None
        journal.close()
    journal = Journal(path, {"rules": "other"})
    assert len(journal) == 0
    journal.remove()
    assert not path.exists()


def test_a_journal_runs_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {tmp_path}/ran",)

    path = tmp_path / "journal"
    Journal(path, {}).close()
    frame = zlib.compress(pickle.dumps(Evil()))
    key = key_of(raw(1), hashlib.sha256(b"text 1").hexdigest())
    with path.open("ab") as file:
        file.write(struct.pack("<II16s", len(frame), zlib.crc32(frame), key) + frame)
    journal = Journal(path, {})
    assert len(journal) == 1
    with pytest.raises(pickle.UnpicklingError, match="no place in a journal"):
        journal.find(raw(1))
    journal.close()
    assert not (tmp_path / "ran").exists()


def test_overwrite_and_resume_exclude_each_other(inputs: Path, tmp_path: Path) -> None:
    done = run(inputs, "--out", tmp_path / "out", "--overwrite", "--resume")
    assert (done.returncode, "choose one" in done.stderr) == (2, True)
    done = run(inputs, "--out", tmp_path / "out", "--resume")
    assert done.returncode == 1  # nothing there: it starts
    assert reused(tmp_path / "out") == 0
