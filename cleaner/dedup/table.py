"""A hash table from 32-bit keys to the numbers of units, several to a key, in two flat NumPy arrays: 8 bytes a slot.

It stands where a dict of lists would cost 100 bytes an entry, or ``MinHashLSH`` 5.6 KB a passage. Whole batches of keys are looked
up and entered at once. Open addressing with triangular probing; keys must be well mixed, for their low bits are the place.
"""

from __future__ import annotations

import numpy as np

from cleaner.dedup.tokens import I64, U32

MAX_PER_KEY = 16
"""Units that one key leads to: the first that were entered. Without a bound a stock phrase in a million passages leads to them all."""
_MAX_LOAD = 0.6
_FIRST_SLOTS = 1 << 12
_BATCH = 1 << 16


class Table:
    """Keys and the first ``MAX_PER_KEY`` units entered under each."""

    def __init__(self) -> None:
        self._keys = np.zeros(_FIRST_SLOTS, np.uint32)
        self._units = np.zeros(_FIRST_SLOTS, np.uint32)  # number of the unit + 1; 0 is an empty slot
        self._size = 0

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes."""
        return self._keys.nbytes + self._units.nbytes

    def find(self, keys: U32) -> tuple[I64, I64]:
        """What stands under some keys: pairs of a place in ``keys`` and a unit, in no particular order."""
        mask = np.uint32(len(self._keys) - 1)
        asked = np.arange(len(keys))
        slots = keys & mask
        places: list[I64] = [asked[:0]]
        units: list[I64] = [asked[:0]]
        step = 0
        while len(asked):
            found = self._units[slots]
            taken = found.nonzero()[0]
            asked, slots, found = asked[taken], slots[taken], found[taken]
            hits = (self._keys[slots] == keys[asked]).nonzero()[0]
            if len(hits):
                places.append(asked[hits])
                units.append(found[hits].astype(np.int64) - 1)
            step += 1
            slots = (slots + np.uint32(step)) & mask
        return np.concatenate(places), np.concatenate(units)

    def add(self, keys: U32, units: U32) -> None:
        """Enter units, each under the key at the same place; units come in rising order, from call to call too."""
        if (self._size + len(keys)) > _MAX_LOAD * len(self._keys):
            self._grow(self._size + len(keys))
        for at in range(0, len(keys), _BATCH):
            self._enter(keys[at : at + _BATCH], units[at : at + _BATCH] + np.uint32(1))

    def _grow(self, size: int) -> None:
        """Make room for ``size`` entries, and as many again."""
        taken = np.flatnonzero(self._units)
        keys, units = self._keys[taken], self._units[taken]
        slots = len(self._keys)
        while slots * _MAX_LOAD < size:
            slots *= 2
        self._keys, self._units, self._size = np.zeros(slots, np.uint32), np.zeros(slots, np.uint32), 0
        for at in range(0, len(keys), _BATCH):
            self._enter(keys[at : at + _BATCH], units[at : at + _BATCH])

    def _enter(self, keys: U32, units: U32) -> None:
        """Enter a batch: each entry walks on from the slot of its key until it finds one free, or its key too often."""
        mask = np.uint32(len(self._keys) - 1)
        # Of entries that claim one slot the last written has it; in reverse that is the first, as "the first units" wants it.
        keys, units = keys[::-1], units[::-1]
        slots = keys & mask
        seen = np.zeros(len(keys), np.uint8)
        step = 0
        while len(keys):
            free = (self._units[slots] == 0).nonzero()[0]
            self._keys[slots[free]] = keys[free]
            self._units[slots[free]] = units[free]
            same = self._keys[slots] == keys
            placed = same & (self._units[slots] == units)
            self._size += int(np.count_nonzero(placed))
            seen += same
            walking = (~placed & (seen < MAX_PER_KEY)).nonzero()[0]
            keys, units, seen = keys[walking], units[walking], seen[walking]
            step += 1
            slots = (slots[walking] + np.uint32(step)) & mask
