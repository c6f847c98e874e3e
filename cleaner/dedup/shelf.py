"""The units that are remembered: what verifies them, and where each stands; numbered from 0, in the order they came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.rows import Rows, offsets_of, taken
from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U32, U64
from cleaner.document import Source, UnitRef

_CHUNK = 1 << 18
"""Shingles up to which a chunk is joined with the next in any case: 1 MiB."""
_CHUNKS = 16
"""A chunk with so great a part of all shingles is left as it is: of a million passages there are some sixty, and what joining them
leaves unused between arrays is small."""


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

    def rows_of(self, units: I64) -> tuple[I64, I64]:
        """Where the shingle sets of some units begin, and how large they are."""
        ends = self.ends[units].astype(np.int64)
        starts = np.where(units > 0, self.ends[units - 1], 0).astype(np.int64)
        return starts, ends - starts

    def units_of(self, document: int) -> range:
        """The units of a document."""
        return range(int(self.documents[document - 1]) if document else 0, int(self.documents[document]))

    def refs(self, units: I64, *, earlier: bool) -> list[UnitRef]:
        """What some units are shown as."""
        # A number of another type than the array has would turn all of the array into that type, at each call.
        documents = self.documents.searchsorted(units.astype(self.documents.dtype), side="right")
        distinct, places = np.unique(documents, return_inverse=True)
        ends = self.name_ends[distinct].tolist()
        starts = np.where(distinct > 0, self.name_ends[distinct - 1], 0).tolist()
        names = [self.names[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]
        sources = [
            Source(told["input"], told.get("record"), told.get("id", told["input"]))
            for told in json.loads((b"[" + b",".join(names) + b"]").decode())
        ]
        return [
            UnitRef(sources[place], line or None, earlier)
            for place, line in zip(places.tolist(), self.lines[units].tolist(), strict=True)
        ]


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
        self._count = self._shingles = 0
        for chunk in chunks:
            self._put(chunk)
        self._fixed, self._shingles = len(chunks), 0

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
        # As long as two are of like size, and small beside all that there are, they become one: so chunks stay few, each unit is moved a few times
        # at most, and what is copied meanwhile is small beside the rest.
        large = max(_CHUNK, self._shingles // _CHUNKS)
        while len(self._chunks) > self._fixed + 1 and len(self._chunks[-2].shingles) < min(
            large, 2 * len(self._chunks[-1].shingles)
        ):
            last = self._chunks.pop()
            self._firsts.pop()
            self._chunks[-1] = joined([self._chunks[-1], last])
        return first

    def _put(self, chunk: Chunk) -> None:
        self._firsts.append(self._count)
        self._chunks.append(chunk)
        self._count += len(chunk)
        self._shingles += len(chunk.shingles)

    def sets(self, numbers: I64) -> Rows:
        """The shingle sets of some units; their numbers rise, and may repeat."""
        values: list[U32] = [np.empty(0, np.uint32)]
        sizes: list[I64] = [np.empty(0, np.int64)]
        for chunk, units, _ in self._by_chunk(numbers):
            starts, counts = chunk.rows_of(units)
            values.append(taken(chunk.shingles, starts, counts))
            sizes.append(counts)
        return Rows(np.concatenate(values), offsets_of(np.concatenate(sizes)))

    def sizes(self, numbers: I64) -> I64:
        """How many shingles each of some units has; their numbers rise, and may repeat."""
        sizes: list[I64] = [np.empty(0, np.int64)]
        sizes += [chunk.rows_of(units)[1] for chunk, units, _ in self._by_chunk(numbers)]
        return np.concatenate(sizes)

    def refs(self, numbers: I64) -> list[UnitRef]:
        """What some units are shown as; their numbers rise, and may repeat."""
        return [ref for chunk, units, earlier in self._by_chunk(numbers) for ref in chunk.refs(units, earlier=earlier)]

    def _by_chunk(self, numbers: I64) -> Iterator[tuple[Chunk, I64, bool]]:
        """Each chunk that has some of the units; which of its own these are; and whether it was there to begin with."""
        edges = numbers.searchsorted([*self._firsts, self._count]).tolist()
        for at, (start, stop) in enumerate(pairwise(edges)):
            if start < stop:
                yield self._chunks[at], numbers[start:stop] - self._firsts[at], at < self._fixed
