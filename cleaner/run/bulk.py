"""The bulk loop: inputs that were named, to a folder, in input order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__
from cleaner.document import Document, Rejection, Source
from cleaner.layout import close_gaps
from cleaner.readers import READERS, Format
from cleaner.readers.tree import Found, InputFile, find_inputs
from cleaner.report import RunReport
from cleaner.rules.model import RuleSet
from cleaner.run.folder import claim
from cleaner.run.judge import judge_for
from cleaner.run.outputs import Discard, Outputs, Sink
from cleaner.run.remembered import by_path, lasting_index
from cleaner.run.workers import Batch, Begin, Recipe, Task, prepare_all
from cleaner.settings import RunSettings
from cleaner.writers.naming import name_outputs
from cleaner.writers.signatures import signature_rows

if TYPE_CHECKING:
    from cleaner.dedup.store import Store

Progress = Callable[[RunReport], None]
"""Is told, after each document, what was done so far."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        report: the counts.
        left_aside: suffix -> files of folders that no reader knows.
        seconds: how long it took.
    """

    report: RunReport
    left_aside: Counter[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """A run that was asked for.

    Attributes:
        arguments: inputs as given: files, folders, globs.
        out: the folder to write; None: nothing is written (a dry run).
        rules: the packs.
        settings: everything else.
        overwrite: whether an earlier run in ``out`` may be replaced.
    """

    arguments: tuple[str, ...]
    out: Path | None
    rules: RuleSet
    settings: RunSettings
    overwrite: bool = False


def clean_files(job: Job, progress: Progress | None = None) -> Outcome:
    """Carries out a run.

    Raises:
        UsageError: inputs that do not exist, or a folder that must not be written; nothing was written.
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    leave_out = job.out.resolve() if job.out is not None else None
    found = find_inputs(job.arguments, reads_as=job.settings.reads_as, leave_out=leave_out)
    outputs: Sink = Discard()
    with lasting_index(job.settings, by_path(found.files)) as store:
        if job.out is not None:
            claim(job.out, overwrite=job.overwrite)
            outputs = Outputs(job.out, name_outputs(found.files, job.settings.to), job.settings)
        try:
            report = _write_all(found, job, outputs, progress, store)
            outcome = Outcome(report, found.left_aside, time.perf_counter() - clock)
            outputs.close(_told(job, outcome, began))
        except BaseException:
            outputs.abandon()
            raise
        if store is not None and job.out is not None:
            store.commit()
    return outcome


def _write_all(found: Found, job: Job, outputs: Sink, progress: Progress | None, store: Store | None) -> RunReport:
    report = RunReport()
    for rejection in found.rejections:
        report += RunReport.of(rejection)
        outputs.reject(rejection)
    for file, result in _results(found.files, job, outputs, store):
        if result is None:
            outputs.begin(file)
            continue
        report += RunReport.of(result)
        if isinstance(result, Rejection):
            outputs.reject(result)
        else:
            outputs.write(file, result)
        if progress is not None:
            progress(report)
    return report


def _results(
    files: Sequence[InputFile], job: Job, outputs: Sink, store: Store | None
) -> Iterator[tuple[int, Document | Rejection | None]]:
    """Every document, judged and closed, in input order; None where a new input begins."""
    single = len(files) == 1 and files[0].format is not Format.JSONL
    alone = single and store is None and not job.settings.clean.duplicates.signatures
    recipe = Recipe(job.rules, job.settings.clean, across=not alone)

    def prepared() -> Iterator[Batch]:
        return prepare_all(_tasks(files, job.settings), recipe, job.settings.workers)

    judge = judge_for(job.settings.clean.duplicates, prepared, store)
    for batch in prepared():
        if batch.sketch is not None:
            outputs.sign(signature_rows(batch.documents, batch.sketch))
        for item in judge(batch):
            if isinstance(item, Begin):
                yield item.file, None
            else:
                yield item.file, item.result if isinstance(item.result, Rejection) else close_gaps(item.result)


def _tasks(files: Sequence[InputFile], settings: RunSettings) -> Iterator[Begin | Task]:
    for number, file in enumerate(files):
        yield Begin(number)
        try:
            with file.path.open("rb") as stream:
                for item in READERS[file.format](stream, file.name, settings.read):
                    yield Task(number, item)
        except OSError as error:
            detail = f"cannot be read: {error.strerror or error}; check that it exists and that you may read it"
            yield Task(number, Rejection(Source(file.name, None, file.name), "unreadable", detail))


def _told(job: Job, outcome: Outcome, began: datetime) -> Mapping[str, Any]:
    return {
        "schema": 1,
        "version": __version__,
        "versions": _versions(),
        "inputs": [str(Path(argument).absolute()) for argument in job.arguments],
        "settings": dict(job.settings.described()),
        "rules": {"fingerprint": job.rules.fingerprint, "packs": {pack.id: pack.version for pack in job.rules.packs}},
        "counts": dict(outcome.report.described()),
        "left_aside": dict(sorted(outcome.left_aside.items())),
        "deterministic": outcome.report.deterministic,
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 3),
    }


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in ("ahocorasick_rs", "datasketch", "ftfy", "regex", "trafilatura"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
