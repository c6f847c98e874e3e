"""What is judged: a line; in hard-wrapped text a paragraph; in a document without line ends a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from cleaner.evidence.stretches import Bools, Ints, Stretches
from cleaner.spans import Span
from cleaner.wrapping import WRAP_COLUMNS, Row, hard_wrapped, paragraphs

_LONG_LINE = 400
"""Code points above which the one line of a document is taken for all of its text, and cut into sentences."""
_ENDS = 500_000
"""Code points of either end of a line by which one that is longer than both is judged: looking at each takes some 60 bytes."""
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’»)]?\s+(?=[^\sa-z])|(?<=[。！？])(?![」』”])|(?<=[।؟۔])\s*")


class Unit(NamedTuple):
    """What is judged as one.

    Attributes:
        text: trimmed; lines of a paragraph are parted by a blank.
        span: code points of the document's text; whole lines with their line ends, or a sentence with the blanks behind it.
        line: its first line, from 1.
        last: its last line.
        indent: how far it is indented, in code points.
        above: blank lines directly above it.
    """

    text: str
    span: Span
    line: int
    last: int
    indent: int
    above: int


class Units(NamedTuple):
    """The units of several documents, end to end, each of their columns by itself; ``Unit`` says what these hold.

    Attributes:
        texts: of all units.
        start: where the span of each begins in its document, shape (units,).
        end: behind its end.
        line: number of its first line.
        last: number of its last line.
        indent: its indentation.
        above: blank lines above it.
        sizes: units of each document, shape (documents,).
        sentences: which documents are of one line, whose sentences these are.
    """

    texts: list[str]
    start: Ints
    end: Ints
    line: Ints
    last: Ints
    indent: Ints
    above: Ints
    sizes: Ints
    sentences: Bools

    def unit(self, place: int) -> Unit:
        """One of them."""
        span = Span(int(self.start[place]), int(self.end[place]))
        numbers = (int(column[place]) for column in (self.line, self.last, self.indent, self.above))
        return Unit(self.texts[place], span, *numbers)

    def only(self, chosen: Bools) -> Units:
        """Those of some of the documents."""
        if chosen.all():
            return self
        held = np.repeat(chosen, self.sizes)
        texts = [self.texts[place] for place in np.flatnonzero(held).tolist()]
        start, end, line, last, indent, above = (column[held] for column in self[1:7])
        return Units(texts, start, end, line, last, indent, above, self.sizes[chosen], self.sentences[chosen])

    def part(self, first: int, stop: int) -> Units:
        """Some units of the one document there is, as if they were all."""
        here = slice(first, stop)
        start, end, line, last, indent, above = (column[here] for column in self[1:7])
        return Units(self.texts[here], start, end, line, last, indent, above, np.array([stop - first]), self.sentences)


def units_of(texts: Sequence[str]) -> Units:
    r"""What of some texts is judged: every line that is not blank, or what stands for lines in it.

    >>> units_of(["  One \n\nTwo\n", "\n"]).texts
    ['One', 'Two']
    """
    pages = [text.split("\n") for text in texts]
    lines = list(chain.from_iterable(pages))
    trimmed = list(map(str.strip, lines))
    of = Stretches.of(np.fromiter(map(len, pages), np.int64, len(pages)))
    sizes, lengths = (np.fromiter(map(len, part), np.int64, len(lines)) for part in (lines, trimmed))
    for place in np.flatnonzero(lengths > 2 * _ENDS).tolist():
        trimmed[place] = trimmed[place][:_ENDS] + trimmed[place][-_ENDS:]
    filled = lengths > 0
    whole = of.before(np.asarray(sizes + 1, np.float64)).astype(np.int64)
    starts, indent = whole, np.zeros(len(lines), np.int64)
    for place in np.flatnonzero(filled & (sizes != lengths)).tolist():
        indent[place] = len(lines[place]) - len(lines[place].lstrip())
    long = of.most(np.where(filled, lengths, 0)) > _LONG_LINE
    sentences = (of.total(filled.astype(np.float64)) == 1) & long
    special: list[tuple[int, list[Unit]]] = []
    for number in np.flatnonzero(sentences | _maybe_wrapped(of, filled, lengths)).tolist():
        first, stop = of.bounds[number : number + 2].tolist()
        page = _Page(
            texts[number], starts[first:stop].tolist(), lines[first:stop], trimmed[first:stop], indent[first:stop].tolist()
        )
        if sentences[number] or hard_wrapped(page.trimmed):
            special.append((number, page.sentences() if sentences[number] else page.paragraphs()))
            filled[first:stop] = False
    return _laid_out(texts, _Lines(of, trimmed, filled, starts, sizes, indent), special, sentences)


def _maybe_wrapped(of: Stretches, filled: Bools, lengths: Ints) -> Bools:
    """Which documents have as many lines of wrapping length as hard-wrapped text has at least; see ``wrapping.hard_wrapped``."""
    joints = filled.copy()
    joints[:-1] &= filled[1:]
    joints[of.bounds[1:] - 1] = False
    long = joints & (lengths >= WRAP_COLUMNS.start) & (lengths < WRAP_COLUMNS.stop)
    return 2 * of.total(long.astype(np.float64)) > of.total(joints.astype(np.float64))


class _Page(NamedTuple):
    """A document whose lines are no units, line by line."""

    text: str
    starts: list[int]
    lines: list[str]
    trimmed: list[str]
    indent: list[int]

    def span(self, first: int, stop: int) -> Span:
        """Some of its lines."""
        return Span(self.starts[first], self.starts[stop] if stop < len(self.starts) else len(self.text))

    def paragraphs(self) -> list[Unit]:
        """Its paragraphs."""
        found: list[Unit] = []
        behind = 0
        rows = [Row(text, indent if text else 0) for text, indent in zip(self.trimmed, self.indent, strict=True)]
        for group in paragraphs(rows):
            first, stop = group.start, group.stop
            joined = " ".join(self.trimmed[first:stop])
            found.append(Unit(joined, self.span(first, stop), first + 1, stop, self.indent[first], first - behind))
            behind = stop
        return found

    def sentences(self) -> list[Unit]:
        """The sentences of its one line."""
        number = next(number for number, line in enumerate(self.trimmed) if line)
        span = self.span(number, number + 1)
        units: list[Unit] = []
        start = span.start
        for end in [*(match.end() for match in _SENTENCE.finditer(self.text, span.start, span.end)), span.end]:
            if sentence := self.text[start:end].strip():
                units.append(Unit(sentence, Span(start, end), number + 1, number + 1, 0, 0))
                start = end
        return units


class _Lines(NamedTuple):
    """All lines of some documents."""

    of: Stretches
    trimmed: list[str]
    filled: Bools
    starts: Ints
    sizes: Ints
    indent: Ints


def _laid_out(texts: Sequence[str], lines: _Lines, special: Sequence[tuple[int, list[Unit]]], sentences: Bools) -> Units:
    """The lines that are filled and the units of special documents, in order."""
    of, places = lines.of, np.flatnonzero(lines.filled)
    owner = of.owner[places]
    begins = of.begins[places]
    start = lines.starts[places]
    # The last line of a text has no line end.
    end = np.minimum(start + lines.sizes[places] + 1, np.fromiter(map(len, texts), np.int64, len(texts))[owner])
    number = places - begins + 1
    behind = np.concatenate(([-1], places[:-1]))
    above = places - np.maximum(behind + 1, begins)
    columns: list[Ints] = [start, end, number, number, lines.indent[places], above]
    held = lines.trimmed if len(places) == len(lines.trimmed) else [lines.trimmed[place] for place in places.tolist()]
    if special:
        units = [unit for _, some in special for unit in some]
        owner = np.concatenate((owner, np.repeat([document for document, _ in special], [len(some) for _, some in special])))
        order = np.argsort(owner, kind="stable")
        told = np.array([(*unit.span, *unit[2:]) for unit in units], np.int64).reshape(-1, len(columns)).T
        columns = [np.concatenate(pair)[order] for pair in zip(columns, told, strict=True)]
        every = held + [unit.text for unit in units]
        held = [every[place] for place in order.tolist()]
    start, end, line, last, indent, above = columns
    return Units(held, start, end, line, last, indent, above, np.bincount(owner, minlength=len(texts)), sentences)
