"""What a run takes over from one that was cut off, and what it notes for one that may come after it."""

from __future__ import annotations

from cleaner.run.batches import Batch, Prepared
from cleaner.run.journal import Journal
from cleaner.run.watch import Meter


class Reuse:
    """Keeps a journal, and counts; of a damaged one a person is told, once.

    Args:
        journal: of the run; None: it has none.
        meter: is told.

    Attributes:
        documents: how many were taken over.
    """

    def __init__(self, journal: Journal | None, meter: Meter) -> None:
        self.documents = 0
        self._journal = journal
        self._meter = meter
        self._told = False
        if journal is not None and journal.held.damage is not None:
            self._tell(f"is damaged ({journal.held.damage}): what stands before that is taken over, the rest is done again")

    def note(self, batch: Batch) -> None:
        """What was prepared, on the disk before anything is made of it."""
        if self._journal is None:
            return
        for item in batch.items:
            if not isinstance(item, Prepared):
                continue
            self.documents += item.reused
            if item.false:
                self._tell("holds entries that are none of cleaner's: these documents are done again")
            if item.entry is not None:
                self._journal.add(item.entry.key, item.entry.frame)
        self._journal.flush()

    def _tell(self, what: str) -> None:
        if self._journal is not None and not self._told:
            self._told = True
            self._meter.note(f"{self._journal.path} {what}")
