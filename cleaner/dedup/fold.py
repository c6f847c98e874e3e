"""Match each document with those before it and remember it: one place, input order.

What a fold returns depends only on the settings and on the sequence of documents: not on how their sketches were made, where, or in
which order they were done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cleaner.dedup.index import Index, Keys, set_hashes, within
from cleaner.dedup.match import Match, copy_of, matches
from cleaner.dedup.policy import Group, Verdicts, keep_first, remove_document, remove_lines
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.sketch import Sketch, Units
from cleaner.document import Document, Duplicate, Relation, Unit, UnitRef
from cleaner.spans import Span


class Fold:
    """Near-duplicates of a run; ``add`` every document in input order.

    A flag's ``of`` is the earliest unit in input order that was verified; ``same`` goes before ``inside``, that before ``holds``,
    and a document that came before goes before the unit's own. Under keep-first only what stays is remembered,
    a document only if all its passages stay.
    """

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings
        self._documents = Index(settings.threshold)
        self._passages = Index(settings.threshold)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays that the indexes keep."""
        return self._documents.nbytes + self._passages.nbytes

    @property
    def units(self) -> int:
        """How many units the indexes keep; exact repeats are kept once."""
        return len(self._documents) + len(self._passages)

    def add(self, document: Document, sketch: Sketch) -> Document:
        """The document with its near-duplicates flagged and, as the policy has it, removed; then it is remembered.

        Args:
            document: with all its removals but those of duplicates.
            sketch: of this document as it is; made with ``across=True`` if any other document is to be compared with it.
        """
        if self._settings.policy is Policy.OFF:
            return document
        whole = sketch.document
        keys = self._documents.keys(whole) if whole is not None and whole.signatures is not None and len(whole) else None
        found = self._earlier(self._documents, whole, keys, [0]).get(0, []) if whole is not None and keys is not None else []
        flags = [self._document_flag(found[0])] if found else []
        if flags and flags[0].relation is Relation.SAME and self._settings.policy is Policy.KEEP_FIRST:
            # Its passages are not compared: they are gone, and protected lines stay whatever they are like.
            return remove_document(replace(document, duplicates=tuple(flags)), flags[0].of)
        before = document.removals
        if sketch.passages is not None and len(sketch.passages):
            document, more = self._add_passages(document, sketch.passages)
            flags += more
        # A document that lost passages as duplicates is not whole: a later one that goes as its copy could lose what neither keeps.
        if whole is not None and keys is not None and document.removals == before and not _repeats(found):
            self._documents.remember(document.source, whole, keys, [0])
        return replace(document, duplicates=tuple(flags)) if flags else document

    def _earlier(self, index: Index, units: Units, keys: Keys, chosen: Sequence[int]) -> dict[int, list[Match]]:
        """For those of the chosen units that have any: verified matches with units of earlier documents, best first."""
        return {
            unit: matches(
                units.shingles(unit), [(number, index.shingles(number)) for number in numbers], self._settings, beside=False
            )
            for unit, numbers in index.candidates(keys, chosen).items()
        }

    def _add_passages(self, document: Document, units: Units) -> tuple[Document, list[Duplicate]]:
        """Match the passages of a document with earlier ones and with each other; remember those that stay."""
        keys = self._passages.keys(units) if units.signatures is not None else None
        groups = self._groups(units, keys)
        protected = _protected(document, units)
        verdicts = keep_first(groups, protected) if self._settings.policy is Policy.KEEP_FIRST else Verdicts()
        flags = self._flags(document, units, groups, verdicts)
        if verdicts.removed:
            lines = {place: range(units.lines[place, 0], units.lines[place, 1] + 1) for place in verdicts.removed}
            document = remove_lines(document, lines.values(), {lines[place]: flags[place].of for place in lines})
        if keys is not None:
            fresh = [group for group in groups if not _repeats(group.earlier)]
            heads = [verdicts.head(group) for group in fresh]
            self._passages.remember(document.source, units, keys, sorted(head for head in heads if head is not None))
        return document, [flags[place] for place in sorted(flags)]

    def _document_flag(self, match: Match) -> Duplicate:
        """The flag of a whole document."""
        of = self._documents.ref(match.of)
        return Duplicate(Unit.DOCUMENT, None, None, of, match.relation, match.jaccard, match.containment)

    def _groups(self, units: Units, keys: Keys | None) -> list[Group]:
        """The passages of a document by equal shingle sets, with what each is like, in order of their first members."""
        by_set: dict[int, list[int]] = {}
        for place, value in enumerate(set_hashes(units).tolist()):
            by_set.setdefault(value, []).append(place)
        firsts = [members[0] for members in by_set.values()]
        earlier = self._earlier(self._passages, units, keys, firsts) if keys is not None else {}
        beside = self._beside(units, firsts)
        sizes, words = (units.offsets[1:] - units.offsets[:-1]).tolist(), units.words.tolist()
        return [
            Group(
                tuple(members),
                sizes[members[0]],
                min([words[member] for member in members]),
                earlier.get(members[0], ()),
                beside.get(members[0], ()),
            )
            for members in by_set.values()
        ]

    def _beside(self, units: Units, firsts: Sequence[int]) -> dict[int, list[Match]]:
        """For those of some passages that have any: verified matches with others of the same document that this one's flag is due to.

        Of two alike the later bears the flag, of one inside the other the one that is inside: so no match here ``holds`` anything.
        """
        found: dict[int, list[Match]] = {}
        least = min(self._settings.threshold, self._settings.containment)
        for place, others in within(units, firsts, least).items():
            rows = [(other, units.shingles(other)) for other in others]
            size = len(units.shingles(place))
            found[place] = [
                match
                for match in matches(units.shingles(place), rows, self._settings, beside=True)
                if (match.relation is Relation.SAME and match.of < place)
                or (match.relation is Relation.INSIDE and (size < len(units.shingles(match.of)) or match.of < place))
            ]
        return found

    def _flags(self, document: Document, units: Units, groups: Sequence[Group], verdicts: Verdicts) -> dict[int, Duplicate]:
        """The flag of each passage that has one, by its place. Only what stays is named."""
        by_first = {group.members[0]: group for group in groups}
        flags: dict[int, Duplicate] = {}
        for group in groups:
            if len(group.members) == 1 and not group.earlier and not group.beside:
                continue
            head = verdicts.head(group)
            heads = [(match, verdicts.head(by_first[match.of])) for match in group.beside]
            found = [*group.earlier, *(match._replace(of=other) for match, other in heads if other is not None)]
            for place in group.members:
                own = [copy_of(head)] if head is not None and head != place else []
                best = verdicts.removed.get(place) or min(found + own, default=None)
                if best:
                    flags[place] = self._flag(document, units, place, best)
        return flags

    def _flag(self, document: Document, units: Units, place: int, match: Match) -> Duplicate:
        """The flag of the passage at a place."""
        of = UnitRef(document.source, int(units.lines[match.of, 0])) if match.beside else self._passages.ref(match.of)
        span = Span(*units.spans[place].tolist())
        return Duplicate(Unit.PASSAGE, span, int(units.lines[place, 0]), of, match.relation, match.jaccard, match.containment)


def _repeats(found: Sequence[Match]) -> bool:
    """Whether an earlier unit with the very same shingles is remembered already."""
    return any(match.jaccard == 1 for match in found)


def _protected(document: Document, units: Units) -> frozenset[int]:
    """Places of the passages with a protected line."""
    if not document.protected:
        return frozenset()
    lines = frozenset(document.protected)
    return frozenset(
        place for place, (first, last) in enumerate(units.lines.tolist()) if lines.intersection(range(first, last + 1))
    )
