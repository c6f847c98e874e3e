"""The units that are remembered: what verifies them, and where each stands; numbered from 0, in the order they came."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U32, U64
from cleaner.document import Source, UnitRef

_CHUNK = 1 << 18
"""Shingles from which on a chunk is left as it is: 1 MiB. Joining smaller ones keeps what lies around the arrays small."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Units of some documents, n of m; ragged rows lie end to end, and ``ends`` tell where each ends.

    Attributes:
        shingles: shingle sets.
        ends: shape (n,), of ``shingles``.
        lines: shape (n,): first line of each, from 1; 0 for a whole document.
        documents: shape (m,): units up to and with each document.
        identities: shape (m,), or none in an index that does not last: by it a document of a later run is known as this one again; 0: it is not.
        origins: shape (m,) likewise, rising but for new versions of documents: how many units came before the earliest version.
        names: one JSON object a document.
        name_ends: shape (m,), of ``names``.
    """

    shingles: U32
    ends: NDArray[Any]
    lines: U32
    documents: NDArray[Any]
    identities: U64
    origins: I64
    names: NDArray[np.uint8]
    name_ends: NDArray[Any]

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def parts(self) -> Mapping[str, NDArray[Any]]:
        """Its arrays by name, as they are kept in files."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return sum(part.nbytes for part in self.parts.values())

    def set_of(self, unit: int) -> U32:
        """The shingle set of a unit."""
        return self.shingles[int(self.ends[unit - 1]) if unit else 0 : int(self.ends[unit])]

    def units_of(self, document: int) -> range:
        """The units of a document."""
        return range(int(self.documents[document - 1]) if document else 0, int(self.documents[document]))

    def source_of(self, unit: int) -> Source:
        """Where the document of a unit came from."""
        document = int(self.documents.searchsorted(unit, side="right"))
        start = int(self.name_ends[document - 1]) if document else 0
        told = json.loads(self.names[start : int(self.name_ends[document])].tobytes())
        return Source(told["input"], told.get("record"), told.get("id", told["input"]))


class Known(NamedTuple):
    """What a lasting index knows of the documents of a batch.

    Attributes:
        identities: see ``Chunk``.
        origins: likewise; -1 for a document without an earlier version.
    """

    identities: U64
    origins: I64


def chunk_of(units: Units, chosen: I64, sources: Sequence[Source], first: int, known: Known | None = None) -> Chunk:
    """A chunk of some units.

    Args:
        units: of a batch of documents.
        chosen: which of them, sorted; not empty.
        sources: where each document of the batch came from.
        first: how many units came before these.
        known: of each document of the batch.
    """
    wanted = np.zeros(len(units), np.bool_)
    wanted[chosen] = True
    sizes = np.diff(units.offsets)
    documents, counts = np.unique(units.documents[chosen], return_counts=True)
    names = [_told(sources[document]) for document in documents.tolist()]
    own = first + np.cumsum(counts) - counts
    origins = known.origins[documents] if known is not None else np.full(len(documents), -1)
    return Chunk(
        units.hashes[np.repeat(wanted, sizes)],
        np.cumsum(sizes[chosen], dtype=np.uint32),
        units.lines[chosen, 0].astype(np.uint32),
        np.cumsum(counts, dtype=np.uint32),
        known.identities[documents] if known is not None else np.empty(0, np.uint64),
        np.where(origins < 0, own, origins) if known is not None else np.empty(0, np.int64),
        np.frombuffer(b"".join(names), np.uint8),
        np.cumsum([len(name) for name in names], dtype=np.uint32),
    )


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Several chunks as one."""
    return Chunk(
        np.concatenate([chunk.shingles for chunk in chunks]),
        _running([chunk.ends for chunk in chunks]),
        np.concatenate([chunk.lines for chunk in chunks]),
        _running([chunk.documents for chunk in chunks]),
        np.concatenate([chunk.identities for chunk in chunks]),
        np.concatenate([chunk.origins for chunk in chunks]),
        np.concatenate([chunk.names for chunk in chunks]),
        _running([chunk.name_ends for chunk in chunks]),
    )


def _running(ends: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Ends of rows of several chunks as those of one: in 32 bits where they fit."""
    totals = [int(one[-1]) for one in ends]
    starts = np.cumsum([0, *totals[:-1]]).tolist()
    found = np.concatenate([one.astype(np.int64) + start for one, start in zip(ends, starts, strict=True)])
    return found.astype(np.uint32) if sum(totals) < 1 << 32 else found


def _told(source: Source) -> bytes:
    told: dict[str, Any] = {"input": source.input}
    if source.record is not None:
        told["record"] = source.record
    if source.id != source.input:
        told["id"] = source.id
    return json.dumps(told).encode()


class Shelf:
    """Chunks of units, in the order they came.

    Args:
        chunks: those to begin with, which are left as they are.
    """

    def __init__(self, chunks: Sequence[Chunk] = ()) -> None:
        self._chunks: list[Chunk] = []
        self._firsts: list[int] = []
        self._count = 0
        for chunk in chunks:
            self._put(chunk)
        self._fixed = len(chunks)

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory that the chunks take that were added, in bytes."""
        return sum(chunk.nbytes for chunk in self.added)

    @property
    def added(self) -> Sequence[Chunk]:
        """The chunks that were added."""
        return self._chunks[self._fixed :]

    def add(self, chunk: Chunk) -> int:
        """Take in a chunk; the number of its first unit."""
        first = self._count
        self._put(chunk)
        # As long as two are small and of like size they become one, so that each unit is moved a few times at most.
        while len(self._chunks) > self._fixed + 1 and _small(*self._chunks[-2:]):
            last = self._chunks.pop()
            self._firsts.pop()
            self._chunks[-1] = joined([self._chunks[-1], last])
        return first

    def _put(self, chunk: Chunk) -> None:
        self._firsts.append(self._count)
        self._chunks.append(chunk)
        self._count += len(chunk)

    def sets(self, numbers: I64) -> list[U32]:
        """The shingle set of each of some units."""
        found = []
        for number in numbers.tolist():
            at = bisect_right(self._firsts, number) - 1
            found.append(self._chunks[at].set_of(number - self._firsts[at]))
        return found

    def sizes(self, numbers: I64) -> I64:
        """How many shingles each of some units has."""
        sizes = np.empty(len(numbers), np.int64)
        at = np.searchsorted(self._firsts, numbers, side="right") - 1
        for place in np.unique(at).tolist():
            here = at == place
            chunk, inside = self._chunks[place], numbers[here] - self._firsts[place]
            ends = chunk.ends[inside].astype(np.int64)
            sizes[here] = ends - np.where(inside > 0, chunk.ends[inside - 1], 0)
        return sizes

    def ref(self, number: int) -> UnitRef:
        """What a unit is shown as."""
        at = bisect_right(self._firsts, number) - 1
        chunk, unit = self._chunks[at], number - self._firsts[at]
        return UnitRef(chunk.source_of(unit), int(chunk.lines[unit]) or None, earlier=at < self._fixed)


def _small(one: Chunk, other: Chunk) -> bool:
    return len(one.shingles) < _CHUNK and len(one.shingles) < 2 * len(other.shingles)
