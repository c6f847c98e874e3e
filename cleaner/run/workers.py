"""Preparing many documents in order: in this process, or in several with the same result."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
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

_BATCH_DOCUMENTS = 64
_BATCH_SIZE = 1_000_000
"""A batch ends after so many documents, or bytes: large enough that handing it over costs little, small enough to share out."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A new input begins here."""

    file: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document and what is needed to compare it; ``sketch`` is None for rejections and when nothing is compared."""

    file: int
    result: Document | Rejection
    sketch: Sketch | None


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
    """Prepares one document after the other, by one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._pipeline = Pipeline(recipe.rules, recipe.settings)

    def prepare(self, task: Task) -> Prepared:
        """The document of a task, with its sketch when anything will be compared."""
        item = task.item
        result = self._pipeline.prepare(item) if isinstance(item, Raw) else item
        duplicates = self._recipe.settings.duplicates
        if isinstance(result, Rejection) or duplicates.policy is Policy.OFF:
            return Prepared(task.file, result, None)
        from cleaner.dedup.sketch import sketch

        return Prepared(task.file, result, sketch(result, duplicates, across=self._recipe.across))


def prepare_all(tasks: Iterable[Begin | Task], recipe: Recipe, workers: int) -> Iterator[Begin | Prepared]:
    """Every task prepared, in order.

    Args:
        tasks: what was read, in input order; it is read as work proceeds.
        recipe: how to prepare.
        workers: processes; 1 works in this one.

    Raises:
        RunError: a worker process was killed from outside.
    """
    if workers == 1:
        preparer = Preparer(recipe)
        yield from (task if isinstance(task, Begin) else preparer.prepare(task) for task in tasks)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(recipe,)) as pool:
        waiting: deque[Future[list[Begin | Prepared]]] = deque()
        batches = _batches(tasks)
        try:
            for batch in islice(batches, 2 * workers):
                waiting.append(pool.submit(_prepare_batch, batch))
            while waiting:
                yield from waiting.popleft().result()
                waiting.extend(pool.submit(_prepare_batch, batch) for batch in islice(batches, 1))
        except BrokenProcessPool as error:
            raise RunError(
                "a worker process was killed (out of memory?); the run is not finished: try again with fewer --workers"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batches(tasks: Iterable[Begin | Task]) -> Iterator[list[Begin | Task]]:
    batch: list[Begin | Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        if isinstance(task, Task) and isinstance(task.item, Raw):
            size += len(task.item.data)
        if len(batch) >= _BATCH_DOCUMENTS or size >= _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Worker:
    """What a worker process keeps from its start to its end: sent once, not with every batch."""

    preparer: ClassVar[Preparer]


def _start(recipe: Recipe) -> None:
    """Compiles the rules, once a worker process."""
    _Worker.preparer = Preparer(recipe)


def _prepare_batch(batch: list[Begin | Task]) -> list[Begin | Prepared]:
    return [task if isinstance(task, Begin) else _Worker.preparer.prepare(task) for task in batch]
