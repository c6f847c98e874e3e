"""Groups of like units from the flags of a run: an original and its copies, never all pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cleaner.document import Relation, Unit

Key = TypeVar("Key", bound=Any)
"""What names a unit: hashable, and sorts in input order, e.g. (place of the document in the run, line)."""


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
    """

    unit: Unit
    key: Key
    of: Key
    relation: Relation
    jaccard: float
    containment: float


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
