"""Fixed parts at the beginning or end of lines, and the lines that have them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.learn.content import Stays, is_turn, stays
from cleaner.learn.finding import Finding, Form
from cleaner.learn.lines import Seen, Survey, topic_of
from cleaner.learn.numbers import escaped, numbers_masked
from cleaner.learn.texts import commonest
from cleaner.learn.weigh import half_log

_MOST_WORDS = 10
"""Words of a fixed part at most."""
_LONGEST = 5_000
"""Code points of a line above which it is not looked at."""
_OTHER_RESTS, _LEAST = 3, 3
"""Different rests that there must be, and stories."""
_CLOSED = 0.95
"""A longer part that as good as all lines share is the part that is meant."""
_ROOM = 1.25
"""A line may be longer than those seen by this much."""
STRIPPED = 1_000
"""Code points of a line up to which a part is sought in it, however short those seen were."""
_SPEAKS = 0.4
"""Share of furniture below which a part with a colon names who speaks."""
_GLUED_COLON = re.compile(r"([^\W\d_]{2,}:)(?=[^\s/\d])")


@dataclass(frozen=True, slots=True)
class Row:
    """A line, in words; numbers are 0 in ``shape``."""

    seen: Seen
    words: tuple[str, ...]
    shape: tuple[str, ...]

    @classmethod
    def of(cls, seen: Seen) -> Row:
        """The words of a line; those behind a colon are their own: ``More:Gulls``."""
        view = seen.line.view
        words = tuple(_GLUED_COLON.sub(r"\1 ", view).split(" ")) if len(view) < _LONGEST else ()
        return cls(seen, words, tuple(map(numbers_masked, words)))


@dataclass(frozen=True, slots=True)
class Part:
    """A fixed part at the beginning of lines, or at their end, and the lines that have it."""

    shape: tuple[str, ...]
    at_end: bool
    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        """As it stands in most lines."""
        return commonest(map(self.of, self.rows), 1)[0]

    def of(self, row: Row) -> str:
        """The part as it stands in a line."""
        size = len(self.shape)
        return " ".join(row.words[-size:] if self.at_end else row.words[:size])

    def rest(self, row: Row) -> tuple[str, ...]:
        """The other words of a line."""
        size = len(self.shape)
        return row.words[:-size] if self.at_end else row.words[size:]

    @property
    def stories(self) -> int:
        """How many stories hold it."""
        return len({row.seen.place.story for row in self.rows})

    @property
    def seen(self) -> list[Seen]:
        """Its lines with their places."""
        return [row.seen for row in self.rows]

    def only(self, rows: Sequence[Row]) -> Part:
        """The part with some of its lines."""
        return Part(self.shape, self.at_end, tuple(rows))

    def pattern(self, survey: Survey) -> str:
        """What takes it in, with all its numbers."""
        texts = sorted(set(map(self.of, self.rows)))
        return survey.words.calendar.pattern(texts) if len(texts) > 1 else escaped(texts[0])


def parts_of(rows: Sequence[Row], survey: Survey, *, at_end: bool) -> Iterator[Part]:
    """Parts that enough stories share, shortest first; of those that the same lines share only the longest."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        for size in range(1, min(_MOST_WORDS, len(row.words) - 1) + 1):
            found[row.shape[-size:] if at_end else row.shape[:size]].append(row)
    parts = [part for shape, own in found.items() if is_shared(part := Part(shape, at_end, tuple(own)), survey)]
    longer: dict[tuple[str, ...], int] = {}
    for part in parts:
        shorter = part.shape[1:] if at_end else part.shape[:-1]
        longer[shorter] = max(longer.get(shorter, 0), len(part.rows))
    closed = (part for part in parts if longer.get(part.shape, 0) < _CLOSED * len(part.rows))
    return iter(sorted(closed, key=lambda part: (len(part.shape), -len(part.rows), part.shape)))


def is_shared(part: Part, survey: Survey) -> bool:
    """Whether enough stories hold it, with different rests."""
    return len({part.rest(row) for row in part.rows}) >= _OTHER_RESTS and part.stories >= max(_LEAST, survey.least)


def may_be_furniture(part: Part, survey: Survey) -> bool:
    """Whether nothing speaks against it: that it thanks who helped, that it names who speaks, that it has no letter."""
    text = part.text
    said = survey.words.said(text)
    speaker = text.endswith(":") and said.furniture < _SPEAKS and text[:1].isupper() and len(text.split()) <= 4
    turns = sum(is_turn(row.seen.line.view) for row in part.rows)
    return not (said.credit or speaker or (said.furniture < _SPEAKS and 2 * turns > len(part.rows))) and any(
        map(str.isalpha, text)
    )


def weighed(part: Part, survey: Survey, text: str) -> dict[str, float]:
    """What is weighed of every part.

    Args:
        part: the part.
        survey: the site.
        text: what is fixed.
    """
    said = survey.words.said(text)
    return {
        "stories": half_log(part.stories),
        "share": min(1.0, 2 * survey.share(part.stories)),
        "furniture": said.furniture,
        "name": stays(text, said) is Stays.NAME and not in_capitals(text),
    }


def finding_of(part: Part, survey: Survey, form: Form, pattern: str, confidence: float) -> Finding:
    """The part as a finding."""
    views = [row.seen.line.view for row in part.rows]
    end = "end" if part.at_end else "begin"
    return Finding(
        form,
        part.text,
        len({row.seen.place.page for row in part.rows}),
        tuple(row.seen.place for row in part.rows),
        confidence,
        topic_of(survey.words.said(part.text), part.seen),
        f"glued to the {end}{'' if part.at_end else 'ning'} of lines" if form is Form.STRIP else f"lines that {end} alike",
        commonest(views, 3),
        patterns=(pattern,),
        max_length=max(int(max(map(len, views)) * _ROOM) + 10, STRIPPED if form is Form.STRIP else 0),
    )


def in_capitals(text: str) -> bool:
    """Whether a text is in capitals: four letters at least.

    >>> in_capitals("CLOSE"), in_capitals("AP")
    (True, False)
    """
    return sum(map(str.isalpha, text)) >= 4 and text == text.upper() and text != text.lower()
