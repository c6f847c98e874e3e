"""Runs that are cut off: killed anywhere, told to stop, resumed with the same or with other inputs and packs; workers that die."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cleaner.document import Document, Raw, Rejection, Source
from cleaner.pipeline import Pipeline
from cleaner.rules.model import RuleSet
from cleaner.run.batches import Prepared, Task
from cleaner.run.preparer import Recipe
from cleaner.run.workers import prepare_all
from cleaner.settings import CleanSettings

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals")
ROOT = Path(__file__).resolve().parent.parent
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
def test_killed_anywhere_and_resumed_it_is_as_if_nothing_had_happened(workers: str) -> None:
    """Six kills a time; ``benchmarks/kills.py`` alone has fifty, and more formats."""
    ways = ["--targets", "text", "jsonl", "--index", "yes", "--documents", "150"]
    command = [sys.executable, str(ROOT / "benchmarks/kills.py"), "--kills", "6", "--seed", workers, "--workers", workers, *ways]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("6 kills"), done.stdout


def resumed(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text())["resumed"]
    return found


def documents(out: Path) -> int:
    return int(json.loads((out / "run.json").read_text())["counts"]["documents"])


def cut_off(inputs: Path, out: Path, *more: str, least: int = 20_000) -> None:
    """A run that is killed once some of it is in the journal."""
    process = subprocess.Popen(
        [*CLEAN, str(inputs), "--out", str(out), *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    journal = out / "journal.partial"
    while process.poll() is None and not (journal.exists() and journal.stat().st_size > least):
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
    found = resumed(out)
    assert 50 < found["reused"] == reused(out) < found["held"]
    assert found["prepared"] == documents(out) - found["reused"]
    assert (
        f"reused      {found['reused']:,} of {found['held']:,} that were prepared before; {found['prepared']:,} prepared"
        in done.stdout
    )
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
    done = run(inputs, "--out", out, "--resume", "--rules", pack)
    assert done.returncode == 1
    found = resumed(out)
    assert (found["reused"], found["changed"], found["prepared"]) == (0, ["rules"], documents(out))
    told = " ".join(done.stdout.split())
    assert f"reused none of {found['held']:,} that were prepared before (other rules); {found['prepared']:,} prepared now" in told
    run(inputs, "--out", tmp_path / "whole", "--rules", pack)
    assert tree(out) == tree(tmp_path / "whole")


@posix
def test_a_pack_that_was_edited_is_another(inputs: Path, tmp_path: Path) -> None:
    pack, out = tmp_path / "mine.toml", tmp_path / "out"
    text = (
        '[pack]\nid = "mine"\nversion = "1"\n\n[[rule]]\nid = "share"\nwhy = "test"\nkind = "line"\naction = "remove"\n'
        'literal = ["{0}"]\nremoves = ["{0}"]\nkeeps = ["Not that."]\n'
    )
    pack.write_text(text.format("Head"), encoding="utf-8")
    cut_off(inputs, out, "--rules", str(pack))
    pack.write_text(text.format("Share on Facebook"), encoding="utf-8")
    assert run(inputs, "--out", out, "--resume", "--rules", pack).returncode == 1
    assert resumed(out)["changed"] == ["rules"]
    run(inputs, "--out", tmp_path / "whole", "--rules", pack)
    assert tree(out) == tree(tmp_path / "whole")


@posix
def test_a_url_that_changed_is_another_page_and_its_text_is_the_same(tmp_path: Path) -> None:
    """What stands in a page's metadata depends on its address, too."""
    body = "".join(f"<p>{line}</p>" for line in text(7).split("\n\n"))
    page = f"<html><body><article><h1>Head</h1>{body}</article></body></html>"
    source = tmp_path / "pages.jsonl"

    def write(host: str) -> None:
        rows = [
            json.dumps({"id": n, "url": f"https://{host}/{n}", "html": page.replace("Head", f"Head {n}")}) for n in range(120)
        ]
        source.write_text("\n".join(rows), encoding="utf-8")

    out = tmp_path / "out"
    write("one.example")
    cut_off(source, out, least=5_000)
    write("two.example")
    assert run(source, "--out", out, "--resume").returncode == 0
    assert resumed(out)["reused"] == 0
    run(source, "--out", tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")
    assert b"two.example" in tree(out)["clean/pages.jsonl"]


@posix
def test_a_damaged_journal_is_read_up_to_the_damage_and_a_person_is_told_once(inputs: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    run(inputs, "--out", whole)
    begun = tmp_path / "begun"
    cut_off(inputs, begun)
    data = (begun / "journal.partial").read_bytes()
    first = data.index(b"\n") + 1
    size, _, key = struct.unpack("<II16s", data[first : first + 24])
    rest = data[first + 24 + size :]

    def false(frame: bytes) -> bytes:
        """The journal with another frame in its first entry, and a right checksum."""
        return data[:first] + struct.pack("<II16s", len(frame), zlib.crc32(frame), key) + frame + rest

    damaged = {
        "in the middle": (data[: len(data) // 2] + b"\xff" + data[len(data) // 2 + 1 :], 10),
        "zeros at the end": (data[: len(data) // 2] + bytes(4_096), 10),
        "another file": (b"PK\x03\x04" * 50_000, 0),
        "a bomb": (false(zlib.compress(b" " * 200_000_000)), 10),
        "a false frame": (false(zlib.compress(b'[9, "x"]')), 10),
    }
    for name, (content, least) in damaged.items():
        out = tmp_path / name.replace(" ", "-")
        shutil.copytree(begun, out)
        (out / "journal.partial").write_bytes(content)
        done = run(inputs, "--out", out, "--resume")
        assert done.returncode == 1, (name, done.stderr)
        assert tree(out) == tree(whole), name
        assert reused(out) >= least, name
        told = [line for line in done.stderr.splitlines() if "journal.partial" in line]
        assert len(told) == 1, (name, done.stderr)
        assert "done again" in told[0], name


@posix
def test_a_run_that_is_all_written_but_for_its_last_steps(inputs: Path, tmp_path: Path) -> None:
    """Killed between the index's entry and ``run.json``, before the entry, and after ``run.json``: the index has each run once."""
    index, other = tmp_path / "index", tmp_path / "other"
    assert run(inputs, "--out", tmp_path / "whole", "--index", index).returncode == 1
    for step in ("commit", "finish", "unlink"):
        out, kept = tmp_path / step, tmp_path / f"index-{step}"
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_AT[step], "clean", str(inputs), "--out", str(out), "--index", str(kept)], check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert not (out / "run.json").exists()
        assert tree(out / "clean") == tree(tmp_path / "whole/clean")
        entered = json.loads((kept / "index.json").read_bytes()) if (kept / "index.json").exists() else {}
        assert bool(entered) == (step != "commit"), step
        done = run(inputs, "--out", out, "--index", kept, "--resume")
        assert done.returncode == (1 if step == "commit" else 0), done.stderr
        assert ("is finished" in done.stdout) == (step != "commit")
        assert tree(out) == tree(tmp_path / "whole"), step
        assert (out / "run.json").exists()
        told = json.loads((kept / "index.json").read_bytes())
        assert len(told["runs"]) == 1
        assert told["ever"] == json.loads((index / "index.json").read_bytes())["ever"]
    # What comes after sees the run, and no document twice.
    shutil.copytree(inputs, other)
    seen = [
        run(other, "--out", tmp_path / f"later-{number}", "--index", kept).returncode
        for number, kept in enumerate((index, tmp_path / "index-finish"))
    ]
    assert seen == [1, 1]
    assert tree(tmp_path / "later-0") == tree(tmp_path / "later-1")


KILLED_AT = {
    "commit": """
import os, signal
from cleaner.dedup.store import Store
Store.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL)
from cleaner.__main__ import main
main()
""",
    "finish": """
import os, signal
from cleaner.run import bulk
bulk.finish = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
from cleaner.__main__ import main
main()
""",
    "unlink": """
import os, signal
from pathlib import Path
replace = Path.replace
def deadly(self, target):
    if Path(target).name == "run.json":
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = deadly
from cleaner.__main__ import main
main()
""",
}
"""A program that is killed at a step of its end."""


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


def test_overwrite_and_resume_exclude_each_other(inputs: Path, tmp_path: Path) -> None:
    done = run(inputs, "--out", tmp_path / "out", "--overwrite", "--resume")
    assert (done.returncode, "choose one" in done.stderr) == (2, True)
    done = run(inputs, "--out", tmp_path / "out", "--resume")
    assert done.returncode == 1  # nothing there: it starts
    assert reused(tmp_path / "out") == 0
