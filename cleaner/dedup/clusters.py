"""Groups of like units from the flags of a run: an original and its copies, never all pairs; also at a higher threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from cleaner.document import Relation, Unit

Key = TypeVar("Key", bound=Any)
"""What names a unit: hashable, and sorts in input order, e.g. (place of the document in the run, line)."""


@dataclass(frozen=True, slots=True)
class Closest(Generic[Key]):
    """The unit that is most like another, when that is not the one its flag names.

    Attributes:
        of: that unit.
        jaccard: 0..1.
        containment: 0..1.
        larger: whether the unit that bears the flag has more shingles than this one.
    """

    of: Key
    jaccard: float
    containment: float
    larger: bool = False


@dataclass(frozen=True, slots=True)
class Pair(Generic[Key]):
    """One flag of a run: ``key`` is like ``of``.

    Attributes:
        unit: passages or documents.
        key: the unit that bears the flag.
        of: the unit it is like.
        relation: how ``key`` stands to ``of``.
        jaccard: 0..1.
        containment: 0..1.
        larger: whether ``key`` has more shingles than ``of``.
        closest: the unit that ``key`` is most like, when that is not ``of``.
    """

    unit: Unit
    key: Key
    of: Key
    relation: Relation
    jaccard: float
    containment: float
    larger: bool = False
    closest: Closest[Key] | None = None


@dataclass(frozen=True, slots=True)
class Cluster(Generic[Key]):
    """Units of one kind that flags join, directly or through others.

    Attributes:
        unit: passages or documents.
        original: the one that bears no flag. That is the earliest, except that a passage may lie inside a later one of its own
            document. Should all bear flags, the earliest.
        copies: the flags of all others, sorted by the unit that bears them.
    """

    unit: Unit
    original: Key
    copies: tuple[Pair[Key], ...]


def clusters(pairs: Iterable[Pair[Key]]) -> list[Cluster[Key]]:
    """The clusters of a run, sorted by kind and original.

    Args:
        pairs: the flags of a run, one to a unit, in any order; the result does not depend on it.

    >>> flags = [Pair(Unit.PASSAGE, key, of, Relation.SAME, 1.0, 1.0) for key, of in [(4, 2), (2, 1), (9, 8)]]
    >>> [(cluster.original, [copy.key for copy in cluster.copies]) for cluster in clusters(flags)]
    [(1, [2, 4]), (8, [9])]
    """
    flags = {(pair.unit.value, pair.key): pair for pair in pairs}
    parent: dict[tuple[str, Key], tuple[str, Key]] = {}
    for node, pair in sorted(flags.items()):
        one, other = sorted((_root(parent, node), _root(parent, (pair.unit.value, pair.of))))
        parent[other] = one
    members: dict[tuple[str, Key], list[tuple[str, Key]]] = {}
    for node in sorted(parent):
        members.setdefault(_root(parent, node), []).append(node)
    found = [_cluster(group, flags) for group in members.values()]
    return sorted(found, key=lambda cluster: (cluster.unit.value, cluster.original))


def raised(
    pairs: Iterable[Pair[Key]], threshold: float, containment: float | None, beside: Callable[[Key, Key], bool]
) -> list[Pair[Key]]:
    """The flags that a run with a higher Jaccard threshold would bear, as far as those of this run tell.

    What is ``same`` stays so by ``of``, else by ``closest``, when that reaches the threshold. Else it is ``inside`` or ``holds`` when
    containment reaches its own threshold; in one document the contained unit bears that flag. Else it is no flag. ``inside`` and
    ``holds`` stay.

    A fresh run could differ where a unit is like three or more others: it names the earliest that reaches the threshold, here it is
    the most similar one; and of a unit that was ``same`` nobody wrote down which third one contains it.

    Args:
        pairs: the flags of a run, one to a unit.
        threshold: at least that of the run, 0..1.
        containment: that of the run, 0..1; None: containment was not asked for.
        beside: whether two units stand in one document.

    >>> pair = Pair(Unit.PASSAGE, 4, 1, Relation.SAME, 0.82, 0.95, closest=Closest(2, 0.97, 0.99))
    >>> [(pair.of, pair.relation.value) for pair in raised([pair], 0.9, 0.9, beside=lambda one, other: False)]
    [(2, 'same')]
    >>> [(pair.of, pair.relation.value) for pair in raised([pair], 0.98, 0.9, beside=lambda one, other: False)]
    [(1, 'inside')]
    >>> raised([pair], 0.98, 1.0, beside=lambda one, other: False)
    []
    """
    found: dict[tuple[Unit, Key], Pair[Key]] = {}
    turned: list[Pair[Key]] = []
    for pair in pairs:
        kept = _raised(pair, threshold, containment)
        if kept and kept.relation is Relation.HOLDS and beside(kept.key, kept.of):
            turned.append(replace(kept, key=kept.of, of=kept.key, relation=Relation.INSIDE))
        elif kept:
            found[kept.unit, kept.key] = kept
    for pair in turned:
        own = found.get((pair.unit, pair.key))
        if own is None or own.relation is Relation.HOLDS:
            found[pair.unit, pair.key] = pair
    return list(found.values())


def _raised(pair: Pair[Key], threshold: float, containment: float | None) -> Pair[Key] | None:
    """One flag at a higher threshold."""
    if pair.relation is not Relation.SAME or pair.jaccard >= threshold:
        return pair
    others = [pair, *([_of_closest(pair, pair.closest)] if pair.closest else [])]
    if others[-1].jaccard >= threshold:
        return others[-1]
    held = [
        replace(other, relation=Relation.HOLDS if other.larger else Relation.INSIDE, closest=None)
        for other in others
        if containment is not None and other.containment >= containment
    ]
    return min(held, key=lambda other: (other.relation is Relation.HOLDS, other.of), default=None)


def _of_closest(pair: Pair[Key], closest: Closest[Key]) -> Pair[Key]:
    """The flag as if it named the most similar unit."""
    return replace(
        pair, of=closest.of, jaccard=closest.jaccard, containment=closest.containment, larger=closest.larger, closest=None
    )


def _root(parent: dict[tuple[str, Key], tuple[str, Key]], node: tuple[str, Key]) -> tuple[str, Key]:
    """The least unit that ``node`` is joined with so far; the way there is halved."""
    parent.setdefault(node, node)
    while parent[node] != node:
        parent[node] = node = parent[parent[node]]
    return node


def _cluster(group: list[tuple[str, Key]], flags: dict[tuple[str, Key], Pair[Key]]) -> Cluster[Key]:
    """A group of joined units, sorted, as a cluster."""
    original = next((node for node in group if node not in flags), group[0])
    copies = tuple(flags[node] for node in group if node != original)
    return Cluster(copies[0].unit, original[1], copies)
