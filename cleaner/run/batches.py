"""What goes to the processes that prepare documents, and what comes back: tasks, and batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from cleaner.document import Document, Raw, Rejection
from cleaner.report import RunReport
from cleaner.run.made import Made
from cleaner.writers import Target

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
class Task:
    """Something that was read from an input and is to be prepared.

    Attributes:
        file: number of the input.
        item: what was read.
        known: frame of what a run that was cut off made of it.
        target: what it is written as; None: nothing.
        early: whether it is among the first of the run.
    """

    file: int
    item: Raw | Rejection
    known: bytes | None = None
    target: Target | None = None
    early: bool = False


Step: TypeAlias = Begin | Task


@dataclass(frozen=True, slots=True)
class Entry:
    """What a journal remembers a document by."""

    key: bytes
    frame: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a task.

    Attributes:
        task: what it was, without what was read.
        result: what became of it.
        entry: for the journal; None when it is known there, was rejected, or nothing is remembered.
        reused: whether it is what a run that was cut off had made.
        false: whether what that was said to have made was none.
        made: what is written of it; None until that is known.
    """

    task: Task
    result: Document | Rejection
    entry: Entry | None = None
    reused: bool = False
    false: bool = False
    made: Made | None = None


Item: TypeAlias = Begin | Prepared


@dataclass(frozen=True, slots=True)
class Batch:
    """Some tasks, prepared.

    Attributes:
        items: what became of each, in order, what begins a file in its place.
        sketch: what is needed to compare the documents among them; None when nothing is compared.
        report: counts of the documents, their near-duplicates apart; None until what is written of them is made.
    """

    items: Sequence[Item]
    sketch: Sketch | None = None
    report: RunReport | None = None

    @property
    def documents(self) -> list[Document]:
        """The documents among the items."""
        return [item.result for item in self.items if isinstance(item, Prepared) and isinstance(item.result, Document)]

    def judged(self, documents: Iterable[Document]) -> Batch:
        """The batch with these in place of the documents."""
        left = iter(documents)
        return replace(self, items=[_with_next(item, left) for item in self.items])


def _with_next(item: Item, documents: Iterator[Document]) -> Item:
    """An item with the next document in place of its own, if it has one."""
    if not isinstance(item, Prepared) or isinstance(item.result, Rejection):
        return item
    document = next(documents)
    return item if document is item.result else replace(item, result=document)


def batches(tasks: Iterable[Step], at_once: int) -> Iterator[list[Step]]:
    """Tasks in batches, in order.

    Args:
        tasks: what was read.
        at_once: documents of a batch, at most.
    """
    batch: list[Step] = []
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
