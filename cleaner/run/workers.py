"""Preparing many documents in order: in this process, or in several with the same result."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from cleaner.dedup.settings import Policy
from cleaner.document import Document, Raw, Rejection
from cleaner.errors import RunError
from cleaner.pipeline import Pipeline
from cleaner.rules.model import RuleSet
from cleaner.settings import CleanSettings

if TYPE_CHECKING:
    from cleaner.dedup.sketch import Sketch

BATCH_DOCUMENTS = 64
_BATCH_SIZE = 1_000_000
"""A batch ends after so many documents, or bytes: large enough that handing it over costs little, small enough to share out."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A new input begins here."""

    file: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a task."""

    file: int
    result: Document | Rejection


@dataclass(frozen=True, slots=True)
class Batch:
    """Some tasks, prepared.

    Attributes:
        items: what became of each, in order, what begins a file in its place.
        sketch: what is needed to compare the documents among them; None when nothing is compared.
    """

    items: Sequence[Begin | Prepared]
    sketch: Sketch | None

    @property
    def documents(self) -> list[Document]:
        """The documents among the items."""
        return [item.result for item in self.items if isinstance(item, Prepared) and isinstance(item.result, Document)]

    def judged(self, documents: Iterable[Document]) -> Sequence[Begin | Prepared]:
        """The items with these in place of the documents."""
        left = iter(documents)
        return [
            Prepared(item.file, next(left)) if isinstance(item, Prepared) and isinstance(item.result, Document) else item
            for item in self.items
        ]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that was read from an input and is to be prepared."""

    file: int
    item: Raw | Rejection


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker needs to know; small enough to be sent to each of them.

    Attributes:
        rules: the packs.
        settings: what makes the clean text.
        across: whether documents will be compared with each other.
    """

    rules: RuleSet
    settings: CleanSettings
    across: bool


class Preparer:
    """Prepares documents by one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._pipeline = Pipeline(recipe.rules, recipe.settings)

    def prepare(self, tasks: Sequence[Begin | Task]) -> Batch:
        """What becomes of tasks, with the sketch of the documents among them when anything will be compared."""
        raws = [task.item for task in tasks if isinstance(task, Task) and isinstance(task.item, Raw)]
        results = iter(self._pipeline.prepare_all(raws))
        batch = Batch([task if isinstance(task, Begin) else _prepared(task, results) for task in tasks], None)
        duplicates = self._recipe.settings.duplicates
        if duplicates.policy is Policy.OFF:
            return batch
        from cleaner.dedup.sketch import sketch

        return Batch(batch.items, sketch(batch.documents, duplicates, across=self._recipe.across))


def _prepared(task: Task, results: Iterator[Document | Rejection]) -> Prepared:
    """What came of a task: what it is when that was not read, else the next of the results."""
    return Prepared(task.file, next(results) if isinstance(task.item, Raw) else task.item)


def prepare_all(
    tasks: Iterable[Begin | Task], recipe: Recipe, workers: int, *, at_once: int = BATCH_DOCUMENTS
) -> Iterator[Batch]:
    """Every task prepared, in order, batch by batch.

    Args:
        tasks: what was read, in input order; it is read as work proceeds.
        recipe: how to prepare.
        workers: processes; 1 works in this one.
        at_once: documents that are read before the first of them is prepared, at most; the result does not depend on it.

    Raises:
        RunError: a worker process was killed from outside.
    """
    if workers == 1:
        yield from prepare_batches(tasks, Preparer(recipe), at_once)
        return
    batches = _batches(tasks, at_once)
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(recipe,)) as pool:
        waiting: deque[Future[Batch]] = deque()
        try:
            for batch in islice(batches, 2 * workers):
                waiting.append(pool.submit(_prepare_batch, batch))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(_prepare_batch, batch) for batch in islice(batches, 1))
        except BrokenProcessPool as error:
            raise RunError(
                "a worker process was killed (out of memory?); the run is not finished: try again with fewer --workers"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def prepare_batches(tasks: Iterable[Begin | Task], preparer: Preparer, at_once: int) -> Iterator[Batch]:
    """Every task prepared in this process, in order; ``at_once`` as for ``prepare_all``."""
    for batch in _batches(tasks, at_once):
        yield preparer.prepare(batch)


def _batches(tasks: Iterable[Begin | Task], at_once: int) -> Iterator[list[Begin | Task]]:
    batch: list[Begin | Task] = []
    documents = size = 0
    for task in tasks:
        batch.append(task)
        if isinstance(task, Task):
            documents += 1
            size += len(task.item.data) if isinstance(task.item, Raw) else 0
        # What begins a file is counted too, for many files may hold nothing.
        if documents >= at_once or len(batch) >= 2 * at_once or size >= _BATCH_SIZE:
            yield batch
            batch, documents, size = [], 0, 0
    if batch:
        yield batch


class _Worker:
    """What a worker process keeps from its start to its end: sent once, not with every batch."""

    preparer: ClassVar[Preparer]


def _start(recipe: Recipe) -> None:
    """Compiles the rules, once a worker process."""
    _Worker.preparer = Preparer(recipe)


def _prepare_batch(batch: list[Begin | Task]) -> Batch:
    return _Worker.preparer.prepare(batch)
