"""What near-duplicate detection costs: processor time beside datasketch's, memory, and both as passages become many.

Parts of ``duplicates.py``. Memory and growth are measured in fresh processes that never hold more text than one batch.
"""

from __future__ import annotations

import argparse
import gc
import re
import resource
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from os import sysconf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TypeVar

from edits import Author, Editor
from passages_corpus import PER_DOCUMENT, Press, Story

from cleaner.dedup.fold import Fold
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import Sketch, sketch
from cleaner.dedup.store import Store
from cleaner.document import Document, Source

T = TypeVar("T")

BATCH = 64
"""Documents that are handed over at a time, as the run does it."""
SAMPLE = 20_000
"""Passages whose stages are timed."""
MARKS = (10_000, 100_000, 1_000_000)
"""Passages at which memory and growth are told."""
COMMON_LINE = 5
"""Percent of the passages that are one and the same line, and as many that are another in slight variations."""
RUNS = 10
"""Runs of the program that share a lasting index."""
PERMUTATIONS = 128
"""Values of a whole signature."""


def cost(asked: argparse.Namespace) -> Iterator[str]:
    """Microseconds a passage, of each stage and of datasketch's, in turns."""
    corpora = {"new": list(_new(asked.seed, SAMPLE)), "edited": list(Press(asked.seed).stories(SAMPLE))}
    columns = {name: _rounds(stories, asked) for name, stories in corpora.items()}
    for name, stories in corpora.items():
        lines = [line for story in stories for line in story.lines]
        words = sum(len(line.split()) for line in lines) / len(lines)
        yield f"{name}: {len(lines)} passages of {words:.0f} words on average, {len(stories)} documents"
    yield f"{'us of processor time a passage':<52}{'new':>8}{'edited':>8}"
    for stage in columns["new"]:
        yield f"{stage:<52}" + "".join(f"{columns[name][stage]:>8.1f}" for name in corpora)


def _rounds(stories: Sequence[Story], asked: argparse.Namespace) -> dict[str, float]:
    """Microseconds a passage of each stage, medians over rounds in which all stages take turns; a first round warms up."""
    from datasketch import MinHash

    count = sum(len(story.lines) for story in stories)
    parts = list(batches(iter(stories)))
    off = DuplicateSettings(threshold=asked.threshold, containment=None)
    on = replace(off, containment=asked.containment or 0.9)
    seconds: dict[str, list[float]] = {}

    def timed(stage: str, act: Callable[[], T]) -> T:
        gc.collect()
        began = process_time()
        made = act()
        seconds.setdefault(stage, []).append(process_time() - began)
        return made

    def ours(stage: str, settings: DuplicateSettings) -> list[Sketch]:
        return timed(f"ours: sketch, {stage}", lambda: [sketch(batch, settings, across=True) for batch in parts])

    for _ in range(asked.rounds + 1):
        bare, full = ours("containment off", off), ours("containment on", on)
        ours("containment off, 128 permutations", replace(off, signatures=True))
        timed("ours: matching, containment off", partial(_fold, off, parts, bare))
        timed("ours: matching, containment on", partial(_fold, on, parts, full))
        shingles = timed(
            "the same shingles as lists of bytes", lambda: [shingles_of(line) for one in stories for line in one.lines]
        )
        rows = [row for row in shingles if row]
        timed("MinHash.bulk, 128 permutations, its own hash", partial(MinHash.bulk, rows, num_perm=PERMUTATIONS))
    return {stage: median(each[1:]) / count * 1e6 for stage, each in seconds.items()}


def _fold(settings: DuplicateSettings, batches: Sequence[list[Document]], sketches: Sequence[Sketch]) -> int:
    """How many documents have a flag."""
    fold = Fold(settings)
    return sum(
        bool(document.duplicates)
        for batch, made in zip(batches, sketches, strict=True)
        for document in fold.add_all(batch, made)
    )  # fmt: skip


def shingles_of(line: str) -> list[bytes]:
    """The distinct word 5-grams of a line as MinHash takes them; none of a line of fewer than 8 words."""
    words = re.findall(r"\w+", line.casefold())
    if len(words) < 8:
        return []
    return [gram.encode() for gram in {" ".join(words[at : at + 5]) for at in range(len(words) - 4)}]


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a process stood when it had seen so many passages.

    Attributes:
        passages: seen.
        units: remembered.
        index: bytes of the arrays of the index.
        resident: bytes by which the resident memory of the process has grown.
        peak: the same, at its highest.
        sketched: seconds of processor time since the mark before.
        folded: likewise.
        last: seconds of both, a passage, over the last tenth of the passages.
        slowest: seconds of processor time of the slowest batch since the mark before.
    """

    passages: int
    units: int
    index: int
    resident: int
    peak: int
    sketched: float
    folded: float
    last: float
    slowest: float


def memory(asked: argparse.Namespace) -> Iterator[str]:
    """Bytes a passage that the index takes when all passages are new; and the time, to hold that of growth against."""
    yield f"{'bytes a passage':<48}{'us of processor time since the row above':>44}"
    heads = f"{'containment':<13}{'passages':>10}{'remembered':>12}{'index':>9}{'resident':>10}{'at its peak':>13}"
    yield heads + f"{'sketch':>12}{'matching':>10}"
    for containment in (None, asked.containment or 0.9):
        before = 0
        for one in _apart(containment, asked, repeats=False):
            since = one.passages - before
            before = one.passages
            cells = "".join(
                f"{value / one.passages:>{wide}.0f}" for value, wide in ((one.index, 9), (one.resident, 10), (one.peak, 13))
            )
            times = f"{one.sketched / since * 1e6:>12.1f}{one.folded / since * 1e6:>10.1f}"
            yield f"{containment or 'off':<13}{one.passages:>10}{one.units:>12}{cells}{times}"


def growth(asked: argparse.Namespace) -> Iterator[str]:
    """Microseconds a passage as passages become many and two lines repeat without end."""
    yield f"{COMMON_LINE} % of the passages are one line, {COMMON_LINE} % another in variations"
    yield "us of processor time a passage since the row above"
    heads = f"{'containment':<13}{'passages':>10}{'sketch':>9}{'matching':>10}{'both, last tenth':>18}"
    yield heads + f"{'slowest batch, ms':>19}{'index B':>9}"
    for containment in (None, asked.containment or 0.9):
        before = 0
        for one in _apart(containment, asked, repeats=True):
            since = one.passages - before
            before = one.passages
            yield (
                f"{containment or 'off':<13}{one.passages:>10}{one.sketched / since * 1e6:>9.1f}{one.folded / since * 1e6:>10.1f}"
                f"{one.last * 1e6:>18.1f}{one.slowest * 1e3:>19.0f}{one.index / one.passages:>9.0f}"
            )


def lasting(asked: argparse.Namespace) -> Iterator[str]:
    """The lasting index over ten runs, each of a tenth of the passages: processor time, what the end of a run takes by the clock, files."""
    settings = DuplicateSettings(threshold=asked.threshold, containment=asked.containment)
    share = asked.most // RUNS
    source = batches(_new(asked.seed, RUNS * share))
    yield f"{'run':>3}{'passages':>10}{'matching, us':>14}{'commit, s':>11}{'parts':>7}{'written, B a passage':>22}{'on disk':>9}"
    with TemporaryDirectory() as folder:
        path, seen = Path(folder) / "index", 0
        for run in range(1, RUNS + 1):
            matched, before = 0.0, seen
            with Store(path, settings, lambda source: source.input) as store:
                fold = Fold(settings, store.indexes)
                while seen < run * share:
                    batch = next(source)
                    matched += _add(fold, settings, batch)[1]
                    seen += PER_DOCUMENT * len(batch)
                old = set(path.iterdir())
                began = perf_counter()
                store.commit()
                took = perf_counter() - began
            new = sum(_size(part) for part in set(path.iterdir()) - old)
            parts = sum(part.is_dir() for part in path.iterdir())
            each = matched / (seen - before) * 1e6
            yield f"{run:>3}{seen:>10}{each:>14.1f}{took:>11.2f}{parts:>7}{new / (seen - before):>22.0f}{_size(path) / seen:>9.0f}"


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


def _apart(containment: float | None, asked: argparse.Namespace, *, repeats: bool) -> list[Reached]:
    """What a fresh process tells of itself."""
    settings = DuplicateSettings(threshold=asked.threshold, containment=containment)
    marks = [mark for mark in MARKS if mark < asked.most] + [asked.most]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(reached, settings, marks, asked.seed, repeats=repeats).result()


def reached(settings: DuplicateSettings, marks: Sequence[int], seed: int, *, repeats: bool) -> list[Reached]:
    """Sketches and folds passages, all new or a tenth of them repeats, and tells where the process stands at each mark."""
    source = batches(_new(seed, marks[-1], repeats=repeats))
    _add(Fold(settings), settings, next(batches(_new(seed + 1, 1000))))  # what is paid once, imports among it
    gc.collect()
    resident, peak = _resident(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    fold = Fold(settings)
    found: list[Reached] = []
    seen = 0
    for mark in marks:
        sketched = folded = slowest = 0.0
        last: list[float] = []
        while seen < mark:
            batch = next(source)
            made, matched = _add(fold, settings, batch)
            seen += PER_DOCUMENT * len(batch)
            sketched, folded, slowest = sketched + made, folded + matched, max(slowest, made + matched)
            if seen > mark * 9 // 10:
                last.append((made + matched) / (PER_DOCUMENT * len(batch)))
        grown, highest = _resident() - resident, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - peak
        found.append(Reached(seen, fold.units, fold.nbytes, grown, highest, sketched, folded, sum(last) / len(last), slowest))
    return found


def _add(fold: Fold, settings: DuplicateSettings, batch: list[Document]) -> tuple[float, float]:
    """Seconds of processor time to sketch a batch, and to match and remember it."""
    began = process_time()
    made = sketch(batch, settings, across=True)
    between = process_time()
    fold.add_all(batch, made)
    return between - began, process_time() - between


def _resident() -> int:
    """Bytes of memory that the process has now (Linux tells it there)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * sysconf("SC_PAGE_SIZE")


def _new(seed: int, passages: int, *, repeats: bool = False) -> Iterator[Story]:
    """Documents of ten new passages of 60 words each on average, with or without the two lines that repeat."""
    author = Author(seed)
    editor, chance = Editor(author), author.chance
    line, model = author.paragraph(20), author.paragraph(60)
    for number in range(-(-passages // PER_DOCUMENT)):
        found = []
        for _ in range(PER_DOCUMENT):
            turn = chance.number(1, 100) if repeats else 100
            new = author.paragraph(chance.number(38, 80)) if turn > 2 * COMMON_LINE else editor.varied(model)
            words = line if turn <= COMMON_LINE else new
            found.append(" ".join(words))
        yield Story(f"{number:06}", tuple(found))


def batches(stories: Iterator[Story]) -> Iterator[list[Document]]:
    """Stories as documents, in batches."""
    batch: list[Document] = []
    for story in stories:
        batch.append(Document(Source(story.name, None, story.name), story.text))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
