"""Which passages of one document may be alike: by the shingles they share, without signatures."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from cleaner.dedup.rows import Rows
from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64, U64

_HALF = np.uint64(32)
MAX_POSTINGS = 32
"""Passages of one document that one shingle leads to: the first that have it. Keeps a page of 50,000 alike lines linear."""


def repeating(units: Units, least: float, fewest: int) -> frozenset[int]:
    """Which documents of a batch have passages that share so many shingles with others of their document that they may be like one.

    Most have no shingle in two passages, and one sort tells; of the rest most share but a phrase, and are counted.

    Args:
        units: of the batch.
        least: share of a passage's shingles, 0..1, below which it is like none.
        fewest: passages of a document that must share so many: two if likeness is mutual, one if one may be inside another.
    """
    keyed = _keyed(units.sets, units.documents)
    ordered = np.sort(keyed)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return frozenset()
    wanted = np.zeros(int(units.documents[-1]) + 1, np.bool_)
    wanted[(repeated >> _HALF).astype(np.int64)] = True
    chosen = np.flatnonzero(wanted[units.documents])
    rows = units.sets.at(chosen)
    keyed = _keyed(rows, units.documents[chosen])
    common = repeated[np.minimum(repeated.searchsorted(keyed), len(repeated) - 1)] == keyed
    enough = np.add.reduceat(common, rows.offsets[:-1], dtype=np.int64) >= np.ceil(least * rows.sizes - 1e-9)
    found = np.bincount(units.documents[chosen[enough]])
    return frozenset(np.flatnonzero(found >= fewest).tolist())


def _keyed(rows: Rows, documents: I64) -> U64:
    """Shingles with the document of their passage in front."""
    keyed = rows.values.astype(np.uint64)
    keyed |= np.repeat(documents.astype(np.uint64) << _HALF, rows.sizes)
    return keyed


def within(units: Units, chosen: Sequence[int], least: float) -> dict[int, list[int]]:
    """For those of the chosen units that have any: others of them, of the same document, to compare with, sorted.

    Exact but for ``MAX_POSTINGS``. Two units are alike only if the smaller shares ``least`` of its shingles with the other; then
    among any more than ``1 - least`` of its shingles, taken here rarest first, is one that the other has (prefix filter, Chaudhuri
    et al., ICDE 2006).

    Args:
        units: of a batch of documents.
        chosen: sorted, no two of one document with equal shingle sets.
        least: the lower of the two thresholds, 0..1.
    """
    rows = units.sets.at(np.array(chosen, np.int64))
    keyed = _keyed(rows, units.documents[chosen])
    ordered = np.sort(keyed)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return {}
    distinct, more = np.unique(repeated, return_counts=True)
    sizes = rows.sizes
    places = np.minimum(distinct.searchsorted(keyed), len(distinct) - 1)
    common = distinct[places] == keyed
    counts = np.add.reduceat(common, rows.offsets[:-1], dtype=np.int64)
    enough = counts >= np.ceil(least * sizes - 1e-9)
    if not enough.any():
        return {}
    places = places[common]
    postings = _Postings(places, np.repeat(np.arange(len(rows)), sizes)[common])
    ends = np.cumsum(counts)
    found: dict[int, list[int]] = {}
    for unit in np.flatnonzero(enough).tolist():
        own = places[ends[unit - 1] if unit else 0 : ends[unit]]
        spare = int(sizes[unit]) - ceil(least * int(sizes[unit]) - 1e-9) + 1 - (int(sizes[unit]) - len(own))
        rarest = own[np.argsort(more[own], kind="stable")[:spare]]
        others = {chosen[other] for place in rarest.tolist() for other in postings.of(place)} - {chosen[unit]}
        if others:
            found[chosen[unit]] = sorted(others)
    return found


class _Postings:
    """Which rows have a shingle: the first ``MAX_POSTINGS`` of them."""

    def __init__(self, places: I64, owners: I64) -> None:
        order = np.argsort(places, kind="stable")
        self._owners = owners[order]
        self._starts = np.append(0, np.cumsum(np.bincount(places)))

    def of(self, place: int) -> list[int]:
        """Rows that have the shingle at a place, in order."""
        start, end = int(self._starts[place]), int(self._starts[place + 1])
        rows: list[int] = self._owners[start : min(end, start + MAX_POSTINGS)].tolist()
        return rows
