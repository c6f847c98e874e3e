"""Flags of near-duplicates, made of what matching tells: where the unit stands, what it is like, what it is most like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleaner.dedup.match import Match
from cleaner.dedup.sketch import Units
from cleaner.document import Closest, Duplicate, Source, Unit, UnitRef
from cleaner.spans import Span


class Flags:
    """Makes the flags of some units.

    Args:
        unit: their kind.
        units: which they are.
        refs: what the units of earlier documents are shown as, by their numbers.
    """

    def __init__(self, unit: Unit, units: Units, refs: Mapping[int, UnitRef]) -> None:
        self._unit = unit
        self._spans: list[list[int]] = units.spans.tolist()
        self._lines: list[int] = units.lines[:, 0].tolist()
        self._refs = refs

    def flag(self, source: Source, place: int, best: Match, matches: Sequence[Match]) -> Duplicate:
        """The flag of one unit.

        Args:
            source: of its document.
            place: its own.
            best: what the flag names.
            matches: all that the unit is known to be like; of equally similar ones the first counts.
        """
        closest = max(matches, key=_similarity) if len(matches) > 1 else best
        passage = self._unit is Unit.PASSAGE
        return Duplicate(  # by name it takes a third longer
            self._unit,
            Span(*self._spans[place]) if passage else None,
            self._lines[place] if passage else None,
            self._ref(source, best),
            best.relation,
            best.jaccard,
            best.containment,
            best.larger,
            Closest(self._ref(source, closest), closest.jaccard, closest.containment, closest.larger)
            if closest.jaccard > best.jaccard
            else None,
        )

    def _ref(self, source: Source, match: Match) -> UnitRef:
        """What a unit is like."""
        return UnitRef(source, self._lines[match.of]) if match.beside else self._refs[match.of]


def _similarity(match: Match) -> float:
    return match.jaccard
