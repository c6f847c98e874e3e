"""What is done with a batch in any process: prepare, sketch, and make what will be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cleaner.dedup.settings import Policy
from cleaner.document import Document, Raw, Rejection, Source
from cleaner.pipeline import Pipeline
from cleaner.report import Tally
from cleaner.rules.model import RuleSet
from cleaner.run.batches import Batch, Begin, Entry, Prepared, Step, Task
from cleaner.run.clock import PageClock
from cleaner.run.frames import Frames, fits
from cleaner.run.journal import key_of
from cleaner.run.made import Maker
from cleaner.settings import CleanSettings

_NOTHING = Rejection(Source(""), reason="", detail="")
"""Goes back in the place of an item: what was read need not travel twice."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker needs to know; small enough to be sent to each of them.

    Attributes:
        rules: the packs.
        settings: what makes the clean text.
        across: whether documents will be compared with each other.
        maker: makes what is written; None: the documents themselves are wanted.
        remembers: whether a journal remembers what is prepared.
    """

    rules: RuleSet
    settings: CleanSettings
    across: bool
    maker: Maker | None = None
    remembers: bool = False


class Preparer:
    """Prepares documents by one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._pipeline = Pipeline(recipe.rules, recipe.settings, PageClock(recipe.settings.extract.max_seconds))
        self._frames = Frames()

    def prepare(self, tasks: Sequence[Step]) -> Batch:
        """What becomes of tasks, with the sketch of the documents among them when anything will be compared."""
        waiting = {place: task for place, task in enumerate(tasks) if isinstance(task, Task)}
        known = {place: found for place, task in waiting.items() if (found := self._known(task)) is not None}
        fresh = {
            place: task.item for place, task in waiting.items() if place not in known and not isinstance(task.item, Rejection)
        }
        results = known | dict(zip(fresh, self._pipeline.prepare_all(list(fresh.values())), strict=True))
        batch = Batch(
            [
                task if isinstance(task, Begin) else self._prepared(task, results.get(place), reused=place in known)
                for place, task in enumerate(tasks)
            ]
        )
        duplicates, maker = self._recipe.settings.duplicates, self._recipe.maker
        if duplicates.policy is not Policy.OFF:
            from cleaner.dedup.sketch import sketch

            batch = replace(batch, sketch=sketch(batch.documents, duplicates, across=self._recipe.across))
        return made(batch, maker) if maker is not None and not maker.waits else batch

    def _known(self, task: Task) -> Document | Rejection | None:
        """What a run that was cut off made of a document; None when that is false."""
        if task.known is None or not isinstance(task.item, Raw):
            return None
        found = self._frames.unpacked(task.known)
        if found is None:
            return None
        known, size = found
        document = self._pipeline.again(task.item, known)
        if isinstance(document, Document) and not (len(document.text) == size and fits(document, document.text)):
            return None
        return document

    def _prepared(self, task: Task, result: Document | Rejection | None, *, reused: bool) -> Prepared:
        """What came of a task; what could not be read has no result but itself."""
        slim = replace(task, item=_NOTHING, known=None)
        if result is None or isinstance(task.item, Rejection):
            return Prepared(slim, task.item if isinstance(task.item, Rejection) else _NOTHING)
        if reused:
            return Prepared(slim, result, reused=True)
        return Prepared(slim, result, self._entry(task.item, result), false=task.known is not None)

    def _entry(self, raw: Raw, result: Document | Rejection) -> Entry | None:
        if not self._recipe.remembers or isinstance(result, Rejection):
            return None
        frame = self._frames.packed(result)
        return Entry(key_of(raw, result.sha256), frame) if frame is not None else None


def made(batch: Batch, maker: Maker) -> Batch:
    """A batch with what is written of its documents, and their counts."""
    tally = Tally()
    items = [_made(item, maker, tally) if isinstance(item, Prepared) else item for item in batch.items]
    return replace(batch, items=items, report=tally.report)


def _made(item: Prepared, maker: Maker, tally: Tally) -> Prepared:
    if isinstance(item.result, Rejection):
        return item
    document, what = maker.make(item.result, item.task.target, tally, early=item.task.early)
    return replace(item, result=document, made=what)
