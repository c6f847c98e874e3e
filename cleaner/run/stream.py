"""A stream to a stream: the two standard-input forms, where standard output is for data alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cleaner import audit
from cleaner.document import Document, Rejection
from cleaner.errors import UsageError
from cleaner.layout import close_gaps
from cleaner.readers import READERS, Format, require_installed
from cleaner.readers.compressed import detected, unpacked
from cleaner.report import RunReport
from cleaner.rules.model import RuleSet
from cleaner.run.batches import BATCH_DOCUMENTS, Batch, Prepared, Task
from cleaner.run.guard import Guard
from cleaner.run.judge import judge_for
from cleaner.run.preparer import Recipe
from cleaner.run.remembered import by_id, lasting_index
from cleaner.run.traits import traits_of
from cleaner.run.watch import Meter
from cleaner.run.workers import prepare_all
from cleaner.settings import RunSettings
from cleaner.writers import ENCODERS, Target, encoded, told_duplicates
from cleaner.writers.front_matter import front_matter

NAME = "-"
"""What standard input is called."""


@dataclass(frozen=True, slots=True)
class Taps:
    """Who is told what does not go to standard output.

    Attributes:
        audited: is given the audit, a line of JSON at a time.
        rejected: is given each rejection.
        remember: whether the lasting index of the settings, if any, takes in what is cleaned.
        meter: counts.
        guard: heeds tripwires; None: there are none.
    """

    audited: Callable[[bytes], object]
    rejected: Callable[[Rejection], object]
    remember: bool = True
    meter: Meter = field(default_factory=Meter)
    guard: Guard | None = None


def clean_stream(source: BinaryIO, sink: BinaryIO, rules: RuleSet, settings: RunSettings, taps: Taps) -> RunReport:
    """Cleans what a stream holds, document by document, each written before the next is read (with one worker).

    Args:
        source: text, HTML or JSON lines, as ``settings.reads_as`` says; text when it says nothing.
        sink: is given the clean text or records and nothing else.
        rules: the packs.
        settings: of the run; keep-longest is not possible, for it reads everything twice.
        taps: who is told of the audit and of rejections.

    Raises:
        BrokenPipeError: the reader of ``sink`` went away; a lasting index is as it was.
    """
    form = settings.reads_as or Format.TEXT
    target = settings.to or (Target.JSONL if form.records else Target.TEXT)
    if target not in (Target.TEXT, Target.MARKDOWN, Target.JSONL):
        raise UsageError(f"--to {target.value} writes files, and needs --out; in a pipe it is text, markdown or jsonl")
    require_installed([form])
    recipe = Recipe(rules, settings.clean, across=form.records or settings.index is not None)
    taps.meter.begin(None)
    source = taps.meter.counted(source)
    source = unpacked(source, detected(source), settings.read)

    def prepared() -> Iterator[Batch]:
        tasks = (Task(0, item) for item in READERS[form](source, NAME, settings.read))
        return prepare_all(tasks, recipe, settings.workers, at_once=1 if settings.workers == 1 else BATCH_DOCUMENTS)

    with lasting_index(settings, by_id) as store:
        judge = judge_for(settings.clean.duplicates, prepared, store)
        for batch in prepared():
            for item in judge(batch).items:
                if isinstance(item, Prepared):
                    _pass_on(item.result, sink, target, settings, taps)
        if taps.guard is not None:
            taps.guard.end()
        # What tripped is not to be compared with: it will be cleaned again.
        if store is not None and taps.remember and not (taps.guard is not None and taps.guard.tripped):
            store.commit()
    return taps.meter.report


def _pass_on(result: Document | Rejection, sink: BinaryIO, target: Target, settings: RunSettings, taps: Taps) -> None:
    """Writes one document to where it goes, or tells why there is none."""
    if isinstance(result, Rejection):
        taps.rejected(result)
    else:
        result = close_gaps(result)
        if settings.front_matter and not target.records:
            sink.write(front_matter(result).encode("utf-8", "surrogatepass"))
        sink.write(encoded(ENCODERS[target](result, settings.meta_field), told_duplicates(result)))
        sink.flush()
        taps.audited(audit.to_json(audit.to_object(result, detail=settings.detail)))
    taps.meter.add(result)
    if taps.guard is not None:
        taps.guard.add(result if isinstance(result, Rejection) else traits_of(result))
