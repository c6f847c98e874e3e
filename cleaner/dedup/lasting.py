"""An index that lasts: what earlier runs entered lies in files, read where they are; what this run enters is in memory until it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.arrays import save
from cleaner.dedup.index import MAX_PER_KEY
from cleaner.dedup.rows import Rows
from cleaner.dedup.runs import Found, Run, Runs, find, keys_of, merged, units_of
from cleaner.dedup.shelf import Chunk, Known, Shelf, chunk_of, joined
from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U64
from cleaner.document import Source, UnitRef

Identify = Callable[[Source], str]
"""What tells a document from all others, in any run: by it a document that is cleaned again is known. Empty: nothing does."""
_MAPPED = 1 << 14
"""Bytes from which on a file is mapped, not read."""
_LOOK_FURTHER = 8
"""How many times as many units are looked at under a key as are wanted, when some of them may not be compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one run of the program or some entered: a run of entries, and the units they lead to."""

    run: Run
    chunk: Chunk

    @classmethod
    def read(cls, folder: Path) -> Part:
        """The part in a folder; of large files nothing is read before it is needed.

        Raises:
            OSError, ValueError, KeyError, TypeError: a file is missing, or is none of ours.
        """
        read = {
            path.stem: np.load(path, mmap_mode="r" if path.stat().st_size > _MAPPED else None, allow_pickle=False)
            for path in folder.glob("*.npy")
        }
        return cls(Run(read.pop("entries"), read.pop("directory")), Chunk(**read))

    def write(self, folder: Path) -> list[Path]:
        """Write it to a new folder; the files that were written."""
        folder.mkdir()
        arrays: dict[str, NDArray[Any]] = {"entries": self.run.entries, "directory": self.run.directory, **self.chunk.parts}
        for name, array in arrays.items():
            save(folder / f"{name}.npy", array)
        return [folder / f"{name}.npy" for name in arrays]


def merged_parts(parts: Sequence[Part], first: int, gone: NDArray[np.bool_]) -> Part:
    """Consecutive parts, the last of an index, as one, without the units that are gone; those after them move up.

    Args:
        parts: in order.
        first: number of the first unit.
        gone: of each unit, whether it is of a document that was cleaned again later; all units of a document are, or none.
    """
    entries = merged([part.run.entries for part in parts])
    chunk = joined([part.chunk for part in parts])
    if not gone.any():
        return Part(Run.of(entries), chunk)
    stays = ~gone
    places = units_of(entries) - first
    numbers = first + np.cumsum(stays) - 1
    kept = stays[places]
    ends, documents, name_ends = (part.astype(np.int64) for part in (chunk.ends, chunk.documents, chunk.name_ends))
    sizes, counts, names = (part - np.append(0, part[:-1]) for part in (ends, documents, name_ends))
    left = stays[documents - 1]
    return Part(
        Run.of(keys_of(entries[kept]) | numbers[places[kept]].astype(np.uint64)),
        Chunk(
            chunk.shingles[np.repeat(stays, sizes)],
            np.cumsum(sizes[stays]),
            chunk.lines[stays],
            np.cumsum(counts[left]),
            chunk.identities[left],
            chunk.origins[left],
            chunk.names[np.repeat(left, names)],
            np.cumsum(names[left]),
        ),
    )


class LastingIndex:
    """Units of one kind, of earlier runs and of this one; see ``Index``.

    A document of an earlier run that this one cleans again is replaced: the new version is compared with what came before the old one, not
    with that itself nor with what came after it, and from then on nothing is compared with the old one. So cleaning the same files
    again flags the same.

    Args:
        parts: of earlier runs, in order.
        gone: shape (units of these,): whether each is of a document that was cleaned again later.
        ever: units that were ever entered, those included that have left.
        identify: how documents are known again.

    Attributes:
        gone: as given, and more as documents are cleaned again.
        ever: as given, and more as units are entered.
    """

    def __init__(self, parts: Sequence[Part], gone: NDArray[np.bool_], ever: int, identify: Identify) -> None:
        self._old = [part.run for part in parts]
        self._runs = Runs(_LOOK_FURTHER * MAX_PER_KEY)
        self._shelf = Shelf([part.chunk for part in parts])
        self._base = len(self._shelf)
        self.ever = ever
        self._identify = identify
        self.gone = gone
        self._earlier = _Documents([part.chunk for part in parts])
        self._known = Known(np.empty(0, np.uint64), np.empty(0, np.int64))
        self._replaced: I64 = np.empty(0, np.int64)
        self._any_gone = bool(gone.any())
        self._bounds: _Bounds | None = None

    def __len__(self) -> int:
        return len(self._shelf)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays in memory: what earlier runs entered lies in files."""
        return self._runs.nbytes + self._shelf.nbytes + self.gone.nbytes + self._earlier.nbytes

    def candidates(self, keys: U64, documents: I64, room: I64) -> Found:
        """See ``Index``."""
        runs = [*self._old, *self._runs.runs]
        if self._bounds is None:
            return find(runs, keys, room)
        # Units that may not be compared stand before those that may: so more are looked at, up to a bound.
        wide = room * _LOOK_FURTHER
        found = find(runs, keys, wide)
        allowed = self._bounds.allows(documents[found.places], found.units)
        order = allowed[np.argsort(found.places[allowed], kind="stable")]
        places, units = found.places[order], found.units[order]
        rank = np.arange(len(places)) - places.searchsorted(places)
        wanted = rank < room[places]
        room -= np.bincount(places[wanted], minlength=len(room))
        return Found(places[wanted], units[wanted])

    def sizes(self, numbers: I64) -> I64:
        """See ``Index``."""
        return self._shelf.sizes(numbers)

    def sets(self, numbers: I64) -> Rows:
        """See ``Index``."""
        return self._shelf.sets(numbers)

    def refs(self, numbers: I64) -> Sequence[UnitRef]:
        """See ``Index``."""
        return self._shelf.refs(numbers)

    def arrive(self, sources: Sequence[Source]) -> None:
        """See ``Index``; from the next batch on nothing is compared with the earlier versions of these documents."""
        self._settle()
        identities = np.array([_hashed(self._identify(source)) for source in sources], np.uint64)
        owners, documents = self._earlier.versions(identities)
        origins = np.full(len(sources), -1)
        origins[owners] = self._earlier.origins[documents]
        self._known = Known(identities, origins)
        self._replaced = documents
        changed = len(documents) > 0 or self._any_gone
        self._bounds = _Bounds(self._base, self.gone, self._earlier, origins, owners, documents) if changed else None

    def add(self, entries: U64, units: Units, chosen: I64, sources: Sequence[Source]) -> None:
        """See ``Index``."""
        self._runs.add(entries)
        self._shelf.add(chunk_of(units, chosen, sources, self.ever, self._known))
        self.ever += len(chosen)

    def entered(self) -> Part | None:
        """What this run entered; None when that is nothing."""
        self._settle()
        return (
            Part(Run.of(merged([run.entries for run in self._runs.runs])), joined(self._shelf.added))
            if self._shelf.added
            else None
        )

    def _settle(self) -> None:
        """What was replaced by the last batch is gone."""
        for document in self._replaced.tolist():
            self.gone[self._earlier.starts[document] : self._earlier.starts[document + 1]] = True
            self._any_gone = True
        self._replaced = self._replaced[:0]


class _Documents:
    """The documents of earlier runs, m of them.

    Attributes:
        starts: shape (m + 1,): number of each one's first unit, and how many units there are.
        identities: shape (m,).
        origins: shape (m,).
    """

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        counts = [np.diff(chunk.documents.astype(np.int64), prepend=0) for chunk in chunks]
        self.starts = np.cumsum(np.concatenate([np.zeros(1, np.int64), *counts]))
        self.identities = np.concatenate([np.empty(0, np.uint64), *(chunk.identities for chunk in chunks)])
        self.origins = np.concatenate([np.empty(0, np.int64), *(chunk.origins for chunk in chunks)])
        self._order = np.argsort(self.identities, kind="stable")
        self._sorted = self.identities[self._order]

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return 8 * (len(self.starts) + 4 * len(self.identities))

    def versions(self, identities: U64) -> tuple[I64, I64]:
        """The earlier versions of some documents: which of them, and the version; those of one come in order."""
        first = self._sorted.searchsorted(identities)
        counts = np.where(identities > 0, self._sorted.searchsorted(identities, side="right") - first, 0)
        owners = np.repeat(np.arange(len(identities)), counts)
        places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        return owners, self._order[places]

    def of(self, numbers: I64) -> I64:
        """The document of each of some units."""
        return self.starts.searchsorted(numbers, side="right") - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """Which units of earlier runs the documents of a batch may be compared with.

    Attributes:
        base: how many units are of earlier runs.
        gone: which of them are of documents that were cleaned again before this batch.
        earlier: the documents of earlier runs.
        origins: of the documents of the batch, -1 for those without an earlier version.
        owners: of which document of the batch each of ``replaced`` is an earlier version.
        replaced: documents of earlier runs that this batch replaces.
    """

    base: int
    gone: NDArray[np.bool_]
    earlier: _Documents
    origins: I64
    owners: I64
    replaced: I64

    def allows(self, documents: I64, numbers: I64) -> I64:
        """Of some pairs of a document of the batch and a unit, the places of those that may be compared."""
        old = np.flatnonzero(numbers < self.base)
        allowed = np.ones(len(numbers), np.bool_)
        allowed[old[self.gone[numbers[old]]]] = False
        theirs, ours = self.earlier.of(numbers[old]), documents[old]
        origins = self.origins[ours]
        allowed[old[(origins >= 0) & (self.earlier.origins[theirs] >= origins)]] = False
        if len(self.replaced):
            # A document that the batch replaces is gone for its new version and for those that come after that.
            order = np.argsort(self.replaced, kind="stable")
            replaced = self.replaced[order]
            at = np.minimum(replaced.searchsorted(theirs), len(replaced) - 1)
            allowed[old[(replaced[at] == theirs) & (self.owners[order][at] <= ours)]] = False
        return np.flatnonzero(allowed)


def _hashed(identity: str) -> int:
    """An identity in 64 bits; 0 is none. Two documents have the same with a chance of 2^-64."""
    if not identity:
        return 0
    return int.from_bytes(hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big") or 1
