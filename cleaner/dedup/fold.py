"""Match documents with those before them and remember them: one place, input order.

What a fold returns depends only on the settings and on the sequence of documents: not on how their sketches were made, where, in which
order they were done, or how the sequence was cut into batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from cleaner.dedup.flags import Flags
from cleaner.dedup.index import Index, MemoryIndex
from cleaner.dedup.match import Match, copy_of, relate, shared
from cleaner.dedup.minhash import set_hashes
from cleaner.dedup.policy import Group, Verdicts, keep_first, remove_document, remove_lines
from cleaner.dedup.seen import NOTHING, Met, Seen
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.sketch import Sketch, Units
from cleaner.dedup.within import repeating, within
from cleaner.document import Document, Duplicate, Relation, Source, Unit


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
        self._least = min(settings.threshold, settings.containment or 1.0)
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
            make = Flags(Unit.DOCUMENT, sketch.documents, self._documents.refs(met))
            owners = sketch.documents.documents.tolist()
            for place, matches in met.matches.items():
                flags[owners[place]].append(make.flag(sources[owners[place]], place, matches[0], matches))
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
        make = Flags(Unit.PASSAGE, units, self._passages.refs(met))
        alone = repeating(units, self._least, 1 if self._settings.containment else 2)
        for number, groups in self._groups(units, alone, met.matches).items():
            found = _flags(documents[number].source, groups, Verdicts(), make)
            flags[number] += [found[place] for place in sorted(found)]
        owners = units.documents.tolist()
        for place, matches in met.matches.items():
            number = owners[place]
            if number not in alone:
                flags[number].append(make.flag(documents[number].source, place, matches[0], matches))

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
        if whole is not None and met is not None and met.matches:
            make = Flags(Unit.DOCUMENT, whole, self._documents.refs(met))
            flags.append(make.flag(document.source, 0, met.matches[0][0], met.matches[0]))
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
        groups = self._groups(units, frozenset({0}), met.matches).get(0, [])
        verdicts = keep_first(groups, _protected(document, units))
        flags = _flags(document.source, groups, verdicts, Flags(Unit.PASSAGE, units, self._passages.refs(met)))
        if verdicts.removed:
            lines = {place: range(units.lines[place, 0], units.lines[place, 1] + 1) for place in verdicts.removed}
            document = remove_lines(document, lines.values(), {lines[place]: flags[place].of for place in lines})
        heads = {group.members[0]: verdicts.head(group) for group in groups}
        stay = [(first, head) for first in met.fresh.tolist() if (head := heads[first]) is not None]
        chosen, shown = np.array(stay, np.int64).reshape(-1, 2).T
        self._passages.enter(met, chosen, units.shown_at(chosen, shown), sources)
        return document, [flags[place] for place in sorted(flags)]

    def _groups(self, units: Units, documents: frozenset[int], earlier: Mapping[int, Sequence[Match]]) -> dict[int, list[Group]]:
        """Passages of some documents by equal shingle sets, with what each is like: by document, in order of their first members.

        Args:
            units: of a batch.
            documents: which of it.
            earlier: place of the first of each set -> its matches with units of earlier documents, best first.
        """
        wanted = np.zeros(int(units.documents.max(initial=0)) + 1, np.bool_)
        wanted[list(documents)] = True
        places = np.flatnonzero(wanted[units.documents])
        members: dict[tuple[int, int], list[int]] = {}
        sets = set_hashes(units.sets.at(places)).tolist()
        for number, value, place in zip(units.documents[places].tolist(), sets, places.tolist(), strict=True):
            members.setdefault((number, value), []).append(place)
        beside = self._beside(units, [group[0] for group in members.values()])
        sizes, words = units.sets.sizes.tolist(), units.words.tolist()
        groups: dict[int, list[Group]] = {}
        for (number, _), group in members.items():
            first, shortest = group[0], min([words[member] for member in group])
            groups.setdefault(number, []).append(
                Group(tuple(group), sizes[first], shortest, earlier.get(first, ()), beside.get(first, ()))
            )
        return groups

    def _beside(self, units: Units, firsts: Sequence[int]) -> dict[int, list[Match]]:
        """For those of some passages that have any: verified matches with others of their document that this one's flag is due to.

        Of two alike the later bears the flag, of one inside the other the one that is inside: so no match here ``holds`` anything.
        """
        pairs = [(place, other) for place, others in sorted(within(units, firsts, self._least).items()) for other in others]
        if not pairs:
            return {}
        places, others = np.array(pairs).T
        sizes = units.sets.sizes
        common = shared(units.sets, places, units.sets.at(others))
        related = relate(sizes[places], sizes[others], common, self._settings)
        found: dict[int, list[Match]] = {}
        for (place, other), rank, jaccard, containment, larger in zip(
            pairs, *(column.tolist() for column in related), strict=True
        ):
            if (rank == 0 and other < place) or (rank == 1 and (sizes[place] < sizes[other] or other < place)):
                found.setdefault(place, []).append(Match(rank, True, other, jaccard, containment, larger))  # noqa: FBT003  # by name it is slow
        return {place: sorted(matches) for place, matches in found.items()}


def _flags(source: Source, groups: Sequence[Group], verdicts: Verdicts, make: Flags) -> dict[int, Duplicate]:
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
                flags[place] = make.flag(source, place, best, found + own)
    return flags


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
