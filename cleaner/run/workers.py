"""Preparing many documents in order: in this process, or in several with the same result."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from cleaner.dedup.settings import Policy
from cleaner.document import Document, Raw, Rejection
from cleaner.pipeline import Pipeline
from cleaner.rules.model import RuleSet
from cleaner.run.journal import key_of
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
    """What became of a task.

    Attributes:
        file: number of the input.
        result: what became of it.
        key: what it is remembered by in a journal; None when it is remembered already, or was rejected.
    """

    file: int
    result: Document | Rejection
    key: bytes | None = None


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
            replace(item, result=next(left)) if isinstance(item, Prepared) and isinstance(item.result, Document) else item
            for item in self.items
        ]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that was read from an input and is to be prepared.

    Attributes:
        file: number of the input.
        item: what was read.
        known: what a run that was cut off made of it.
    """

    file: int
    item: Raw | Rejection
    known: Document | None = None


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
        raws = [task.item for task in tasks if isinstance(task, Task) and isinstance(task.item, Raw) and task.known is None]
        results = iter(self._pipeline.prepare_all(raws))
        batch = Batch([task if isinstance(task, Begin) else self._prepared(task, results) for task in tasks], None)
        duplicates = self._recipe.settings.duplicates
        if duplicates.policy is Policy.OFF:
            return batch
        from cleaner.dedup.sketch import sketch

        return Batch(batch.items, sketch(batch.documents, duplicates, across=self._recipe.across))

    def _prepared(self, task: Task, results: Iterator[Document | Rejection]) -> Prepared:
        """What came of a task: what it is when that was not read, what is known of it, else the next of the results."""
        if isinstance(task.item, Rejection):
            return Prepared(task.file, task.item)
        if task.known is not None:
            return Prepared(task.file, self._pipeline.again(task.item, task.known))
        result = next(results)
        return Prepared(task.file, result, key_of(task.item, result.sha256) if isinstance(result, Document) else None)


def prepare_all(
    tasks: Iterable[Begin | Task], recipe: Recipe, workers: int, *, at_once: int = BATCH_DOCUMENTS
) -> Iterator[Batch]:
    """Every task prepared, in order, batch by batch.

    Args:
        tasks: what was read, in input order; it is read as work proceeds.
        recipe: how to prepare.
        workers: processes; 1 works in this one.
        at_once: documents that are read before the first of them is prepared, at most; the result does not depend on it.
    """
    if workers == 1:
        yield from prepare_batches(tasks, Preparer(recipe), at_once)
        return
    yield from _Crew(recipe, workers).prepare(_batches(tasks, at_once))


class _Crew:
    """Worker processes; those that the system kills are replaced, and what they had in hand is done again."""

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self._workers = workers

    def prepare(self, batches: Iterator[list[Begin | Task]]) -> Iterator[Batch]:
        """Every batch prepared, in order."""
        pool = self._pool(self._workers)
        waiting: deque[tuple[list[Begin | Task], Future[Batch]]] = deque()
        try:
            while True:
                for batch in islice(batches, 2 * self._workers - len(waiting)):
                    waiting.append((batch, pool.submit(_prepare_batch, batch)))
                if not waiting:
                    return
                try:
                    yield waiting[0][1].result()
                    waiting.popleft()
                except BrokenProcessPool:
                    # All that was in hand is lost, and any of it may have been the cause: it is done again with care.
                    pool.shutdown(cancel_futures=True)
                    lost = [batch for batch, _ in waiting]
                    waiting.clear()
                    for batch in lost:
                        yield from self._carefully(batch)
                    pool = self._pool(self._workers)
        finally:
            pool.shutdown(cancel_futures=True)

    def _carefully(self, batch: list[Begin | Task]) -> Iterator[Batch]:
        """A batch whose worker may have been killed by it: as a whole, then one by one, and what kills its worker twice is rejected."""
        done = self._alone(batch)
        if done is not None:
            yield done
            return
        for task in batch:
            done = self._alone([task]) or (self._alone([task]) if len(batch) > 1 else None)
            yield done if done is not None else Batch([_killed(task)], None)

    def _alone(self, batch: list[Begin | Task]) -> Batch | None:
        """A batch prepared by a worker of its own; None when that was killed."""
        with self._pool(1) as pool:
            try:
                return pool.submit(_prepare_batch, batch).result()
            except BrokenProcessPool:
                return None

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, initializer=_start, initargs=(self._recipe,))


def _killed(task: Begin | Task) -> Begin | Prepared:
    """What becomes of a document that no worker survives."""
    if isinstance(task, Begin):
        return task
    if isinstance(task.item, Rejection):
        return Prepared(task.file, task.item)
    detail = "the process that cleaned it was killed twice, perhaps for want of memory; clean it alone with more memory, or leave it out"
    return Prepared(task.file, Rejection(task.item.source, "killed-worker", detail))


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
            size += max(len(task.item.data), task.item.size) if isinstance(task.item, Raw) else 0
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
    """Compiles the rules, once a worker process; who is told to stop is the process that reads and writes, and it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _Worker.preparer = Preparer(recipe)


def _prepare_batch(batch: list[Begin | Task]) -> Batch:
    return _Worker.preparer.prepare(batch)
