"""Evidence applied to documents: which lines go that no rule names, how sure that is, and why.

A function of the text and of what bundled generic rules say of it, never of other documents, nor of a user's or a site's rules. Documents
are assessed several at once, for that is many times faster; what is said of one is the same in any company.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np

from cleaner.document import Document, Evidence, Removal
from cleaner.evidence.features import Extractor, Table
from cleaner.evidence.lexicon import Lexicon
from cleaner.evidence.model import Model, read_model
from cleaner.evidence.reasons import Facts, reasons
from cleaner.evidence.settings import Doubtful, EvidenceSettings, Keep, Strength
from cleaner.evidence.stretches import Bools, Ints, Stretches
from cleaner.evidence.units import Unit, Units, units_of
from cleaner.evidence.verdict import Verdict, verdict
from cleaner.rules.load import bundled_folder
from cleaner.spans import Span, clip, complement, line_spans

SECTION, MARGIN = 10_000, 500
"""Lines of a very long text that are judged at once, for their features take 8 KB a line; and lines around them that are looked at too."""
SIGNS, SIGNS_AROUND = 4_000_000, 200_000
"""The same in code points, each of which takes some 60 bytes while it is looked at."""
_DOCUMENTS = 64
_SIZE = 256_000
"""Documents, or code points, that are assessed at once: enough that arrays are worth it, few enough that they stay in the cache."""


def evidence_folder() -> Path:
    """Where weights and lexicons lie."""
    return bundled_folder() / "evidence"


class Assessor:
    """Weighs the evidence on documents.

    Args:
        settings: how sure it must be, and what happens to doubtful lines.
        model: the weights; None: the bundled ones.
        section: lines of a very long text that are judged at once.

    Raises:
        RuleFaults: the weights or lexicons cannot be read (a broken installation).
    """

    def __init__(self, settings: EvidenceSettings, model: Model | None = None, section: int = SECTION) -> None:
        self._settings = settings
        self._section = section
        folder = evidence_folder()
        self._model = model or read_model(folder / "model.toml")
        classes = self._model.structure.classes
        self._extractor = Extractor(Lexicon(folder, classes.names), classes)

    def assess(self, document: Document) -> Document:
        """The document with marks on what evidence takes, and flags on what it leaves in doubt."""
        return self.assess_all((document,))[0]

    def assess_all(self, documents: Sequence[Document]) -> list[Document]:
        """Each of the documents with its marks and flags, in order."""
        if self._settings.strength is Strength.RULES:
            return list(documents)
        found: list[Document] = []
        for batch in _batches(documents):
            found += self._assess(batch)
        return found

    def _assess(self, documents: Sequence[Document]) -> list[Document]:
        units = units_of([document.text for document in documents])
        found = list(documents)
        few = np.array([len(document.text) <= SIGNS for document in documents]) & (units.sizes <= self._section + MARGIN)
        whole = (units.sizes >= 2) & few
        places = np.flatnonzero(whole).tolist()
        if places:
            for place, marked in zip(places, self._marked([found[place] for place in places], units.only(whole)), strict=True):
                found[place] = marked
        for place in np.flatnonzero((units.sizes >= 2) & ~few).tolist():
            alone = np.arange(len(found)) == place
            found[place] = self._marked_by_sections(found[place], units.only(alone))
        return found

    def _marked_by_sections(self, document: Document, units: Units) -> Document:
        """A document of very many units, with its marks: section by section, as if each, with what stands around it, were a document.

        So the memory it takes does not grow with its features. No article is that long: each section is searched for its own.
        """
        for here, around in _sections(units, self._section):
            asked = (np.arange(around.start, around.stop) >= here.start) & (np.arange(around.start, around.stop) < here.stop)
            document = self._marked([document], units.part(around.start, around.stop), asked)[0]
        return document

    def _marked(self, documents: Sequence[Document], units: Units, asked: Bools | None = None) -> list[Document]:
        """Documents of two units or more, with their marks; ``asked``: units that may have one, None: all."""
        said = Spoken(documents, units)
        table = self._extractor.table(units, said.topics())
        weighed = self._model.weigh(table.columns)
        votes = self._model.headline.votes(table)
        said_of = verdict(self._model, table, self._model.scored(weighed), votes, units.sentences)
        free = said.free() if asked is None else said.free() & asked
        goes, doubtful = self._decide(said_of, free, table, units)
        places = np.flatnonzero(goes | doubtful)
        widgets = [("", *self._model.widgets.kinds)[kind] for kind in said_of.widget[places].tolist()]
        facts = Facts(table, places, np.array(widgets))
        told = reasons(self._model.beyond_usual(weighed[:, places]), self._model.kinds, facts, units.texts)
        confidence = np.round(self._model.confidence(said_of.scores[places]), 3).tolist()
        marks = _Marks(units, dict(zip(places.tolist(), zip(confidence, told, strict=True), strict=True)))
        runs = (_adjacent(table.stretches, chosen) for chosen in (goes, doubtful))
        return list(map(marks.made, documents, *runs))

    def _decide(self, said: Verdict, free: Bools, table: Table, units: Units) -> tuple[Bools, Bools]:
        """Which units go, and which are doubtful and shown."""
        free, final = free & ~said.headline, said.scores
        if Keep.CAPTIONS in self._settings.keep:
            free &= ~table.captions
        likely = free & (final >= self._model.doubtful)
        sure = free & (final >= self._model.thresholds[self._settings.strength.value])
        if self._settings.doubtful is Doubtful.REMOVE:
            sure = sure | (likely & said.open)
        for number in np.flatnonzero(units.sentences).tolist():
            here = slice(*table.stretches.bounds[number : number + 2])
            sure[here], likely[here] = _at_ends(sure[here]), _at_ends(likely[here])
        if self._settings.doubtful is not Doubtful.FLAG:
            likely = np.zeros_like(likely)
        return sure, likely & ~sure


def _sections(units: Units, most: int) -> Iterator[tuple[range, range]]:
    """The units of a document in sections of at most so many units and ``SIGNS`` code points, one unit at least, and what is around each."""
    ends = np.cumsum(np.fromiter(map(len, units.texts), np.int64, len(units.texts)))
    begin, behind = 0, 0
    while begin < len(ends):
        stop = max(begin + 1, min(begin + most, int(ends.searchsorted(behind + SIGNS, side="right"))))
        first = max(begin - MARGIN, int(ends.searchsorted(behind - SIGNS_AROUND, side="right")), 0)
        last = min(stop + MARGIN, int(ends.searchsorted(int(ends[stop - 1]) + SIGNS_AROUND, side="right")))
        yield range(begin, stop), range(min(first, begin), max(last, stop))
        begin, behind = stop, int(ends[stop - 1])


def _batches(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """Documents that are assessed at once, in order; a large one by itself."""
    first = size = 0
    for number, document in enumerate(documents):
        if number > first and (size + len(document.text) > _SIZE or number - first >= _DOCUMENTS):
            yield documents[first:number]
            first, size = number, 0
        size += len(document.text)
    if first < len(documents):
        yield documents[first:]


class Spoken:
    """Which units the lines of some documents belong to, and what others have said of them."""

    def __init__(self, documents: Sequence[Document], units: Units) -> None:
        self._documents = documents
        self._units = units
        owner = np.repeat(np.arange(len(documents)), units.sizes)
        # Lines are numbered on from document to document; none has as many.
        self._apart = max((len(document.text) for document in documents), default=0) + 2
        self._first = owner * self._apart + units.line
        self._last = owner * self._apart + units.last
        self._whole = ~units.sentences[owner]

    def _units_of(self, lines: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
        """For lines, by document and number: their first unit, and behind their last one."""
        numbers = np.array(lines, np.int64).reshape(-1, 2) @ np.array([self._apart, 1])
        return np.searchsorted(self._last, numbers), np.searchsorted(self._first, numbers, "right")

    def topics(self) -> dict[int, frozenset[str]]:
        """For units of whose lines generic rules take each: the topics that are those of all its lines."""
        signals = [(number, signal) for number, document in enumerate(self._documents) for signal in document.signals]
        first, stop = self._units_of([(number, signal.line) for number, signal in signals])
        sizes = (self._last - self._first + 1).tolist()
        single: dict[int, set[str]] = {}  # units of one line, as most are
        said: dict[int, dict[int, set[str]]] = {}
        for (_, signal), begin, end in zip(signals, first.tolist(), stop.tolist(), strict=True):
            if end == begin + 1 and sizes[begin] == 1:
                single.setdefault(begin, set()).add(signal.topic)
                continue
            for unit in range(begin, end):
                said.setdefault(unit, {}).setdefault(signal.line, set()).add(signal.topic)
        whole = {unit: set.intersection(*lines.values()) for unit, lines in said.items() if len(lines) == sizes[unit]}
        return {unit: frozenset(topics) for unit, topics in (single | whole).items() if topics}

    def free(self) -> Bools:
        """Which units evidence may speak of: none of their lines is protected or flagged, and rules have left something of them."""
        held, gone, sizes = [], [], []
        for number, document in enumerate(self._documents):
            held += [(number, line) for line in document.protected]
            held += [(number, mark.line) for mark in document.flags]
            gone += [(number, mark.line) for mark in document.removals]
            sizes += [mark.span.end - mark.span.start for mark in document.removals]
        count = len(self._first)
        first, stop = self._units_of(held)
        spoken = np.cumsum(np.bincount(first, minlength=count + 1) - np.bincount(stop, minlength=count + 1))[:count] > 0
        first, stop = self._units_of(gone)
        taken = np.bincount(first[stop > first], np.array(sizes)[stop > first], count)
        left = taken < self._units.end - self._units.start
        free: Bools = ~spoken & (left | ~self._whole)
        return free


def _at_ends(mask: Bools) -> Bools:
    """What of a mask is one run at the beginning or at the end."""
    first = np.logical_and.accumulate(mask)
    last = np.logical_and.accumulate(mask[::-1])[::-1]
    return first | last


class _Marks:
    """Makes marks of what was decided.

    Args:
        units: of all documents.
        said: confidence and reasons by index of the unit.
    """

    def __init__(self, units: Units, said: Mapping[int, tuple[float, tuple[str, ...]]]) -> None:
        self._units = units
        self._said = said
        self._columns = [column.tolist() for column in (units.line, units.last, units.start, units.end)]

    def made(self, document: Document, goes: Sequence[range], doubtful: Sequence[range]) -> Document:
        """The document with marks on runs of units that go, and flags on those that are doubtful."""
        if not goes and not doubtful:
            return document
        taken: dict[int, list[Span]] = {}
        for mark in document.removals:
            taken.setdefault(mark.line, []).append(mark.span)
        block = document.last_block
        found: list[list[Removal]] = []
        for runs in (goes, doubtful):
            marks: list[Removal] = []
            for run in runs:
                pieces = self._pieces(run, document.text)
                together = len(pieces) > 1
                block += together
                for unit, line, span in pieces:
                    cause = Evidence(*self._said[unit], block if together else None)
                    if line in taken:
                        marks += [Removal(left, line, cause) for left in _left(span, taken[line])]
                    else:
                        marks.append(Removal(span, line, cause))
            found.append(marks)
        return replace(
            document,
            removals=tuple(sorted((*document.removals, *found[0]), key=attrgetter("span"))),
            flags=tuple(sorted((*document.flags, *found[1]), key=attrgetter("span"))),
        )

    def _pieces(self, run: range, text: str) -> list[tuple[int, int, Span]]:
        """The lines of some units: unit, line, and what of it the unit holds."""
        lines, lasts, starts, ends = self._columns
        if lines[run.start : run.stop] == lasts[run.start : run.stop]:
            return [(place, lines[place], Span(starts[place], ends[place])) for place in run]
        return [(place, *part) for place in run for part in _lines_of(self._units.unit(place), text)]


def _adjacent(stretches: Stretches, chosen: Bools) -> list[list[range]]:
    """For each document the runs of chosen units."""
    begins, stops = stretches.runs(chosen)
    first = np.flatnonzero(chosen & (begins == stretches.places))
    found: list[list[range]] = [[] for _ in range(len(stretches.sizes))]
    for owner, *run in zip(stretches.owner[first].tolist(), first.tolist(), stops[first].tolist(), strict=True):
        found[owner].append(range(*run))
    return found


def _left(span: Span, taken: Sequence[Span]) -> list[Span]:
    """What of a span others have not taken."""
    inside = (Span(piece.start - span.start, piece.end - span.start) for piece in taken if clip(piece, span))
    free = complement((clip(piece, Span(0, span.end - span.start)) or piece for piece in inside), span.end - span.start)
    return [Span(span.start + start, span.start + end) for start, end in free]


def _lines_of(unit: Unit, text: str) -> list[tuple[int, Span]]:
    """The lines of a unit with what of them it holds."""
    start = unit.span.start
    spans = line_spans(text[start : unit.span.end])
    return [(unit.line + number, Span(start + begin, start + end)) for number, (begin, end) in enumerate(spans)]
