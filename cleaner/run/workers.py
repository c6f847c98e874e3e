"""Preparing many documents in order: in this process, or in several with the same result."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import islice
from typing import ClassVar

from cleaner.document import Rejection
from cleaner.run import collector
from cleaner.run.batches import BATCH_DOCUMENTS, Batch, Begin, Item, Prepared, Step, batches
from cleaner.run.preparer import Preparer, Recipe


def prepare_all(tasks: Iterable[Step], recipe: Recipe, workers: int, *, at_once: int = BATCH_DOCUMENTS) -> Iterator[Batch]:
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
    yield from _Crew(recipe, workers).prepare(batches(tasks, at_once))


class _Crew:
    """Worker processes; those that the system kills are replaced, and what they had in hand is done again."""

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self._workers = workers

    def prepare(self, batches: Iterator[list[Step]]) -> Iterator[Batch]:
        """Every batch prepared, in order."""
        pool = self._pool(self._workers)
        waiting: deque[tuple[list[Step], Future[Batch]]] = deque()
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

    def _carefully(self, batch: list[Step]) -> Iterator[Batch]:
        """A batch whose worker may have been killed by it: as a whole, then one by one, and what kills its worker twice is rejected."""
        done = self._alone(batch)
        if done is not None:
            yield done
            return
        for task in batch:
            done = self._alone([task]) or (self._alone([task]) if len(batch) > 1 else None)
            yield done if done is not None else Batch([_killed(task)])

    def _alone(self, batch: list[Step]) -> Batch | None:
        """A batch prepared by a worker of its own; None when that was killed."""
        with self._pool(1) as pool:
            try:
                return pool.submit(_prepare_batch, batch).result()
            except BrokenProcessPool:
                return None

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, initializer=_start, initargs=(self._recipe,))


def _killed(task: Step) -> Item:
    """What becomes of a document that no worker survives."""
    if isinstance(task, Begin):
        return task
    if isinstance(task.item, Rejection):
        return Prepared(task, task.item)
    detail = "the process that cleaned it was killed twice, perhaps for want of memory; clean it alone with more memory, or leave it out"
    return Prepared(task, Rejection(task.item.source, "killed-worker", detail))


def prepare_batches(tasks: Iterable[Step], preparer: Preparer, at_once: int) -> Iterator[Batch]:
    """Every task prepared in this process, in order; ``at_once`` as for ``prepare_all``."""
    with collector.seldom():
        for batch in batches(tasks, at_once):
            yield preparer.prepare(batch)


class _Worker:
    """What a worker process keeps from its start to its end: sent once, not with every batch."""

    preparer: ClassVar[Preparer]


def _start(recipe: Recipe) -> None:
    """Compiles the rules, once a worker process; who is told to stop is the process that reads and writes, and it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _Worker.preparer = Preparer(recipe)
    ExitStack().enter_context(collector.seldom())  # to the worker's end


def _prepare_batch(batch: list[Step]) -> Batch:
    return _Worker.preparer.prepare(batch)
