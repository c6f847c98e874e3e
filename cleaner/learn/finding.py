"""What was found on a site: something that repeats, how sure it is furniture, and where it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """What kind of rule takes it."""

    LINE = "line"
    """A whole line, letter by letter."""
    PATTERN = "pattern"
    """Whole lines of one pattern."""
    STRIP = "strip"
    """A part of a line."""
    BLOCK = "block"
    """From one line to another."""
    TAIL = "tail"
    """From one line to the end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a page.

    Attributes:
        story: number of the page's story.
        page: place of the page among those looked at.
        above: lines above it.
        below: lines below it.
    """

    story: int
    page: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that repeats.

    Attributes:
        form: what kind of rule takes it.
        text: of a line: itself; else what people know it by.
        patterns: of other forms: patterns of the line, of the part, or of the first line.
        ends: of a block: patterns of its last line.
        max_lines: of a block or tail.
        max_length: code points of the longest line that patterns are tried on; 0: as usual.
        pages: how many pages of the site hold it.
        places: where it stands on the pages looked at.
        confidence: how sure it is furniture, 0..1.
        topic: kind of furniture.
        what: what it is, a few words.
        seen: lines it was seen as, commonest first; of a block whole blocks.
    """

    form: Form
    text: str
    pages: int
    places: tuple[Place, ...]
    confidence: float
    topic: str
    what: str
    seen: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    max_lines: int = 0
    max_length: int = 0

    @property
    def stories(self) -> int:
        """How many stories hold it."""
        return len({place.story for place in self.places})
