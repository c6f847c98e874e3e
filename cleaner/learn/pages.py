"""The pages of a site that are looked at closely: their lines, what the bundled rules and evidence say of each, and which tell one story.

Copies and new versions of one article share its lines; what only they repeat is no sign of furniture. So pages that share long lines
are one *story*, and what repeats is counted in stories.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cleaner.document import Document, Evidence, Raw, RuleFired, Source
from cleaner.evidence.settings import Doubtful, EvidenceSettings, Strength
from cleaner.pipeline import Pipeline
from cleaner.rules.fold import fold_blanks
from cleaner.rules.load import load_rules
from cleaner.rules.model import Level, RuleSet
from cleaner.settings import CleanSettings

_UNSAID = 0.05
"""Confidence of a line that neither rules nor evidence speak of."""
_LONG = 80
"""Code points from which a line is taken for a piece of a story."""
_WIDE = 20
"""Pages above which a long line is taken for furniture, not for a story's."""
_SHARED = 0.3
"""Share of the long lines of the shorter page that two pages of one story share."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        view: the line, blanks folded.
        confidence: how sure it is by itself and its place that it is furniture, 0..1; 1 where a bundled generic rule takes it.
        topic: topic of that rule; empty without one.
    """

    view: str
    confidence: float
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is looked at closely.

    Attributes:
        place: its place among the site's pages.
        story: number of its story.
        lines: those that are not blank.
    """

    place: int
    story: int
    lines: tuple[Line, ...]


class Judge:
    """Says of lines how likely they are furniture, knowing nothing of their site."""

    def __init__(self) -> None:
        rules = load_rules()
        generic = RuleSet(tuple(pack for pack in rules.packs if pack.level is Level.GENERIC), rules.fingerprint)
        evidence = EvidenceSettings(Strength.THOROUGH, Doubtful.FLAG)
        self._pipeline = Pipeline(generic, CleanSettings(evidence=evidence))

    def pages(self, places: Sequence[int], texts: Iterable[str]) -> list[Page]:
        """The pages with these texts; copies and versions of one story share its number."""
        raws = [Raw(Source(str(place)), text) for place, text in zip(places, texts, strict=True)]
        lines: list[tuple[Line, ...]] = []
        kept: list[int] = []
        for place, found in zip(places, self._pipeline.prepare_all(raws), strict=True):
            if isinstance(found, Document):
                lines.append(_lines(found))
                kept.append(place)
        stories = stories_of([[line.view for line in own] for own in lines])
        return [Page(place, story, own) for place, story, own in zip(kept, stories, lines, strict=True)]


def _lines(document: Document) -> tuple[Line, ...]:
    said: dict[int, tuple[float, str]] = {}
    for mark in (*document.removals, *document.flags):
        if isinstance(mark.cause, Evidence):
            said[mark.line] = mark.cause.confidence, ""
        elif isinstance(mark.cause, RuleFired) and mark.line not in said:
            said[mark.line] = 1.0, mark.cause.topic
    views = ((number, fold_blanks(line)) for number, line in enumerate(document.text.split("\n"), 1))
    return tuple(Line(view, *said.get(number, (_UNSAID, ""))) for number, view in views if view)


def stories_of(pages: Sequence[Sequence[str]]) -> list[int]:
    """For each page the number of its story: the place of the first page of it.

    Args:
        pages: their lines, blanks folded.

    >>> long = [f"The {name} of the island council sat until midnight, and nothing at all was said of the pier." for name in ("mayor", "clerk")]
    >>> stories_of([long, ["Advertisement"], [*long, "Updated"]])
    [0, 1, 0]
    """
    long = [{view for view in views if len(view) >= _LONG} for views in pages]
    parent = list(range(len(pages)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for (one, other), count in sorted(_shared(long).items()):
        if count >= max(2, _SHARED * min(len(long[one]), len(long[other]))):
            first, second = sorted((root(one), root(other)))
            parent[second] = first
    return [root(number) for number in range(len(pages))]


def _shared(pages: Sequence[Collection[str]]) -> Counter[tuple[int, int]]:
    """How many lines two pages share, of those that few pages hold."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, views in enumerate(pages):
        for view in views:
            holders[view].append(number)
    return Counter(pair for numbers in holders.values() if len(numbers) <= _WIDE for pair in combinations(numbers, 2))


def chosen(pages: int, sample: int, wanted: Iterable[Sequence[int]]) -> list[int]:
    """The places that are looked at closely: evenly over all, and the carriers of what these might miss.

    Args:
        pages: how many there are.
        sample: how many are taken evenly.
        wanted: carriers of each line that repeats; those of which too few are among the even ones are added.

    >>> chosen(10, 3, [[1, 4, 5]])
    [0, 1, 4, 5, 8]
    """
    step = -(-pages // sample)
    even = set(range(0, pages, step))
    if step == 1:
        return sorted(even)
    taken = set(even)
    for carriers in wanted:
        if len(taken) >= 4 * sample:
            break
        if len(even.intersection(carriers)) < min(3, len(carriers)):
            taken.update(carriers)
    return sorted(taken)
