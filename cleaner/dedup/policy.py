"""What a near-duplicate does: which passages and documents go, which flag each bears, and the marks that remove a unit.

Whatever is removed, the unit its mark names as ``of`` is kept: a property that every function here keeps up.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from cleaner.dedup.match import Match, copy_of
from cleaner.dedup.passages import kept_lines
from cleaner.document import Document, DuplicateOf, Relation, Removal, UnitRef
from cleaner.spans import Span

MIN_INSIDE_WORDS = 12
"""A passage that stands inside another is removed from this length on: a shorter one may be a phrase that both need."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Group:
    """Passages of one document with equal shingle sets, and what they are like.

    Attributes:
        members: places of the passages in the document, rising; the first stands for all.
        size: shingles.
        words: length of the shortest in words.
        earlier: matches with units of earlier documents, best first; ``of`` is the unit's number.
        beside: matches with other groups of the document, best first; ``of`` is the first member of the group.
    """

    members: tuple[int, ...]
    size: int
    words: int
    earlier: Sequence[Match] = ()
    beside: Sequence[Match] = ()


class Verdicts:
    """Which passages of one document go, and why.

    Attributes:
        removed: for each passage that goes, by its place, the match that is the cause.
    """

    def __init__(self) -> None:
        self.removed: dict[int, Match] = {}

    def head(self, group: Group) -> int | None:
        """The first passage of a group that stays."""
        return next((member for member in group.members if member not in self.removed), None)

    def remove(self, group: Group, match: Match, keeping: frozenset[int]) -> None:
        """Every passage of a group that still stays goes, but for some."""
        for member in group.members:
            if member not in keeping:
                self.removed.setdefault(member, match)


def keep_first(groups: Sequence[Group], protected: frozenset[int]) -> Verdicts:
    """Which passages of a document go when the first of its like stays.

    Only what is the same as another passage goes, or what is inside one and long enough. First by earlier documents, of which only
    what stayed is remembered. Then inside this document, the largest first: what lies inside a larger one that stays goes, and the
    larger one is pinned, so that it cannot go afterwards. At last, in order, what is the same as an earlier one that stays.

    Args:
        groups: in order of their first members.
        protected: places of passages that must stay.
    """
    verdicts = Verdicts()
    by_first = {group.members[0]: group for group in groups}
    for group in groups:
        cause = next((match for match in group.earlier if _removable(match, group)), None)
        if cause:
            verdicts.remove(group, cause, protected)
    pinned: set[int] = set()
    for group in sorted(groups, key=lambda group: (-group.size, group.members[0])):
        for match in group.beside:
            head = verdicts.head(by_first[match.of])
            if match.relation is Relation.INSIDE and _removable(match, group) and head is not None:
                verdicts.remove(group, match._replace(of=head), protected)
                pinned.add(match.of)
                break
    for group in groups:
        for match in group.beside if group.members[0] not in pinned else ():
            head = verdicts.head(by_first[match.of])
            if match.relation is Relation.SAME and head is not None:
                verdicts.remove(group, match._replace(of=head), protected)
                break
        head = verdicts.head(group)
        if head is not None:
            verdicts.remove(group, copy_of(head), protected | {head})
    return verdicts


def _removable(match: Match, group: Group) -> bool:
    """Whether a passage may go because of this match."""
    return match.relation is Relation.SAME or (match.relation is Relation.INSIDE and group.words >= MIN_INSIDE_WORDS)


def remove_lines(document: Document, lines: Iterable[range], of: Mapping[range, UnitRef]) -> Document:
    """Mark all that is kept of some lines, their line ends included, as duplicates; never a protected line.

    Args:
        document: to mark.
        lines: ranges of line numbers, from 1.
        of: for each range, what its lines are like.
    """
    causes = {number: DuplicateOf(of[numbers]) for numbers in lines for number in numbers}
    for number in document.protected:
        causes.pop(number, None)
    marks = [
        Removal(Span(*piece), line.number, causes[line.number])
        for line in kept_lines(document)
        # Blank lines are for layout to judge, when all that goes is marked.
        if line.number in causes and not all(document.text[start:end].isspace() for start, end in line.pieces)
        for piece in line.pieces
    ]
    if not marks:
        return document
    return replace(document, removals=tuple(sorted([*document.removals, *marks], key=lambda removal: removal.span)))


def remove_document(document: Document, of: UnitRef) -> Document:
    r"""Mark all that is kept of a document, but for protected and blank lines, as a duplicate of another.

    >>> from cleaner.document import Document, Source
    >>> remove_document(Document(Source("b.txt"), "One.\n\nTwo.\n", protected=(3,)), UnitRef(Source("a.txt"), None)).clean_text
    '\nTwo.\n'
    """
    every = range(1, document.text.count("\n") + 2)
    return remove_lines(document, [every], {every: of})


def longest(lengths: Mapping[Key, int], pairs: Iterable[tuple[Key, Key]]) -> dict[Key, Key]:
    """Which documents go when the longest of its like stays, and which one stays in place of each.

    Documents are alike when a chain of pairs joins them.

    Args:
        lengths: kept characters of each document, in input order.
        pairs: keys of two documents that are the same.

    Returns:
        for each key that goes, in input order, the key that stays: the longest of its cluster, of equals the first.

    >>> longest({"a": 10, "b": 30, "c": 30, "d": 5}, [("b", "a"), ("c", "b")])
    {'a': 'b', 'c': 'b'}
    """
    order = {key: place for place, key in enumerate(lengths)}
    parent = {key: key for key in lengths}

    def root(key: Key) -> Key:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for one, other in pairs:
        # The root is always the one that stays, so no second look at the clusters is needed.
        stays, goes = sorted((root(one), root(other)), key=lambda key: (-lengths[key], order[key]))
        parent[goes] = stays
    return {key: root(key) for key in lengths if root(key) != key}
