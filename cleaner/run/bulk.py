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

from cleaner.dedup.settings import Policy
from cleaner.document import Raw, Rejection
from cleaner.readers.files import read_files
from cleaner.readers.tree import Found, find_inputs
from cleaner.report import RunReport
from cleaner.rules.model import RuleSet
from cleaner.run.basis import basis
from cleaner.run.batches import Batch, Begin, Item, Step, Task
from cleaner.run.folder import ENTRY, JOURNAL, Standing, begin, entry_of, finish, standing_of
from cleaner.run.guard import Guard
from cleaner.run.journal import Holding, Journal
from cleaner.run.judge import judge_for
from cleaner.run.made import Maker
from cleaner.run.outputs import Discard, Outputs, Sink
from cleaner.run.preparer import Recipe, made
from cleaner.run.remembered import by_path, lasting_index
from cleaner.run.reuse import Reuse
from cleaner.run.told import told
from cleaner.run.tripwires import EARLY, Tripwires
from cleaner.run.watch import Alarm, Meter, Watch, unwatched
from cleaner.run.workers import prepare_all
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
        held: what a run that was cut off had prepared.
    """

    report: RunReport
    left_aside: Counter[str]
    seconds: float
    reused: int = 0
    bytes_in: int = 0
    alarms: tuple[Alarm, ...] = ()
    tripped: bool = False
    held: Holding = Holding()  # noqa: RUF009  # frozen


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
            if not _claimed(job, job.out, store):
                return None
            journal = Journal(job.out / JOURNAL, basis(job.rules, job.settings.clean))
            stack.callback(journal.close)
            shards = job.settings.shard_size is not None
            outputs = Outputs(job.out, name_outputs(found.files, job.settings.to, shards=shards), job.settings)
        meter = Meter(watch, readings=2 if job.settings.clean.duplicates.policy is Policy.KEEP_LONGEST else 1)
        wires = Tripwires(job.rules, cleans=job.settings.clean.rules)
        guard = Guard(wires, meter, accepts=job.accept_tripwire, stops=job.out is not None)
        run = _Run(found, job, outputs, store, journal, meter, guard, Reuse(journal, meter))
        try:
            report = _write_all(run)
            outcome = Outcome(
                report,
                found.left_aside,
                time.perf_counter() - clock,
                run.reuse.documents,
                meter.bytes_in,
                tuple(guard.alarms),
                tripped=guard.tripped,
                held=journal.held if journal is not None else Holding(),
            )
            # Before the run counts as done: it may be resumed while there is no space for the index.
            entry = store.prepare() if store is not None and job.out is not None else None
            outputs.close({**told(job, outcome, found.files, began), **({ENTRY: entry} if entry is not None else {})})
        except BaseException:
            outputs.abandon()
            raise
        if job.out is not None and journal is not None:
            # In this order: who is cut off in between finds all written, and sees in the index whether the entry was made.
            if store is not None:
                store.commit()
            journal.close()
            finish(job.out)
    return outcome


def _claimed(job: Job, out: Path, store: Store | None) -> bool:
    """Makes the folder ready for the run; False if there is nothing left to do in it."""
    asked = {name: value for name, value in job.settings.described().items() if name != "workers"}
    standing = standing_of(out, asked, overwrite=job.overwrite, resume=job.resume)
    if standing is Standing.WRITTEN:
        entry = entry_of(out)
        if entry is None or (store is not None and store.holds(entry)):
            finish(out)
            return False
    if standing is Standing.DONE:
        (out / JOURNAL).unlink(missing_ok=True)
        return False
    begin(out, asked, fresh=standing is Standing.FREE)
    return True


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
    reuse: Reuse


def _write_all(run: _Run) -> RunReport:
    meter, outputs, guard = run.meter, run.outputs, run.guard
    meter.begin(file.path for file in run.found.files)
    for rejection in run.found.rejections:
        meter.add(rejection)
        outputs.reject(rejection)
        guard.add(rejection)
    for item in _results(run):
        if isinstance(item, Begin):
            outputs.begin(item.file)
        elif isinstance(item.result, Rejection):
            meter.add(item.result)
            outputs.reject(item.result)
            guard.add(item.result)
        elif item.made is not None:
            meter.done(item.result)
            outputs.write(item.task.file, item.result, item.made)
            guard.add(item.made.traits)
    guard.end()
    return meter.report


def _results(run: _Run) -> Iterator[Item]:
    """Every document, judged, and what is written of it, in input order; and where new inputs begin."""
    files, settings = run.found.files, run.job.settings
    single = len(files) == 1 and not files[0].format.records
    alone = single and run.store is None and not settings.clean.duplicates.signatures
    maker = Maker(settings)
    recipe = Recipe(run.job.rules, settings.clean, across=not alone, maker=maker, remembers=run.journal is not None)

    def prepared() -> Iterator[Batch]:
        return prepare_all(_tasks(run), recipe, settings.workers)

    judge = judge_for(settings.clean.duplicates, prepared, run.store)
    for batch in prepared():
        run.reuse.note(batch)
        if batch.sketch is not None:
            run.outputs.sign(signature_rows(batch.documents, batch.sketch))
        judged = judge(batch)
        if judged.report is None:
            judged = made(judged, maker)
        if judged.report is not None:
            run.meter.include(judged.report)
        yield from judged.items


def _tasks(run: _Run) -> Iterator[Step]:
    read = 0
    for number, item in read_files(run.found.files, run.job.settings.read, run.meter.open):
        if item is None:
            run.meter.enter(number)
            yield Begin(number)
            continue
        read += 1
        known = run.journal.find(item) if run.journal is not None and isinstance(item, Raw) else None
        yield Task(number, item, known, run.outputs.target(number), early=read <= EARLY)
