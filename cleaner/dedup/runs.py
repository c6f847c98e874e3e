"""Keys and the units entered under them, as sorted runs of NumPy arrays: eight bytes an entry, in memory or in a file.

An entry is ``key << 32 | unit``, so a run sorted once answers for a key with its units in rising order. New entries make runs of their
own; a log-structured merge (O'Neil et al., Acta Informatica 33, 1996) keeps runs few: each level holds up to four times what the
level before does. It stands where a dict of lists would cost 100 bytes an entry, or ``MinHashLSH`` 5.6 KB a passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cleaner.dedup.tokens import I64, U32, U64

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_FIRST_LEVEL = 1 << 16
_RATIO = 4


class Found(NamedTuple):
    """What stands under some keys: for each hit the place of the key and a unit; the units of a key rise."""

    places: I64
    units: I64


def entries(keys: U32, units: U64) -> U64:
    """A sorted run of some entries, each once."""
    run = keys.astype(np.uint64) << _SHIFT
    run |= units
    run.sort()
    if len(run):
        run = run[np.append(True, run[1:] != run[:-1])]
    return run


def keys_of(run: U64) -> U64:
    """The key of each entry, in the upper half of 64 bits: what ``find`` looks for."""
    return run & ~_LOW


def units_of(run: U64) -> I64:
    """The unit of each entry."""
    return (run & _LOW).astype(np.int64)


def find(runs: Sequence[U64], keys: U64, room: I64) -> Found:
    """The first units entered under each of some keys.

    Args:
        runs: sorted; all units of one are less than those of the next.
        keys: in the upper half of 64 bits, sorted; they may repeat.
        room: how many units are wanted of each; what was found is taken off.
    """
    places: list[I64] = [np.empty(0, np.int64)]
    units: list[I64] = [np.empty(0, np.int64)]
    for run in runs:
        if not len(run):
            continue
        # Most keys stand nowhere: one search tells where they would, a second how far, for those that do.
        first = run.searchsorted(keys)
        hits = np.flatnonzero((run[np.minimum(first, len(run) - 1)] & ~_LOW) == keys)
        hits = hits[room[hits] > 0]
        if not len(hits):
            continue
        first = first[hits]
        counts = np.minimum(run.searchsorted(keys[hits] | _LOW, side="right") - first, room[hits])
        room[hits] -= counts
        ends = np.cumsum(counts)
        within = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
        places.append(np.repeat(hits, counts))
        units.append(units_of(run[np.repeat(first, counts) + within]))
    return Found(np.concatenate(places), np.concatenate(units))


class Runs:
    """Entries that grow; units come in rising order, from call to call too."""

    def __init__(self) -> None:
        self._levels: list[U64] = []

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return sum(level.nbytes for level in self._levels)

    @property
    def runs(self) -> list[U64]:
        """All entries, as sorted runs, the oldest first."""
        return self._levels[::-1]

    def add(self, run: U64) -> None:
        """Take in a sorted run of entries whose units are all greater than any before."""
        size = _FIRST_LEVEL
        for at, level in enumerate(self._levels):
            run = merged([level, run])
            if len(run) <= size:
                self._levels[at] = run
                return
            self._levels[at] = run[:0]
            size *= _RATIO
        self._levels.append(run)


def merged(runs: Sequence[U64]) -> U64:
    """One sorted run of several."""
    filled = [run for run in runs if len(run)]
    if len(filled) == 1:
        return filled[0]
    joined = np.concatenate(filled) if filled else np.empty(0, np.uint64)
    joined.sort(kind="stable")  # timsort: two runs in order are merged at 2.5 ns an entry
    return joined
