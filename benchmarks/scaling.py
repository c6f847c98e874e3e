"""How much of a run is done in its one serial place, how fast that is, and what more processes bring.

    python benchmarks/scaling.py [--mb 20] [--rounds 3] [--workers 2] [--to jsonl] [--index] [--seed 1]

The same corpus (``corpus.py``) as one file of JSON lines is cleaned by one worker and by several, in turns, each run a process of its own;
figures are medians over the rounds. The serial process reads, hands out, matches and remembers, and writes; the workers are the others. Processor time does not depend on who else uses the machine, the clock does: so what n workers bring is told by both, the
one that can be had (processor time of one worker's run over that of the several, shared out to as many processors, or of the serial
place if that is more), and the one that was had. What is paid once a process (rules, weights, what is remembered of lines) is told apart: the
rest is what a run over all takes more than one over a quarter, to all four quarters.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # measure the source tree beside this file, whatever is installed

from corpus import articles

ROOT = Path(__file__).resolve().parent.parent

_RUN = """
import json, resource, sys, time
from cleaner.cli import main
from cleaner.run import bulk
matching, judge_for = [0.0], bulk.judge_for
def timed_for(*given):
    judge = judge_for(*given)
    def timed(batch):
        began = time.thread_time()
        try:
            return judge(batch)
        finally:
            matching[0] += time.thread_time() - began
    return timed
bulk.judge_for = timed_for
began = time.perf_counter()
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit as ended:
    if ended.code not in (0, None):
        raise
def spent(who):
    found = resource.getrusage(who)
    return found.ru_utime + found.ru_stime
print(json.dumps([time.perf_counter() - began, spent(resource.RUSAGE_SELF), spent(resource.RUSAGE_CHILDREN), matching[0]]))
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a run.

    Attributes:
        clock: from its start to its end.
        serial: processor time of its own process.
        workers: processor time of the others, together.
        matching: of ``serial``, to match documents and remember them: what cannot be done anywhere else.
    """

    clock: float
    serial: float
    workers: float
    matching: float

    @property
    def total(self) -> float:
        """Processor time of all."""
        return self.serial + self.workers

    def beyond(self, other: Spent, factor: float) -> Spent:
        """What it took more than another, so many times."""
        return Spent(*(max(factor * (one - two), 1e-6) for one, two in zip(self.columns, other.columns, strict=True)))

    @property
    def columns(self) -> tuple[float, float, float, float]:
        """All of it."""
        return self.clock, self.serial, self.workers, self.matching


def middle(runs: Sequence[Spent]) -> Spent:
    """Medians."""
    return Spent(*(median(column) for column in zip(*(run.columns for run in runs), strict=True)))


def run(source: Path, folder: Path, workers: int, more: Sequence[str]) -> Spent:
    """Cleans a file in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        index = ["--index", str(Path(out, "index"))] if "--index" in more else []
        rest = [one for one in more if one != "--index"]
        command = ["clean", str(source), "--out", str(Path(out, "out")), "--workers", str(workers), *rest, *index]
        done = subprocess.run([sys.executable, "-c", _RUN, *command], cwd=ROOT, capture_output=True, check=True)
    return Spent(*json.loads(done.stdout.splitlines()[-1]))


def write_records(path: Path, size: int, seed: int) -> tuple[int, int]:
    """Writes articles as JSON lines; how many, and bytes of their texts."""
    count = total = 0
    with path.open("w", encoding="utf-8") as out:
        for article in articles(seed, size):
            text = article.data.decode("utf-8", "replace")
            out.write(json.dumps({"id": article.name, "text": text}) + "\n")
            count, total = count + 1, total + len(article.data)
    return count, total


def measure(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Carries out the benchmark; what to print, line by line."""
    sources = folder / "quarter.jsonl", folder / "corpus.jsonl"
    write_records(sources[0], int(asked.mb * 1e6 / 4), asked.seed)
    count, size = write_records(sources[1], int(asked.mb * 1e6), asked.seed)
    more = ["--to", asked.to, "--strength", asked.strength, *(["--index"] if asked.index else [])]
    yield f"corpus: {size / 1e6:.1f} MB, {count} documents; {asked.workers} workers against one; {' '.join(more)}"
    keys = [(source, workers) for source in sources for workers in (1, asked.workers)]
    runs: dict[tuple[Path, int], list[Spent]] = {key: [] for key in keys}
    for _ in range(asked.rounds):
        for source, workers in keys:
            runs[source, workers].append(run(source, folder, workers, more))
    quarter_one, quarter_many, one, many = (middle(runs[key]) for key in keys)
    alone, rest = one.beyond(quarter_one, 4 / 3), many.beyond(quarter_many, 4 / 3)
    yield f"{'seconds of':<24}{'clock':>8}{'serial':>8}{'matching':>10}{'workers':>9}{'all':>8}"
    named = [
        ("whole run", 1, one),
        ("whole run", asked.workers, many),
        ("not paid once", 1, alone),
        ("not paid once", asked.workers, rest),
    ]
    for name, workers, spent in named:
        yield f"{name + ', workers: ' + str(workers):<24}{spent.clock:>8.2f}{spent.serial:>8.2f}{spent.matching:>10.2f}{spent.workers:>9.2f}{spent.total:>8.2f}"
    yield f"to match and remember: {rest.matching / rest.total:.1%} of the work (bar: a tenth), {size / rest.matching / 1e6:.1f} MB/s"
    yield f"the whole process that also reads, hands out and writes: {rest.serial / rest.total:.1%}, {size / rest.serial / 1e6:.1f} MB/s"
    binds = rest.workers / rest.serial
    yield f"it binds at {binds:.0f} workers, which do {size / rest.workers / 1e6:.2f} MB/s each"
    yield f"{asked.workers} processes take {rest.total / alone.total - 1:+.1%} of processor time more than one"
    had, paid = one.clock / many.clock, many.total / one.total - 1
    ideal = alone.total / max(rest.serial, rest.total / asked.workers)
    yield f"{asked.workers} workers on {asked.workers} processors: {ideal:.2f} times one by processor time (bar at 2: 1.8)"
    yield f"this run, what is paid once included: {had:.2f} by the clock, {paid:+.1%} of processor time"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--to", default="jsonl", choices=["text", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
    parser.add_argument("--strength", default="default", choices=["rules", "careful", "default", "thorough"])
    parser.add_argument("--index", action="store_true", help="with a lasting index")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in measure(asked, Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
