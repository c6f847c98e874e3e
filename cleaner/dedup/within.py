"""Which passages of one document may be alike: by the shingles they share, without signatures."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from cleaner.dedup.sketch import Units
from cleaner.dedup.tokens import I64

MAX_POSTINGS = 32
"""Passages of one document that one shingle leads to: the first that have it. Keeps a page of 50,000 alike lines linear."""


def repeating(units: Units) -> frozenset[int]:
    """Which documents of a batch have a shingle in two of their passages; most have none, and one sort tells."""
    keyed = units.hashes.astype(np.uint64)
    keyed |= np.repeat(units.documents.astype(np.uint64) << np.uint64(32), np.diff(units.offsets))
    keyed.sort()
    repeated = keyed[1:][keyed[1:] == keyed[:-1]]
    return frozenset((repeated >> np.uint64(32)).tolist())


def within(units: Units, chosen: Sequence[int], least: float) -> dict[int, list[int]]:
    """For those of the chosen units of one document that have any: others of them to compare with, sorted.

    Exact but for ``MAX_POSTINGS``. Two units are alike only if the smaller shares ``least`` of its shingles with the other; then
    among any more than ``1 - least`` of its shingles, taken here rarest first, is one that the other has (prefix filter, Chaudhuri
    et al., ICDE 2006).

    Args:
        units: of one document.
        chosen: sorted, no two with equal shingle sets.
        least: the lower of the two thresholds, 0..1.
    """
    rows = [units.shingles(unit) for unit in chosen]
    if len(rows) < 2:
        return {}
    joined = np.concatenate(rows)
    ordered = np.sort(joined)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return {}
    distinct, more = np.unique(repeated, return_counts=True)
    sizes = np.array([len(row) for row in rows])
    places = np.minimum(distinct.searchsorted(joined), len(distinct) - 1)
    common = distinct[places] == joined
    firsts = np.cumsum(sizes) - sizes
    owners = np.repeat(np.arange(len(rows)), sizes)[common]
    places = places[common]
    enough = np.add.reduceat(common, firsts, dtype=np.int64) >= np.ceil(least * sizes - 1e-9)
    if not enough.any():
        return {}
    postings = _Postings(places, owners)
    ends = np.cumsum(np.add.reduceat(common, firsts, dtype=np.int64))
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
