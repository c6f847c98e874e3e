"""Evidence applied to a document: which lines go that no rule names, how sure that is, and why.

A function of the text and of what bundled generic rules say of it, never of other documents, nor of a user's or a site's rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cleaner.document import Document, Evidence, Removal
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.headline import headlines
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, decisive, read_model
from cleaner.evidence.reasons import Facts, reasons
from cleaner.evidence.settings import Doubtful, EvidenceSettings, Keep, Strength
from cleaner.evidence.surface import Bools, Floats, Ints
from cleaner.evidence.units import Unit, Units, units_of
from cleaner.rules.load import bundled_folder
from cleaner.spans import Span, clip, complement, line_spans


def evidence_folder() -> Path:
    """Where weights and lexicons lie."""
    return bundled_folder() / "evidence"


class Assessor:
    """Weighs the evidence on documents.

    Args:
        settings: how sure it must be, and what happens to doubtful lines.
        model: the weights; None: the bundled ones.

    Raises:
        RuleFaults: the weights or lexicons cannot be read (a broken installation).
    """

    def __init__(self, settings: EvidenceSettings, model: Model | None = None) -> None:
        self._settings = settings
        folder = evidence_folder()
        self._model = model or read_model(folder / "model.toml")
        classes = self._model.structure.classes
        self._extractor = Extractor(Lexicon(folder, classes.names), classes)
        self._kinds = self._model.structure.kinds()

    def assess(self, document: Document) -> Document:
        """The document with marks on what evidence takes, and flags on what it leaves in doubt."""
        if self._settings.strength is Strength.RULES:
            return document
        units = units_of(document.text)
        if len(units.units) < 2:
            return document
        case = _Case(document, units, self._extractor.table(units.units, _topics(document, units.units)))
        contributions = self._model.contributions(case.table.columns)
        scores = contributions.sum(axis=0) + self._model.intercept
        final = decisive(self._model, scores, case.table.columns["stake"], case.ruled())
        goes, doubtful = self._decide(final, case)
        told = self._explained(np.flatnonzero(goes | doubtful), final, contributions, case)
        return _marked(case, goes, doubtful, told)

    def _decide(self, final: Floats, case: _Case) -> tuple[Bools, Bools]:
        """Which units go, and which are doubtful and shown."""
        free = case.free() & ~headlines(case.table.columns, case.table.article)
        if Keep.CAPTIONS in self._settings.keep:
            free &= ~case.table.captions
        likely = free & (final >= self._model.doubtful)
        sure = free & (final >= self._model.thresholds[self._settings.strength.value])
        if self._settings.doubtful is Doubtful.REMOVE:
            sure = sure | likely
        if case.units.sentences:
            sure, likely = _at_ends(sure), _at_ends(likely)
        if self._settings.doubtful is not Doubtful.FLAG:
            likely = np.zeros_like(likely)
        return sure, likely & ~sure

    def _explained(self, places: Ints, final: Floats, contributions: Floats, case: _Case) -> dict[int, Evidence]:
        """Confidence and reasons of some units."""
        facts = Facts(case.units.units, case.table)
        found: dict[int, Evidence] = {}
        for place in places.tolist():
            told = reasons(contributions[:, place] - self._model.usual, self._kinds, facts, place)
            found[place] = Evidence(round(self._model.confidence(float(final[place])), 3), told)
        return found


class _Case:
    """A document that is judged, and what is known of it."""

    def __init__(self, document: Document, units: Units, table: Table) -> None:
        self.document = document
        self.units = units
        self.table = table

    def ruled(self) -> Bools:
        """Which units a generic rule takes."""
        return self.table.columns["ruled"] > 0

    def free(self) -> Bools:
        """Which units evidence may speak of: none of their lines is protected or flagged, and rules have left something of them."""
        held = {*self.document.protected, *(mark.line for mark in self.document.flags)}
        gone: dict[int, int] = {}
        for mark in self.document.removals:
            gone[mark.line] = gone.get(mark.line, 0) + mark.span.end - mark.span.start
        return np.array([not self._spoken_for(unit, held, gone) for unit in self.units.units], np.bool_)

    def _spoken_for(self, unit: Unit, held: set[int], gone: Mapping[int, int]) -> bool:
        lines = range(unit.line, unit.last + 1)
        if not held.isdisjoint(lines):
            return True
        return sum(gone.get(line, 0) for line in lines) >= unit.span.end - unit.span.start and not self.units.sentences


def _topics(document: Document, units: Sequence[Unit]) -> list[frozenset[str]]:
    """For each unit the topics of the generic rules that take all its lines."""
    said: dict[int, set[str]] = {}
    for signal in document.signals:
        said.setdefault(signal.line, set()).add(signal.topic)
    nothing: frozenset[str] = frozenset()
    found: list[frozenset[str]] = []
    for one in units:
        topics = frozenset(said.get(one.line, nothing))
        for line in range(one.line + 1, one.last + 1):
            topics &= said.get(line, nothing)
        found.append(topics)
    return found


def _at_ends(mask: Bools) -> Bools:
    """What of a mask is one run at the beginning or at the end."""
    first = np.logical_and.accumulate(mask)
    last = np.logical_and.accumulate(mask[::-1])[::-1]
    return first | last


def _marked(case: _Case, goes: Bools, doubtful: Bools, told: Mapping[int, Evidence]) -> Document:
    document = case.document
    taken: dict[int, list[Span]] = {}
    for mark in document.removals:
        taken.setdefault(mark.line, []).append(mark.span)
    block = max((getattr(mark.cause, "block", None) or 0 for mark in (*document.removals, *document.flags)), default=0)
    found: list[list[Removal]] = []
    for chosen in (goes, doubtful):
        marks: list[Removal] = []
        for run in _adjacent(chosen):
            pieces = [(place, *piece) for place in run for piece in _lines_of(case.units.units[place], document.text)]
            block += len(pieces) > 1
            for place, line, span in pieces:
                cause = replace(told[place], block=block) if len(pieces) > 1 else told[place]
                marks += [Removal(left, line, cause) for left in _left(span, taken.get(line, []))]
        found.append(marks)
    return replace(
        document,
        removals=tuple(sorted((*document.removals, *found[0]), key=lambda mark: mark.span)),
        flags=tuple(sorted((*document.flags, *found[1]), key=lambda mark: mark.span)),
    )


def _adjacent(chosen: Bools) -> Iterator[range]:
    """The runs of chosen places."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], chosen.astype(np.int8), [0])))).tolist()
    yield from map(range, edges[::2], edges[1::2])


def _left(span: Span, taken: Sequence[Span]) -> list[Span]:
    """What of a span others have not taken."""
    if not taken:
        return [span]
    inside = (Span(piece.start - span.start, piece.end - span.start) for piece in taken if clip(piece, span))
    free = complement((clip(piece, Span(0, span.end - span.start)) or piece for piece in inside), span.end - span.start)
    return [Span(span.start + start, span.start + end) for start, end in free]


def _lines_of(unit: Unit, text: str) -> list[tuple[int, Span]]:
    """The lines of a unit with what of them it holds."""
    if unit.line == unit.last:
        return [(unit.line, unit.span)]
    start = unit.span.start
    spans = line_spans(text[start : unit.span.end])
    return [(unit.line + number, Span(start + begin, start + end)) for number, (begin, end) in enumerate(spans)]
