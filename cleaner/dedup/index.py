"""Who was seen before: the protocol of an index, and the one that lasts as long as the process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cleaner.dedup.rows import Rows
from cleaner.dedup.runs import Found, Runs, find
from cleaner.dedup.shelf import Shelf, chunk_of
from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U64
from cleaner.document import Source, UnitRef

MAX_PER_KEY = 128
"""Units that one key leads to: the first that were entered. Without a bound a stock phrase in a million passages leads to them all."""


class Index(Protocol):
    """Units of one kind, numbered from 0 in the order in which they came; it only proposes, and whoever asks verifies.

    What an index answers depends on what was added, in which order, and on nothing else: not on how that was cut into batches.
    """

    def __len__(self) -> int:
        """How many units were added."""

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays in memory."""

    def arrive(self, sources: Sequence[Source]) -> None:
        """Documents that are about to be compared, and then entered: those of the next batch, in order."""

    def candidates(self, keys: U64, documents: I64, room: I64) -> Found:
        """The first units entered under each of some keys that may be compared with the document that asks.

        Args:
            keys: in the upper half of 64 bits, sorted; they may repeat.
            documents: which of those that arrived asks for each.
            room: how many units are wanted of each; what was found is taken off.
        """

    def sizes(self, numbers: I64) -> I64:
        """How many shingles each of some units has; their numbers rise, and may repeat."""

    def sets(self, numbers: I64) -> Rows:
        """The shingle sets of some units, sorted and unique; the numbers rise, and may repeat."""

    def refs(self, numbers: I64) -> Sequence[UnitRef]:
        """What some units are shown as; their numbers rise, and may repeat."""

    def add(self, entries: U64, units: Units, chosen: I64, sources: Sequence[Source]) -> None:
        """Take in units.

        Args:
            entries: a sorted run of their keys and numbers, which go on from ``len(index)``.
            units: of a batch of documents.
            chosen: which of them, sorted.
            sources: where each document of the batch came from.
        """


class MemoryIndex:
    """An index in memory: 8 bytes a key, 4 bytes a shingle, about 16 bytes a unit."""

    def __init__(self) -> None:
        self._runs = Runs(MAX_PER_KEY)
        self._shelf = Shelf()

    def __len__(self) -> int:
        return len(self._shelf)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self._runs.nbytes + self._shelf.nbytes

    def arrive(self, sources: Sequence[Source]) -> None:
        """See ``Index``; no document came before, so each may be compared with all."""

    def candidates(self, keys: U64, documents: I64, room: I64) -> Found:  # noqa: ARG002  # see above
        """See ``Index``."""
        return find(self._runs.runs, keys, room)

    def sizes(self, numbers: I64) -> I64:
        """See ``Index``."""
        return self._shelf.sizes(numbers)

    def sets(self, numbers: I64) -> Rows:
        """See ``Index``."""
        return self._shelf.sets(numbers)

    def refs(self, numbers: I64) -> Sequence[UnitRef]:
        """See ``Index``."""
        return self._shelf.refs(numbers)

    def add(self, entries: U64, units: Units, chosen: I64, sources: Sequence[Source]) -> None:
        """See ``Index``."""
        self._runs.add(entries)
        self._shelf.add(chunk_of(units, chosen, sources, len(self._shelf)))
