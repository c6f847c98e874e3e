"""Match documents with those before them and remember them: one place, input order.

What a fold returns depends only on the settings and on the sequence of documents: not on how their sketches were made, where, in which
order they were done, or how the sequence was cut into batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from cleaner.dedup.index import Index, MemoryIndex
from cleaner.dedup.match import Match, copy_of, relate, shared
from cleaner.dedup.minhash import set_hashes
from cleaner.dedup.policy import Group, Verdicts, keep_first, remove_document, remove_lines
from cleaner.dedup.seen import NOTHING, Met, Seen
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.sketch import Sketch, Units
from cleaner.dedup.within import repeating, within
from cleaner.document import Closest, Document, Duplicate, Relation, Source, Unit, UnitRef
from cleaner.spans import Span


class Fold:
    """Near-duplicates of a run; ``add_all`` its documents in input order, batch by batch.

    A flag's ``of`` is the earliest unit in input order that was verified; ``same`` goes before ``inside``, that before ``holds``,
    and a document that came before goes before the unit's own. Under keep-first only what stays is remembered,
    a document only if all its passages stay.

    Args:
        settings: what is compared, and what happens to near-duplicates.
        indexes: where units are entered, by kind; those left out are in memory.
    """

    def __init__(self, settings: DuplicateSettings, indexes: Mapping[Unit, Index] | None = None) -> None:
        self._settings = settings
        seen = {unit: Seen(settings, indexes[unit] if indexes and unit in indexes else MemoryIndex()) for unit in Unit}
        self._documents, self._passages = seen[Unit.DOCUMENT], seen[Unit.PASSAGE]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays that the indexes keep."""
        return self._documents.index.nbytes + self._passages.index.nbytes

    @property
    def units(self) -> int:
        """How many units the indexes keep; exact repeats are kept once."""
        return len(self._documents.index) + len(self._passages.index)

    def add_all(self, documents: Sequence[Document], sketch: Sketch) -> list[Document]:
        """Documents with their near-duplicates flagged and, as the policy has it, removed; then they are remembered.

        Args:
            documents: with all their removals but those of duplicates.
            sketch: of these documents as they are; made with ``across=True`` if any other document is to be compared with them.
        """
        if self._settings.policy is Policy.OFF:
            return list(documents)
        if self._settings.policy is Policy.KEEP_FIRST:
            return self._kept_first(documents, sketch)
        sources = [document.source for document in documents]
        flags: list[list[Duplicate]] = [[] for _ in documents]
        if sketch.documents is not None:
            met = _meet(self._documents, sketch.documents, sources)
            self._documents.enter(met, met.fresh, sketch.documents, sources)
            for place in sorted(met.matches):
                flags[int(sketch.documents.documents[place])].append(self._document_flag(met.matches[place]))
        if sketch.passages is not None:
            met = _meet(self._passages, sketch.passages, sources)
            self._passages.enter(met, met.fresh, sketch.passages, sources)
            self._flag_passages(documents, sketch.passages, met, flags)
        return [
            replace(document, duplicates=tuple(found)) if found else document
            for document, found in zip(documents, flags, strict=True)
        ]

    def _flag_passages(self, documents: Sequence[Document], units: Units, met: Met, flags: list[list[Duplicate]]) -> None:
        """Add the flags of the passages of some documents."""
        alone = repeating(units)
        firsts = units.firsts(len(documents))
        for number in alone:
            first, stop = firsts[number], firsts[number + 1]
            earlier = {place - first: met.matches[place] for place in range(first, stop) if place in met.matches}
            part = units.part(first, stop)
            groups = self._groups(part, earlier)
            found = self._flags(documents[number].source, part, groups, Verdicts())
            flags[number] += [found[place] for place in sorted(found)]
        owners = units.documents.tolist()
        for place in sorted(met.matches):
            number = owners[place]
            if number not in alone:
                matches = met.matches[place]
                flags[number].append(self._flag(documents[number].source, units, place, matches[0], matches))

    def _kept_first(self, documents: Sequence[Document], sketch: Sketch) -> list[Document]:
        """Documents one by one, for what becomes of one decides what is remembered."""
        wholes = sketch.documents.firsts(len(documents)) if sketch.documents is not None else []
        passages = sketch.passages.firsts(len(documents)) if sketch.passages is not None else []
        return [
            self._keep_first(
                document,
                sketch.documents.part(wholes[number], wholes[number + 1]) if sketch.documents is not None else None,
                sketch.passages.part(passages[number], passages[number + 1]) if sketch.passages is not None else None,
            )
            for number, document in enumerate(documents)
        ]

    def _keep_first(self, document: Document, whole: Units | None, passages: Units | None) -> Document:
        """A document without what was seen before; what stays is remembered."""
        sources = [document.source]
        flags = []
        met = _meet(self._documents, whole, sources) if whole is not None else None
        if met is not None and met.matches:
            flags.append(self._document_flag(met.matches[0]))
            if flags[0].relation is Relation.SAME:
                # Its passages are not compared: they are gone, and protected lines stay whatever they are like.
                return remove_document(replace(document, duplicates=tuple(flags)), flags[0].of)
        before = document.removals
        if passages is not None:
            document, more = self._keep_first_passages(document, passages)
            flags += more
        # A document that lost passages as duplicates is not whole: a later one that goes as its copy could lose what neither keeps.
        if whole is not None and met is not None and document.removals == before:
            self._documents.enter(met, met.fresh, whole, sources)
        return replace(document, duplicates=tuple(flags)) if flags else document

    def _keep_first_passages(self, document: Document, units: Units) -> tuple[Document, list[Duplicate]]:
        """A document without those of its passages that were seen before, and all their flags."""
        sources = [document.source]
        met = _meet(self._passages, units, sources)
        groups = self._groups(units, met.matches)
        verdicts = keep_first(groups, _protected(document, units))
        flags = self._flags(document.source, units, groups, verdicts)
        if verdicts.removed:
            lines = {place: range(units.lines[place, 0], units.lines[place, 1] + 1) for place in verdicts.removed}
            document = remove_lines(document, lines.values(), {lines[place]: flags[place].of for place in lines})
        heads = {group.members[0]: verdicts.head(group) for group in groups}
        stay = [(first, head) for first in met.fresh.tolist() if (head := heads[first]) is not None]
        chosen, shown = np.array(stay, np.int64).reshape(-1, 2).T
        self._passages.enter(met, chosen, units.shown_at(chosen, shown), sources)
        return document, [flags[place] for place in sorted(flags)]

    def _document_flag(self, matches: Sequence[Match]) -> Duplicate:
        """The flag of a whole document."""
        best, index = matches[0], self._documents.index
        closest = max(matches, key=lambda match: match.jaccard)
        return Duplicate(
            unit=Unit.DOCUMENT,
            span=None,
            line=None,
            of=index.ref(best.of),
            relation=best.relation,
            jaccard=best.jaccard,
            containment=best.containment,
            larger=best.larger,
            closest=Closest(index.ref(closest.of), closest.jaccard, closest.containment, closest.larger)
            if closest.jaccard > best.jaccard
            else None,
        )

    def _groups(self, units: Units, earlier: Mapping[int, Sequence[Match]]) -> list[Group]:
        """The passages of a document by equal shingle sets, with what each is like, in order of their first members.

        Args:
            units: of one document.
            earlier: place of the first of each set -> its matches with units of earlier documents, best first.
        """
        by_set: dict[int, list[int]] = {}
        for place, value in enumerate(set_hashes(units.hashes, units.offsets).tolist()):
            by_set.setdefault(value, []).append(place)
        firsts = [members[0] for members in by_set.values()]
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
        least = min(self._settings.threshold, self._settings.containment or 1.0)
        pairs = [(place, other) for place, others in sorted(within(units, firsts, least).items()) for other in others]
        if not pairs:
            return {}
        places, others = np.array(pairs).T
        sizes = units.offsets[1:] - units.offsets[:-1]
        common = shared(units.hashes, units.offsets, places, [units.shingles(other) for other in others.tolist()])
        related = relate(sizes[places], sizes[others], common, self._settings)
        found: dict[int, list[Match]] = {}
        for (place, other), rank, jaccard, containment, larger in zip(
            pairs, *(column.tolist() for column in related), strict=True
        ):
            if (rank == 0 and other < place) or (rank == 1 and (sizes[place] < sizes[other] or other < place)):
                found.setdefault(place, []).append(Match(rank, True, other, jaccard, containment, larger))  # noqa: FBT003  # by name it is slow
        return {place: sorted(matches) for place, matches in found.items()}

    def _flags(self, source: Source, units: Units, groups: Sequence[Group], verdicts: Verdicts) -> dict[int, Duplicate]:
        """The flag of each passage of a document that has one, by its place. Only what stays is named."""
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
                    flags[place] = self._flag(source, units, place, best, found + own)
        return flags

    def _flag(self, source: Source, units: Units, place: int, best: Match, matches: Sequence[Match]) -> Duplicate:
        """The flag of the passage at a place."""
        closest = max(matches, key=lambda match: match.jaccard)
        return Duplicate(
            unit=Unit.PASSAGE,
            span=Span(*units.spans[place].tolist()),
            line=int(units.lines[place, 0]),
            of=self._ref(source, units, best),
            relation=best.relation,
            jaccard=best.jaccard,
            containment=best.containment,
            larger=best.larger,
            closest=Closest(self._ref(source, units, closest), closest.jaccard, closest.containment, closest.larger)
            if closest.jaccard > best.jaccard
            else None,
        )

    def _ref(self, source: Source, units: Units, match: Match) -> UnitRef:
        """What a passage is like."""
        return UnitRef(source, int(units.lines[match.of, 0])) if match.beside else self._passages.index.ref(match.of)


def _meet(seen: Seen, units: Units, sources: Sequence[Source]) -> Met:
    """What units are like among those of earlier documents; nothing when they were sketched to be compared with none."""
    return seen.meet(units, sources) if units.bands.shape[1] else NOTHING


def _protected(document: Document, units: Units) -> frozenset[int]:
    """Places of the passages with a protected line."""
    if not document.protected:
        return frozenset()
    lines = frozenset(document.protected)
    return frozenset(
        place for place, (first, last) in enumerate(units.lines.tolist()) if lines.intersection(range(first, last + 1))
    )
