"""Keys and the units entered under them, as sorted runs of NumPy arrays: eight bytes an entry, in memory or in a file.

An entry is ``key << 32 | unit``, so a run sorted once answers for a key with its units in rising order. New entries make runs of their
own; a log-structured merge (O'Neil et al., Acta Informatica 33, 1996) keeps runs few: each level holds up to four times what the
level before does. It stands where a dict of lists would cost 100 bytes an entry, or ``MinHashLSH`` 5.6 KB a passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cleaner.dedup.rows import taken
from cleaner.dedup.tokens import I64, U32, U64

_LOW = np.uint64(0xFFFFFFFF)
"""Lower half of an entry; no unit has that number."""
_SHIFT = np.uint64(32)
_ALIKE = np.uint64(33)
"""How far entries are shifted to compare keys but for their last bit."""
_FIRST_LEVEL = 1 << 16
_RATIO = 4
_BUCKET = 3
"""Entries of a bucket of a directory, as a power of two, or up to twice as many: .5 bytes an entry."""
_STEPS = 5
"""Steps to find an entry in a bucket of fewer than 2^5; larger ones are of keys that many units have."""
_SMALL = 1 << 12
"""Entries below which a run needs no directory."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Sorted entries.

    Attributes:
        entries: of keys and units.
        directory: where the entries of each bucket begin, and where those of the last end: buckets are named by the first bits of keys. A
            plain binary search through millions of entries waits for memory at every other step.
    """

    entries: U64
    directory: U32

    @classmethod
    def of(cls, entries: U64) -> Run:
        """A run of sorted entries."""
        bits = max(0, len(entries).bit_length() - 1 - _BUCKET) if len(entries) >= _SMALL else 0
        buckets = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits) if bits else np.zeros(1, np.uint64)
        return cls(entries, np.append(entries.searchsorted(buckets), len(entries)).astype(np.uint32))

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return self.entries.nbytes + self.directory.nbytes

    def places(self, keys: U64) -> I64:
        """The first entry that is not less than each of some keys."""
        if len(self.directory) == 2:
            return self.entries.searchsorted(keys)
        bits = len(self.directory).bit_length() - 1
        bucket = (keys >> np.uint64(64 - bits)).astype(np.int64)
        places = self.directory.take(bucket).astype(np.int64)
        crowded = np.flatnonzero(self.directory.take(bucket + 1) - places >= 1 << _STEPS)
        # All at once and without a look at where a bucket ends: entries behind it are greater than the key in any case.
        for step in (1 << step for step in reversed(range(_STEPS))):
            places += (self.entries.take(places + (step - 1), mode="clip") < keys) * step
        places[crowded] = self.entries.searchsorted(keys[crowded])
        return np.minimum(places, len(self))


class Found(NamedTuple):
    """What stands under some keys: for each hit the place of the key and a unit; the units of a key rise."""

    places: I64
    units: I64


def entries_of(keys: U32, units: U64) -> U64:
    """Sorted entries, each once."""
    run = keys.astype(np.uint64) << _SHIFT
    run |= units
    run.sort()
    if len(run):
        run = run[np.append(True, run[1:] != run[:-1])]
    return run


def keys_of(entries: U64) -> U64:
    """The key of each entry, in the upper half of 64 bits: what ``find`` looks for."""
    return entries & ~_LOW


def units_of(entries: U64) -> I64:
    """The unit of each entry."""
    return (entries & _LOW).astype(np.int64)


def find(runs: Sequence[Run], keys: U64, room: I64) -> Found:
    """The first units entered under each of some keys.

    Args:
        runs: all units of one are less than those of the next.
        keys: in the upper half of 64 bits, sorted; they may repeat.
        room: how many units are wanted of each; what was found is taken off.
    """
    places: list[I64] = [np.empty(0, np.int64)]
    units: list[I64] = [np.empty(0, np.int64)]
    # Many keys repeat, or differ in the last bit alone (see ``seen``), and most stand nowhere: so one search for all that are alike
    # tells which may be there, and only for those it is told from where to where.
    alike = keys >> _ALIKE
    fresh = np.append(True, alike[1:] != alike[:-1]) if len(keys) else np.empty(0, np.bool_)
    names, owners = alike[fresh], np.cumsum(fresh) - 1
    least = names << _ALIKE
    for run in runs:
        if not len(run):
            continue
        there = run.entries[np.minimum(run.places(least), len(run) - 1)] >> _ALIKE == names
        hits = np.flatnonzero(there[owners] & (room > 0))
        first = run.places(keys[hits])
        counts = np.minimum(run.places(keys[hits] | _LOW) - first, room[hits])
        room[hits] -= counts
        places.append(np.repeat(hits, counts))
        units.append(units_of(taken(run.entries, first, counts)))
    return Found(np.concatenate(places), np.concatenate(units))


class Runs:
    """Entries that grow; units come in rising order, from call to call too.

    Args:
        most: units wanted under one key; more may be forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._levels: list[Run] = []

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return sum(level.nbytes for level in self._levels)

    @property
    def runs(self) -> list[Run]:
        """All entries, the oldest first."""
        return self._levels[::-1]

    def add(self, entries: U64) -> None:
        """Take in sorted entries whose units are all greater than any before."""
        size = _FIRST_LEVEL
        for at, level in enumerate(self._levels):
            entries = _first_of_each(merged([level.entries, entries]), self._most)
            if len(entries) <= size:
                self._levels[at] = Run.of(entries)
                return
            self._levels[at] = Run.of(entries[:0])
            size *= _RATIO
        self._levels.append(Run.of(entries))


def _first_of_each(entries: U64, most: int) -> U64:
    """Sorted entries but for those behind the first so many of their key: a line in 50,000 variations would fill every run with them."""
    behind = np.zeros(len(entries), np.bool_)
    for start in range(
        most, len(entries), _FIRST_LEVEL
    ):  # bit by bit, or what is compared would take as much memory as the entries
        piece = entries[start : start + _FIRST_LEVEL]
        before = entries[start - most : start - most + len(piece)]
        np.less_equal(piece ^ before, _LOW, out=behind[start : start + len(piece)])
    return entries[~behind] if behind.any() else entries


def merged(parts: Sequence[U64]) -> U64:
    """Sorted entries of several."""
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    joined = np.concatenate(filled) if filled else np.empty(0, np.uint64)
    joined.sort(kind="stable")  # timsort: two runs in order are merged at 2.5 ns an entry
    return joined
