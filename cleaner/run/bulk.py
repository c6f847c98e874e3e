"""The bulk loop: inputs that were named, to a folder, in input order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__
from cleaner.dedup.settings import Policy
from cleaner.document import Document, Raw, Rejection
from cleaner.layout import close_gaps
from cleaner.readers.files import read_files
from cleaner.readers.tree import Found, find_inputs
from cleaner.report import RunReport
from cleaner.rules.model import RuleSet
from cleaner.run.folder import JOURNAL, Standing, claim
from cleaner.run.guard import Guard
from cleaner.run.journal import Journal
from cleaner.run.judge import judge_for
from cleaner.run.outputs import Discard, Outputs, Sink
from cleaner.run.remembered import by_path, lasting_index
from cleaner.run.told import told
from cleaner.run.tripwires import Tripwires
from cleaner.run.watch import Alarm, Meter, Watch, unwatched
from cleaner.run.workers import Batch, Begin, Prepared, Recipe, Task, prepare_all
from cleaner.settings import RunSettings
from cleaner.writers import require_targets
from cleaner.writers.naming import name_outputs
from cleaner.writers.signatures import signature_rows

if TYPE_CHECKING:
    from cleaner.dedup.store import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        report: the counts.
        left_aside: suffix -> files of folders that no reader knows.
        seconds: how long it took.
        reused: documents whose marks were those that a run that was cut off had made.
        bytes_in: bytes of the inputs, as they lie on the disk.
        alarms: tripwires that gave one; ``stops`` is true of the grave ones.
        tripped: whether a grave one was not accepted; then nothing was to be written, or the run would have stopped.
    """

    report: RunReport
    left_aside: Counter[str]
    seconds: float
    reused: int = 0
    bytes_in: int = 0
    alarms: tuple[Alarm, ...] = ()
    tripped: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A run that was asked for.

    Attributes:
        arguments: inputs as given: files, folders, globs.
        out: the folder to write; None: nothing is written (a dry run).
        rules: the packs.
        settings: everything else.
        overwrite: whether an earlier run in ``out`` may be replaced.
        resume: whether one that was cut off is gone on with.
        accept_tripwire: whether a tripwire that would stop the run is only told of.
        listed: more inputs, from a list: literal paths.
        origin: what the caller tells of itself, for ``run.json``: plain JSON values.
    """

    arguments: tuple[str, ...]
    out: Path | None
    rules: RuleSet
    settings: RunSettings
    overwrite: bool = False
    resume: bool = False
    accept_tripwire: bool = False
    listed: tuple[str, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)


def clean_files(job: Job, watch: Watch = unwatched) -> Outcome | None:
    """Carries out a run.

    Returns:
        what it did; None when it was to be resumed, but is done.

    Raises:
        UsageError: inputs that do not exist, or a folder that must not be written; nothing was written.
        TripwireError: a rule, a pack or the run removes implausibly much or little; what was written stays, for ``resume``.
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    leave_out = job.out.resolve() if job.out is not None else None
    found = find_inputs(
        job.arguments, reads_as=job.settings.reads_as, leave_out=leave_out, listed=job.listed, options=job.settings.read
    )
    require_targets(job.settings.to)
    with ExitStack() as stack:
        store = stack.enter_context(lasting_index(job.settings, by_path(found.files)))
        outputs: Sink = Discard()
        journal = None
        if job.out is not None:
            if claim(job.out, _asked(job.settings), overwrite=job.overwrite, resume=job.resume) is Standing.DONE:
                return None
            journal = Journal(job.out / JOURNAL, _made_by(job))
            stack.callback(journal.close)
            shards = job.settings.shard_size is not None
            outputs = Outputs(job.out, name_outputs(found.files, job.settings.to, shards=shards), job.settings)
        try:
            meter = Meter(watch, readings=2 if job.settings.clean.duplicates.policy is Policy.KEEP_LONGEST else 1)
            wires = Tripwires(job.rules, cleans=job.settings.clean.rules)
            guard = Guard(wires, meter, accepts=job.accept_tripwire, stops=job.out is not None)
            report = _write_all(_Run(found, job, outputs, store, journal, meter, guard))
            seconds, reused = time.perf_counter() - clock, journal.reused if journal is not None else 0
            outcome = Outcome(
                report, found.left_aside, seconds, reused, meter.bytes_in, tuple(guard.alarms), tripped=guard.tripped
            )
            if store is not None and job.out is not None:
                store.prepare()  # before the run counts as done: it may be resumed while there is no space for the index
            outputs.close(told(job, outcome, found.files, began))
        except BaseException:
            outputs.abandon()
            raise
        if journal is not None:
            journal.remove()
        if store is not None and job.out is not None:
            store.commit()
    return outcome


@dataclass(frozen=True, slots=True)
class _Run:
    """A run under way."""

    found: Found
    job: Job
    outputs: Sink
    store: Store | None
    journal: Journal | None
    meter: Meter
    guard: Guard


def _asked(settings: RunSettings) -> dict[str, Any]:
    """The settings on which outputs depend."""
    return {name: value for name, value in settings.described().items() if name != "workers"}


_AFTERWARDS = frozenset(
    (
        "to",
        "shard_size",
        "meta_field",
        "audit",
        "duplicates",
        "unit",
        "threshold",
        "containment",
        "signatures",
        "index",
        "workers",
    )
)
"""Settings that do not matter before documents are compared and written."""


def _made_by(job: Job) -> dict[str, Any]:
    """What a document's marks depend on beside the document."""
    settings = {name: value for name, value in job.settings.described().items() if name not in _AFTERWARDS}
    return {"version": __version__, "rules": job.rules.fingerprint, "settings": settings}


def _write_all(run: _Run) -> RunReport:
    meter, outputs, guard = run.meter, run.outputs, run.guard
    meter.begin(file.path for file in run.found.files)
    for rejection in run.found.rejections:
        meter.add(rejection)
        outputs.reject(rejection)
        guard.add(rejection)
    for file, result in _results(run):
        if result is None:
            outputs.begin(file)
            continue
        meter.add(result)
        if isinstance(result, Rejection):
            outputs.reject(result)
        else:
            outputs.write(file, result)
        guard.add(result)
    guard.end()
    return meter.report


def _results(run: _Run) -> Iterator[tuple[int, Document | Rejection | None]]:
    """Every document, judged and closed, in input order; None where a new input begins."""
    files, settings = run.found.files, run.job.settings
    single = len(files) == 1 and not files[0].format.records
    alone = single and run.store is None and not settings.clean.duplicates.signatures
    recipe = Recipe(run.job.rules, settings.clean, across=not alone)

    def prepared() -> Iterator[Batch]:
        return prepare_all(_tasks(run), recipe, settings.workers)

    judge = judge_for(settings.clean.duplicates, prepared, run.store)
    for batch in prepared():
        if run.journal is not None:
            _remember(batch, run.journal)
        if batch.sketch is not None:
            run.outputs.sign(signature_rows(batch.documents, batch.sketch))
        for item in judge(batch):
            if isinstance(item, Begin):
                yield item.file, None
            else:
                yield item.file, item.result if isinstance(item.result, Rejection) else close_gaps(item.result)


def _remember(batch: Batch, journal: Journal) -> None:
    """What was prepared, on the disk before anything is made of it."""
    for item in batch.items:
        if isinstance(item, Prepared) and item.key is not None and isinstance(item.result, Document):
            journal.add(item.result, item.key)
    journal.flush()


def _tasks(run: _Run) -> Iterator[Begin | Task]:
    for number, item in read_files(run.found.files, run.job.settings.read, run.meter.open):
        if item is None:
            run.meter.enter(number)
            yield Begin(number)
        else:
            known = run.journal.find(item) if run.journal is not None and isinstance(item, Raw) else None
            yield Task(number, item, known)
