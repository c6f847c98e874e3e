"""Units of a batch of documents meet those of documents before them, in the index and in the batch, and are entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cleaner.dedup import runs
from cleaner.dedup.index import MAX_PER_KEY, Index
from cleaner.dedup.match import Match, Related, relate, shared
from cleaner.dedup.minhash import set_hashes
from cleaner.dedup.settings import DuplicateSettings
from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U32, U64, upper
from cleaner.document import Source, UnitRef

_SHINGLES_A_PRINT = 16
"""Two units that share only prints, and are too unlike in size to be the same, share one for each so many shingles of the smaller, and one
more; else they are not compared. Of what is .9 inside another at most .1 of the shingles are not, in at most a fortieth as many places:
so it shares a fifth as many prints as it has shingles. Prints that lead to too many units count as shared."""
_SHORT = 24
"""Shingles up to which a unit is entered under keys apart: quotations in longer units, which would fill the keys before them."""


class Met(NamedTuple):
    """What the units of a batch are like among those of earlier documents.

    Attributes:
        matches: place of a unit in the batch -> its best match and, when that is another, the earliest of those that it is most similar
            to; only of units that have any. Of the units of a document with one shingle set the first stands for all.
        fresh: places of the units to be entered, rising: of those with one shingle set the first, unless the index has it already.
        entries: a sorted run of the keys and places of the fresh ones.
    """

    matches: dict[int, list[Match]]
    fresh: I64
    entries: U64


NOTHING = Met({}, np.empty(0, np.int64), np.empty(0, np.uint64))


class _Pairs(NamedTuple):
    """Verified pairs: place of a unit, number of an earlier one, and how they stand to each other."""

    places: I64
    numbers: I64
    related: Related

    def at(self, chosen: I64) -> _Pairs:
        """Some of them."""
        return _Pairs(self.places[chosen], self.numbers[chosen], self.related.at(chosen))


class Seen:
    """The units of one kind that a run has seen.

    Args:
        settings: give the thresholds.
        index: where they are entered.
    """

    def __init__(self, settings: DuplicateSettings, index: Index) -> None:
        self._settings = settings
        self.index = index

    def meet(self, units: Units, sources: Sequence[Source]) -> Met:
        """What the units of some documents are like among those of documents before theirs.

        Numbers of units that are fresh go on from those of the index, in order.

        Args:
            units: with their bands.
            sources: where each document came from.
        """
        self.index.arrive(sources)
        if not len(units):
            return NOTHING
        hashes = set_hashes(units.sets)
        heads = _firsts(hashes, units.documents)
        asked = _asked(units, heads, hashes)
        keys, places = runs.keys_of(asked), runs.units_of(asked)
        room = np.full(len(keys), MAX_PER_KEY)
        found = self.index.candidates(keys, units.documents[places], room)
        earlier = self._earlier(units, places, found, _full(places, room, len(units)))
        repeats = np.zeros(len(units), np.bool_)
        repeats[earlier.places[earlier.related.jaccard == 1]] = True
        fresh = heads[~repeats[heads]]
        fresh = fresh[np.sort(np.unique(hashes[fresh], return_index=True)[1])]
        entries = _entered(units, fresh, hashes, asked, room)
        numbers = np.zeros(len(units), np.int64)
        numbers[fresh] = np.arange(len(self.index), len(self.index) + len(fresh))
        found = runs.find([runs.Run.of(entries)], keys, room)
        beside = self._in_batch(units, places, found, numbers, _full(places, room, len(units)))
        return Met(_told(_joined(earlier, beside)), fresh, entries)

    def enter(self, met: Met, chosen: I64, units: Units, sources: Sequence[Source]) -> None:
        """Enter some of the fresh units of a batch; ``chosen`` is sorted."""
        if not len(chosen):
            return
        rank = np.full(len(units), -1)
        rank[chosen] = np.arange(len(self.index), len(self.index) + len(chosen))
        number = rank[runs.units_of(met.entries)]
        entries = (runs.keys_of(met.entries) | number.astype(np.uint64))[
            number >= 0
        ]  # ranks rise with places: it is sorted still
        self.index.add(entries, units, chosen, sources)

    def refs(self, met: Met) -> dict[int, UnitRef]:
        """What the units that others are like are shown as, by their numbers; those of the batch have been entered by then."""
        numbers = sorted({match.of for matches in met.matches.values() for match in matches})
        return dict(zip(numbers, self.index.refs(np.array(numbers, np.int64)), strict=True))

    def _earlier(self, units: Units, places: I64, found: runs.Found, full: I64) -> _Pairs:
        """The verified pairs with units of the index."""
        ours, numbers, keys = _counted(places[found.places], found.units)
        sizes = self.index.sizes(numbers)
        likely = self._likely(units, ours, sizes, keys + full[ours])
        ours, numbers = ours[likely], numbers[likely]
        common = shared(units.sets, ours, self.index.sets(numbers))
        return self._verified(units, ours, numbers, sizes[likely], common)

    def _in_batch(self, units: Units, places: I64, found: runs.Found, numbers: I64, full: I64) -> _Pairs:
        """The verified pairs with fresh units of the batch that stand in earlier documents of it."""
        ours, others = places[found.places], found.units
        earlier = units.documents[others] < units.documents[ours]
        ours, others, keys = _counted(ours[earlier], others[earlier])
        sizes = np.diff(units.offsets)[others]
        likely = self._likely(units, ours, sizes, keys + full[ours])
        ours, others = ours[likely], others[likely]
        common = shared(units.sets, ours, units.sets.at(others))
        return self._verified(units, ours, numbers[others], sizes[likely], common)

    def _likely(self, units: Units, places: I64, sizes: I64, keys: I64) -> I64:
        """Of some pairs those that may be alike, by the sizes of their sets and how many keys they may share."""
        own = np.diff(units.offsets)[places]
        smaller = np.minimum(own, sizes)
        likely = smaller >= self._settings.threshold * np.maximum(own, sizes) - 1e-9
        if self._settings.containment is not None:
            likely |= keys > smaller // _SHINGLES_A_PRINT
        return np.flatnonzero(likely)

    def _verified(self, units: Units, places: I64, numbers: I64, sizes: I64, common: I64) -> _Pairs:
        """Those of some pairs that are alike."""
        related = relate(np.diff(units.offsets)[places], sizes, common, self._settings)
        return _Pairs(places, numbers, related).at(np.flatnonzero(related.ranks >= 0))


def _asked(units: Units, chosen: I64, hashes: U64) -> U64:
    """Sorted entries of all keys under which what is like some units may stand, with the places of these.

    Args:
        units: of a batch.
        chosen: which of them, sorted.
        hashes: of their sets.
    """
    prints, owners = _prints(units, chosen)
    return runs.entries_of(
        np.concatenate(
            [units.bands[chosen].ravel(), _apart(prints, short=False), _apart(prints, short=True), upper(hashes[chosen])]
        ),
        np.concatenate([np.repeat(chosen, units.bands.shape[1]), owners, owners, chosen]).astype(np.uint64),
    )


def _entered(units: Units, fresh: I64, hashes: U64, asked: U64, room: I64) -> U64:
    """Sorted entries of the keys under which some units are entered.

    These are their bands and prints; and the hash of the set of a unit of which all these lead to others already, so that at least
    its exact repeats are found.

    Args:
        units: of a batch.
        fresh: which of them, sorted.
        hashes: of their sets.
        asked: the entries of all keys.
        room: for each, how many more units are wanted beside those of the index.
    """
    prints, owners = _prints(units, fresh)
    short = np.diff(units.offsets)[owners] <= _SHORT
    found = runs.entries_of(
        np.concatenate([units.bands[fresh].ravel(), np.where(short, _apart(prints, short=True), _apart(prints, short=False))]),
        np.concatenate([np.repeat(fresh, units.bands.shape[1]), owners]).astype(np.uint64),
    )
    keys, places = runs.keys_of(found), runs.units_of(found)
    rank = np.arange(len(keys)) - keys.searchsorted(keys)
    seen = np.bincount(places[rank < room[asked.searchsorted(found)]], minlength=len(units))
    hidden = fresh[seen[fresh] == 0]
    if not len(hidden):
        return found
    return runs.merged([found, runs.entries_of(upper(hashes[hidden]), hidden.astype(np.uint64))])


def _prints(units: Units, chosen: I64) -> tuple[U32, I64]:
    """The prints of some units, and which unit each is of."""
    counts = np.diff(units.print_offsets)
    wanted = np.zeros(len(units), np.bool_)
    wanted[chosen] = True
    return units.prints[np.repeat(wanted, counts)], np.repeat(chosen, counts[chosen])


def _apart(prints: U32, *, short: bool) -> U32:
    """Prints as keys of short units or of all others: told apart by the last bit."""
    return (prints & ~np.uint32(1)) | np.uint32(short)


def _full(places: I64, room: I64, count: int) -> I64:
    """How many keys of each unit led to as many units as are wanted: there may be more."""
    return np.bincount(places[room == 0], minlength=count)


def _counted(places: I64, others: I64) -> tuple[I64, I64, I64]:
    """Pairs, each once, sorted by the other unit, and how often each came."""
    pairs, counts = np.unique(others << 32 | places, return_counts=True)
    return pairs & 0xFFFFFFFF, pairs >> 32, counts


def _joined(one: _Pairs, other: _Pairs) -> _Pairs:
    """All pairs, by unit, then by how much they say, then by the earlier unit."""
    every = _Pairs(
        np.concatenate((one.places, other.places)),
        np.concatenate((one.numbers, other.numbers)),
        Related(
            np.concatenate((one.related.ranks, other.related.ranks)),
            np.concatenate((one.related.jaccard, other.related.jaccard)),
            np.concatenate((one.related.containment, other.related.containment)),
            np.concatenate((one.related.larger, other.related.larger)),
        ),
    )
    return every.at(np.lexsort((every.numbers, every.related.ranks, every.places)))


def _told(pairs: _Pairs) -> dict[int, list[Match]]:
    """The best match of each unit, and the earliest of the most similar when that is another; pairs are sorted as ``_joined`` does it."""
    if not len(pairs.places):
        return {}
    firsts = np.flatnonzero(np.diff(pairs.places, prepend=-1))
    counts = np.diff(firsts, append=len(pairs.places))
    jaccard = pairs.related.jaccard
    most = np.flatnonzero(jaccard == np.repeat(np.maximum.reduceat(jaccard, firsts), counts))
    closest = most[np.flatnonzero(np.diff(pairs.places[most], prepend=-1))]
    told = pairs.at(np.sort(np.concatenate((firsts, closest[closest != firsts]))))
    found: dict[int, list[Match]] = {}
    for place, number, rank, similar, containment, larger in zip(
        told.places.tolist(), told.numbers.tolist(), *(column.tolist() for column in told.related), strict=True
    ):
        found.setdefault(place, []).append(Match(rank, False, number, similar, containment, larger))  # noqa: FBT003  # by name it is slow
    return found


def _firsts(hashes: U64, documents: I64) -> I64:
    """The first unit of each set in each document, given a hash of each unit's set; sorted."""
    order = np.lexsort((hashes, documents))
    same = (hashes[order][1:] == hashes[order][:-1]) & (documents[order][1:] == documents[order][:-1])
    return np.sort(order[np.append(True, ~same)])  # lexsort is stable: the first of each comes first
