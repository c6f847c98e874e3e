"""Runs that are killed at random moments and gone on with: whether every byte is that of a run that nobody disturbed.

    python benchmarks/kills.py [--kills 50] [--seed 1] [--documents 300] [--targets text jsonl parquet] [--workers 1 2] [--index both]

SIGKILL goes to the whole group of processes, at a moment drawn evenly from the run's working time, or, every third time, within
milliseconds of its end: from when its first output has its final name on. Every other time the run that goes on is killed, too. After a
kill no file of ``clean/`` may be half written; after ``--resume`` every file must be as in the undisturbed run, the index included. Exit
status 1: something was not. Needs POSIX signals.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN = [sys.executable, "-m", "cleaner", "clean"]
WORDS = [f"{head}{tail}" for head in "bdfgklmnprst" for tail in ("an", "ero", "ilt", "omu", "ush", "ok")]
LATE = 0.004
"""Seconds after the first final name within which the end is disturbed."""
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to run.

    Attributes:
        target: what is written.
        workers: processes.
        index: whether a lasting index is in use.
    """

    target: str
    workers: int
    index: bool

    @property
    def name(self) -> str:
        """As a path."""
        return f"{self.target}-{self.workers}{'-index' if self.index else ''}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An undisturbed run.

    Attributes:
        outputs: of the run, by path, without ``run.json``.
        index: files of its index.
        working: seconds from the start to the first prepared document.
        whole: seconds of all.
    """

    outputs: dict[str, bytes]
    index: dict[str, bytes]
    working: float
    whole: float


def text(seed: int) -> str:
    """An invented text; every seventh has passages of the one before."""
    rng = random.Random(seed - (seed % 7 == 0))
    lines = [" ".join(rng.choices(WORDS, k=30)).capitalize() + "." for _ in range(5)]
    lines[2:2] = ["Advertisement", "Share on Facebook"]
    return "\n\n".join(lines) + f"\n\nNumber {seed}."


def write_inputs(folder: Path, documents: int, seed: int) -> None:
    """Texts, pages, records, and what is no text."""
    folder.mkdir()
    for number in range(documents // 3):
        (folder / f"{number:04}.txt").write_text(text(seed + number), encoding="utf-8")
    for number in range(documents // 30):
        paragraphs = "".join(f"<p>{line}</p>" for line in text(seed + 3 * number).split("\n\n"))
        page = f"<html><body><article><h1>Head {number}</h1>{paragraphs}</article></body></html>"
        (folder / f"page-{number}.html").write_text(page, encoding="utf-8")
    rows = [json.dumps({"id": number, "text": text(seed + number // 2)}) + "\n" for number in range(2 * documents // 3)]
    (folder / "records.jsonl").write_text("".join(rows), encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x00\x01\x02\x03" * 100)


def tree(folder: Path) -> dict[str, bytes]:
    """All files, by path, but for ``run.json`` and a lock."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("run.json", "lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Trials:
    """Kills runs in one folder.

    Args:
        folder: for all that is made.
        documents: of the inputs.
        seed: of inputs and moments.
    """

    def __init__(self, folder: Path, documents: int, seed: int) -> None:
        self._folder = folder
        self._rng = random.Random(seed)
        self._inputs = folder / "inputs"
        write_inputs(self._inputs, documents, seed)
        self._earlier = folder / "earlier"
        write_inputs(self._earlier, documents // 3, seed + 20)
        self._references: dict[Way, Reference] = {}
        self.moments: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        """How many runs were cut off: those whose end had come before do not count."""
        return self.moments.total() - self.moments["done"]

    def trial(self, way: Way, *, late: bool, twice: bool) -> list[str]:
        """Disturbs a run once or twice and goes on with it; what is wrong then."""
        whole = self._reference(way)
        out, index = self._places(way, "out")
        faults: list[str] = []
        for again in range(1 + twice):
            killed = self._killed(self._command(way, out, index, *(["--resume"] if again else [])), out, whole, late=late)
            if killed:
                self.moments[self._standing(out)] += 1
                faults += [f"half written: {name}" for name in self._half_written(out, whole)]
        done = subprocess.run(self._command(way, out, index, "--resume"), cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            faults.append(f"--resume ended with {done.returncode}: {done.stderr[-500:]}")
        for found, wanted in ((tree(out), whole.outputs), (tree(index) if way.index else {}, whole.index)):
            faults += [
                f"other than undisturbed: {name}"
                for name in sorted(found.keys() | wanted.keys())
                if found.get(name) != wanted.get(name)
            ]
        shutil.rmtree(out)
        return faults

    def _reference(self, way: Way) -> Reference:
        if way not in self._references:
            out, index = self._places(way, "whole")
            began = time.monotonic()
            process = subprocess.Popen(
                self._command(way, out, index), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            journal = out / ("journal" + _PARTIAL)
            _wait(process, lambda: _size(journal) > 0)
            working = time.monotonic() - began
            if process.wait() != 1:  # one input is no text
                raise SystemExit(f"the undisturbed run {way.name} failed ({process.returncode})")
            self._references[way] = Reference(tree(out), tree(index) if way.index else {}, working, time.monotonic() - began)
        return self._references[way]

    def _places(self, way: Way, kind: str) -> tuple[Path, Path]:
        """The folder of a run, and of its index, which has what an earlier run entered."""
        out, index, first = (self._folder / f"{kind}-{way.name}{end}" for end in ("", ".index", ".first"))
        kept = self._folder / "index"
        if way.index and not kept.exists():
            subprocess.run([*CLEAN, self._earlier, "--out", first, "--index", kept], cwd=ROOT, capture_output=True, check=False)
        if way.index:
            shutil.rmtree(index, ignore_errors=True)
            shutil.copytree(kept, index)
        return out, index

    def _command(self, way: Way, out: Path, index: Path, *more: str) -> Sequence[str]:
        entered = ["--index", str(index)] if way.index else []
        options = ["--to", way.target, "--workers", str(way.workers), "--no-progress", *entered, *more]
        # The folder of the index is among the settings that must be the same, so each way has its own.
        return [*CLEAN, str(self._inputs), "--out", str(out), *options]

    def _killed(self, command: Sequence[str], out: Path, whole: Reference, *, late: bool) -> bool:
        """Starts a run and kills it; False if it was quicker."""
        process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if late:
            _wait(process, (out / "audit.jsonl").exists)
            time.sleep(self._rng.uniform(0, LATE))
        else:
            _sleep(process, self._rng.uniform(0.8 * whole.working, whole.whole))
        alive = process.poll() is None
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            alive = False
        process.wait()
        return alive

    @staticmethod
    def _standing(out: Path) -> str:
        """How far a killed run was."""
        if (out / "run.json").exists():
            return "done"
        if (out / "audit.jsonl").exists():
            return "at its end"
        return "at work" if _size(out / ("journal" + _PARTIAL)) else "at its beginning"

    @staticmethod
    def _half_written(out: Path, whole: Reference) -> list[str]:
        found = tree(out / "clean") if (out / "clean").exists() else {}
        return [
            name for name, data in found.items() if not name.endswith(_PARTIAL) and whole.outputs.get(f"clean/{name}") != data
        ]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _wait(process: subprocess.Popen[bytes], until: Callable[[], bool]) -> None:
    while process.poll() is None and not until():
        time.sleep(0.0005)


def _sleep(process: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    _wait(process, lambda: time.monotonic() >= end)


def main() -> None:
    """Prints each kill that did harm, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--targets", nargs="+", default=["text", "jsonl", "parquet"])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--index", choices=["no", "yes", "both"], default="both")
    asked = parser.parse_args()
    indexes = {"no": [False], "yes": [True], "both": [False, True]}[asked.index]
    ways = [Way(*one) for one in product(asked.targets, asked.workers, indexes)]
    random.Random(asked.seed).shuffle(ways)
    harm = 0
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder), asked.documents, asked.seed)
        number = 0
        while trials.kills < asked.kills:
            way, late, twice = ways[number % len(ways)], number % 3 == 2, number % 2 == 1
            faults = trials.trial(way, late=late, twice=twice and trials.kills + 1 < asked.kills)
            harm += bool(faults)
            for fault in faults:
                print(f"{way.name}, {'late' if late else 'early'}: {fault}", flush=True)
            number += 1
        told = ", ".join(f"{count} {standing}" for standing, count in sorted(trials.moments.items()))
        print(f"{trials.kills} kills ({told}) in {number} runs of {len(ways)} ways: {harm} runs were harmed")
    sys.exit(1 if harm else 0)


if __name__ == "__main__":
    main()
