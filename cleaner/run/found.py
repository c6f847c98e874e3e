"""The near-duplicates of a finished run, read from its audit: in clusters, also at a higher threshold, and those least alike."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.dedup.clusters import Pair, clusters, raised
from cleaner.document import Relation, Unit
from cleaner.errors import UsageError
from cleaner.run.flagged import Flag, Flagged, Key, Place, read_flagged, require_compared
from cleaner.run.texts import Texts


@dataclass(frozen=True, slots=True)
class Copy:
    """A unit that is like another; ``removed`` tells whether a policy took it out."""

    place: Place
    of: Place
    relation: Relation
    jaccard: float
    containment: float
    removed: bool


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """An original and its copies."""

    unit: Unit
    original: Place
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class LeastPair:
    """An accepted pair, for the eye.

    Attributes:
        unit: passages or documents.
        copy: the unit that bears the flag, and what it is like.
        text: of that unit; None when the audit does not hold it.
        other: text of the unit it is like; None too when that is of an earlier run.
    """

    unit: Unit
    copy: Copy
    text: str | None
    other: str | None


@dataclass(frozen=True, slots=True)
class Least:
    """The least similar pairs of a run.

    Attributes:
        threshold: Jaccard similarity from which a pair was accepted.
        accepted: how many were.
        pairs: the least similar ones, the least first.
    """

    threshold: float
    accepted: int
    pairs: tuple[LeastPair, ...]


def find_clusters(run: Path, threshold: float | None = None) -> list[FoundCluster]:
    """The clusters of a finished run, passages and documents, in input order; those of earlier runs first.

    Args:
        run: folder of the run.
        threshold: Jaccard similarity from which two units are the same, at least that of the run; None: that of the run.

    Raises:
        UsageError: the folder holds no finished run, or no audit, or the threshold is below the run's.
    """
    flagged = _read(run, threshold)
    removed = {flag.pair.key for flag in flagged.flags if flag.removed}
    return [
        FoundCluster(
            cluster.unit, flagged.place(cluster.original), tuple(_copy(copy, flagged, removed) for copy in cluster.copies)
        )
        for cluster in clusters(flag.pair for flag in flagged.flags)
    ]


def find_least(run: Path, count: int, threshold: float | None = None) -> Least:
    """The accepted pairs of a finished run that are least alike: of those that are ``same``, by Jaccard similarity.

    Args:
        run: folder of the run.
        count: how many, at most.
        threshold: as for ``find_clusters``.

    Raises:
        UsageError: as for ``find_clusters``; or the outputs were changed, or nothing was compared.
    """
    flagged = _read(run, threshold)
    require_compared(run, flagged)
    same = [flag for flag in flagged.flags if flag.pair.relation is Relation.SAME]
    least = heapq.nsmallest(count, same, key=lambda flag: (flag.pair.jaccard, flag.pair.key, flag.pair.unit.value))
    wanted: dict[int, set[int]] = defaultdict(set)
    for flag in least:
        for number, line in (flag.pair.key, flag.pair.of):
            wanted[number].add(line)
    texts = Texts(run, flagged.settings)
    units: dict[Key, str] = {}
    for number, lines in sorted(wanted.items()):
        if number >= 0:
            units |= {(number, line): text for line, text in texts.units(flagged.documents[number], lines).items()}
    return Least(
        flagged.settings["threshold"] if threshold is None else threshold,
        len(same),
        tuple(
            LeastPair(
                flag.pair.unit,
                _copy(flag.pair, flagged, {flag.pair.key} if flag.removed else set()),
                units.get(flag.pair.key),
                units.get(flag.pair.of),
            )
            for flag in least
        ),
    )


def _read(run: Path, threshold: float | None) -> Flagged:
    """What a run flagged, as a run with another threshold would have flagged it."""
    flagged = read_flagged(run)
    if threshold is None:
        return flagged
    require_compared(run, flagged)
    own, containment = flagged.settings["threshold"], flagged.settings["containment"]
    if threshold < own:
        raise UsageError(
            f"--threshold {threshold:g}: the run in {run} was made with {own:g}, and what is less alike was not written down; "
            f"give {own:g} or more, or clean again with --threshold {threshold:g}"
        )
    flags = {(flag.pair.unit, flag.pair.key): flag for flag in flagged.flags}
    pairs = raised((flag.pair for flag in flagged.flags), threshold, containment, beside=lambda one, other: one[0] == other[0])
    return replace(flagged, flags=[_flag_of(pair, flags) for pair in sorted(pairs, key=lambda pair: (pair.key, pair.unit.value))])


def _flag_of(pair: Pair[Key], flags: dict[tuple[Unit, Key], Flag]) -> Flag:
    """A flag that a higher threshold left, or made: in one document the contained passage bears it, which may have borne none."""
    own = flags.get((pair.unit, pair.key))
    return replace(own, pair=pair) if own else Flag(pair, 0, removed=False)


def _copy(pair: Pair[Key], flagged: Flagged, removed: set[Key]) -> Copy:
    return Copy(
        flagged.place(pair.key),
        flagged.place(pair.of),
        pair.relation,
        pair.jaccard,
        pair.containment,
        pair.key in removed,
    )
