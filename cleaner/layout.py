"""White space beside what goes: inside a line and between lines.

Where something is removed, the gap left is as large as the larger of the two gaps beside it; at the beginning and the end of a
line or a document, which have a gap on one side only, the text's own edge stays as it was. What is too much is marked ``Layout``.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from operator import attrgetter

from cleaner.document import Cause, Document, Layout, Removal
from cleaner.spans import Span, complement, line_spans, merge


@dataclass(slots=True)
class LineText:
    """A non-blank line while spans are cut out of it.

    Attributes:
        number: number of the line, from 1.
        span: the whole line in the document's text, its line end included.
        text: what is left of it, without its line end.
    """

    number: int
    span: Span
    text: str
    _offsets: list[int] | None = None
    _marks: list[tuple[Span, Cause]] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Code points that no mark covers, those of its line end included."""
        return self.span.end - self.span.start - sum(span.end - span.start for span, _ in self._marks)

    def cut(self, start: int, end: int, parts: Iterable[tuple[Span, Cause]]) -> None:
        """Takes ``start <= i < end`` out of ``text``, and the smaller of the gaps beside it.

        Args:
            start: where in ``text`` it begins.
            end: where it ends.
            parts: what it consists of, each with its cause.

        >>> line = LineText(1, Span(0, 21), "One. (Read more) Two.")
        >>> line.cut(5, 16, [(Span(5, 16), Layout())]); line.text
        'One. Two.'
        """
        left = start - len(self.text[:start].rstrip())
        right = len(self.text) - end - len(self.text[end:].lstrip())
        at_start, at_end = left == start, end + right == len(self.text)
        before, after = start, end
        if at_start or (left >= right and not at_end):
            after = end + right
        else:
            before = start - left
        self._mark(before, start, Layout())
        for part, cause in parts:
            self._mark(part.start, part.end, cause)
        self._mark(end, after, Layout())
        if self._offsets is None:
            self._offsets = list(range(self.span.start, self.span.start + len(self.text)))
        del self._offsets[before:after]
        self.text = self.text[:before] + self.text[after:]

    def marks_of(self, start: int, end: int, cause: Cause) -> list[Removal]:
        """Removals that would take ``start <= i < end`` of ``text``."""
        return [Removal(span, self.number, cause) for span in self._spans(start, end)]

    def removals(self, gone: Cause | None) -> Iterator[Removal]:
        """All marks of the line; with ``gone`` what no mark covers yet goes for that cause, line end included."""
        for span, cause in self._marks:
            yield Removal(span, self.number, cause)
        if gone is not None:
            taken = [Span(span.start - self.span.start, span.end - self.span.start) for span, _ in self._marks]
            for start, end in complement(taken, self.span.end - self.span.start):
                yield Removal(Span(self.span.start + start, self.span.start + end), self.number, gone)

    def _mark(self, start: int, end: int, cause: Cause) -> None:
        self._marks += [(span, cause) for span in self._spans(start, end)]

    def _spans(self, start: int, end: int) -> list[Span]:
        if self._offsets is None:
            return [Span(self.span.start + start, self.span.start + end)] if start < end else []
        return merge(Span(offset, offset + 1) for offset in self._offsets[start:end])


class Lines:
    r"""The non-blank lines of a text, named by their index among them.

    Args:
        text: of a document.

    Attributes:
        numbers: number of each, from 1 in the text.
        views: each as it stands in the text, blanks folded.

    >>> lines = Lines("One\n\n Two  three")
    >>> lines.numbers.tolist(), lines.views, lines.index_of(3), lines.index_of(2)
    ([1, 3], ['One', 'Two three'], 1, None)
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.numbers = array("q")  # a tenth of the memory of a list of numbers
        self.views: list[str] = []
        self._starts = array("q")
        self._ends = array("q")
        self._touched: dict[int, LineText] = {}
        start = 0
        for number, line in enumerate(text.split("\n"), 1):
            end = start + len(line) + 1
            words = line.split()
            if words:
                self.numbers.append(number)
                self.views.append(" ".join(words))
                self._starts.append(start)
                self._ends.append(end)
            start = end
        if self._ends:
            self._ends[-1] = min(self._ends[-1], len(text))  # the last line may have no line end

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> LineText:
        """A line that something may be cut out of; made when it is first asked for, for most never are."""
        line = self._touched.get(index)
        if line is None:
            span = self.span(index)
            text = self._text[span.start : span.end].removesuffix("\n").removesuffix("\r")
            line = self._touched[index] = LineText(self.numbers[index], span, text)
        return line

    @property
    def touched(self) -> Mapping[int, LineText]:
        """The lines that were asked for."""
        return self._touched

    def span(self, index: int) -> Span:
        """A whole line in the text, its line end included."""
        return Span(self._starts[index], self._ends[index])

    def index_of(self, number: int) -> int | None:
        """The index of the line of a number; None of a blank one."""
        index = bisect_left(self.numbers, number)
        return index if index < len(self.numbers) and self.numbers[index] == number else None

    def untouched(self) -> Lines:
        """The same lines, with nothing cut out of them."""
        return Lines(self._text)


class _State(Enum):
    BLANK = "blank"
    KEPT = "kept"
    GONE = "gone"


def close_gaps(document: Document) -> Document:
    """The document with ``Layout`` marks on the white space that belonged to what was removed.

    To be called once, when all other removals are marked.
    """
    if not document.removals:
        return document
    lines = line_spans(document.text)
    states, marks = _states(document, lines)
    for number in _surplus(states):
        marks.append(Removal(lines[number], number + 1, Layout()))
    if not marks:
        return document
    removals = tuple(sorted((*document.removals, *marks), key=attrgetter("span")))
    return replace(document, removals=removals)


def _states(document: Document, lines: Sequence[Span]) -> tuple[list[_State], list[Removal]]:
    """What became of every line, and marks for what is left of lines of which no visible character stays."""
    taken: dict[int, list[Span]] = {}
    for removal in document.removals:
        taken.setdefault(removal.line - 1, []).append(removal.span)
    states: list[_State] = []
    marks: list[Removal] = []
    text = document.text
    for number, span in enumerate(lines):
        start, end = span
        if text[start].isspace() and text[start:end].isspace():
            states.append(_State.BLANK)
            continue
        if number not in taken:
            states.append(_State.KEPT)
            continue
        if taken[number] == [span]:
            states.append(_State.GONE)
            continue
        line = text[start:end]
        spans = [Span(one.start - start, one.end - start) for one in taken[number]]
        left = complement(spans, len(line))
        if any(not line[piece.start : piece.end].isspace() for piece in left):
            states.append(_State.KEPT)
            continue
        states.append(_State.GONE)
        marks += [Removal(Span(start + piece.start, start + piece.end), number + 1, Layout()) for piece in left]
    return states, marks


def _surplus(states: Sequence[_State]) -> Iterator[int]:
    """Indices of the blank lines that go."""
    kept = [-1, *(number for number, state in enumerate(states) if state is _State.KEPT), len(states)]
    for before, after in pairwise(kept):
        gone = [number for number in range(before + 1, after) if states[number] is _State.GONE]
        if not gone:
            continue
        first, last = range(before + 1, gone[0]), range(gone[-1] + 1, after)
        if before < 0:
            stays = first if after < len(states) else range(0)
        elif after == len(states):
            stays = last
        else:
            stays = first if len(first) >= len(last) else last
        for number in range(before + 1, after):
            if states[number] is _State.BLANK and number not in stays:
                yield number
