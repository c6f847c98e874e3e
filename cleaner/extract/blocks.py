"""A page as blocks: what stands between two line breaks of its layout, and the boxes that hold it.

A box is an element of the layout (a paragraph, a list, a division); a block is a run of text in one box that no box interrupts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from cleaner.extract.names import Names
from cleaner.extract.tree import walk

BOXES = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
"""Elements that begin a line of their own."""

ABOVE = (
    "article",
    "main",
    "aside",
    "nav",
    "footer",
    "header",
    "form",
    "figure",
    "ul",
    "ol",
    "table",
    "blockquote",
    "section",
    "dl",
    "li",
    "p",
)
"""Elements that it tells something to stand in; the n-th is bit n."""
_ABOVE_BITS = {tag: 1 << bit for bit, tag in enumerate(ABOVE)}

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Blocks:
    """The blocks of a page in document order, and its boxes.

    Attributes:
        texts: of each block, white space made one blank.
        box: of each block, the box it stands in.
        linked: of each block, characters that are links.
        pieces: of each block, where its text stands: the element, and whether it is the text behind it.
        boxes: the elements, in document order; a box stands behind the one that holds it.
        parent: of each box, the one that holds it; the first box is its own.
        stop: of each box, the number behind those of the boxes in it.
        own: of each box, the meanings of its names, as bits.
        named: of each box, the meanings of its names and of those of all that hold it.
        above: of each box, what tags it is or stands in, as bits of ``ABOVE``.
        kind: of each box, a number that boxes of the same tag and class in boxes of the same tags and classes share.
    """

    texts: list[str] = field(default_factory=list)
    box: list[int] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    pieces: list[list[tuple[HtmlElement, bool]]] = field(default_factory=list)
    boxes: list[HtmlElement] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    stop: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)

    def upwards(self, levels: int) -> list[Ints]:
        """For each block its box, the box that holds this, and so on; ``levels`` arrays."""
        parent = np.array(self.parent, np.int64)
        found = [np.array(self.box, np.int64)]
        for _ in range(levels - 1):
            found.append(parent[found[-1]])
        return found


class _Reading:
    """Blocks as they are found."""

    def __init__(self, names: Names) -> None:
        self.found = Blocks()
        self._names = names
        self._open: list[int] = []
        self._pieces: list[str] = []
        self._places: list[tuple[HtmlElement, bool]] = []
        self._linked = 0
        self._links = 0
        self._kinds: dict[tuple[object, ...], int] = {}
        self._shapes: list[tuple[object, ...]] = []

    def begin(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in BOXES:
            self._cut()
            self._open_box(element, tag)
        elif tag == "a":
            self._links += 1
        elif tag == "br":
            self._pieces.append(" ")
        self._add(element.text, element, behind=False)

    def end(self, element: HtmlElement) -> None:
        tag, tail = element.tag, element.tail
        if tag in BOXES:
            self._cut()
            self.found.stop[self._open.pop()] = len(self.found.boxes)
        elif tag == "a":
            self._links -= 1
        elif tag == "br" and tail and not tail.isspace():
            self._cut()
        self._add(tail, element, behind=True)

    def _add(self, text: str | None, element: HtmlElement, *, behind: bool) -> None:
        if text:
            self._pieces.append(text)
            self._places.append((element, behind))
            if self._links:
                self._linked += len(text.strip())

    def _cut(self) -> None:
        if self._pieces:
            text = " ".join("".join(self._pieces).split())
            if text:
                found = self.found
                found.texts.append(text)
                found.box.append(self._open[-1] if self._open else 0)
                found.linked.append(min(self._linked, len(text)))
                found.pieces.append(self._places)
            self._pieces.clear()
            self._places = []
            self._linked = 0

    def _open_box(self, element: HtmlElement, tag: str) -> None:
        found = self.found
        place = len(found.boxes)
        above = self._open[-1] if self._open else place
        own = self._names.of(element) if len(self._open) > 1 else 0
        shape = (tag, element.get("class"))
        found.boxes.append(element)
        found.parent.append(above)
        found.stop.append(place + 1)
        found.own.append(own)
        found.named.append(own | (found.named[above] if self._open else 0))
        found.above.append(_ABOVE_BITS.get(tag, 0) | (found.above[above] if self._open else 0))
        beyond = found.parent[above] if self._open else place
        self._shapes.append(shape)
        found.kind.append(self._kinds.setdefault((shape, self._shapes[above], self._shapes[beyond][1]), len(self._kinds)))
        self._open.append(place)


def blocks_of(tree: HtmlElement, names: Names) -> Blocks:
    """The blocks of a page.

    Raises:
        InputError: ``page-too-deep`` or ``page-too-complex``: a limit is passed.
    """
    reading = _Reading(names)
    for begins, element in walk(tree):
        if begins:
            reading.begin(element)
        else:
            reading.end(element)
    return reading.found
