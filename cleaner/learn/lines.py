"""Whole lines that repeat: as they are, or but for their numbers and names of days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from cleaner.learn.content import ALWAYS, Stays, ends_sentence, stays
from cleaner.learn.finding import Finding, Form, Place
from cleaner.learn.pages import Line, Page
from cleaner.learn.tally import LONGEST, Count
from cleaner.learn.texts import commonest
from cleaner.learn.weigh import Scales, at_edge, fixed, half_log
from cleaner.learn.words import Said, Words

_LONG = 120
_HEADINGS = frozenset(["related", "menu", "video", "tags", "commerce", "feedback"])
"""Furniture whose words stand in headings, too: "What we know", "Background"."""
_PROSE = 11
"""Blanks of a line of prose at least."""
_SMALL, _SPEAKS, _SAYS = 200, 0.5, 0.2
"""Pages of a site up to which two stories may be enough, and share of furniture from which they are; and are for a sentence."""
_SLACK = 1.1
"""A line may be longer than those seen by this much."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of a page, where it stands, and whether prose stands above and below it."""

    line: Line
    place: Place
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """A site, ready to be searched.

    Attributes:
        pages: how many the site has.
        stories: how many stories are among those looked at.
        least: stories that must hold a thing.
        lines: every line of the pages looked at, by its text, case folded.
        counts: how many pages of the site hold a line, for those that many do.
        words: what words say.
        scales: the weights.
        dump: share of the lines that repeat, 0..1.
    """

    pages: int
    stories: int
    least: int
    lines: Mapping[str, Sequence[Seen]]
    counts: Mapping[str, Count]
    words: Words
    scales: Scales
    dump: float

    @classmethod
    def of(cls, pages: Sequence[Page], count: int, least: int, counts: Mapping[str, Count], words: Words) -> Survey:
        """A survey of pages looked at, of a site that has ``count``."""
        lines: dict[str, list[Seen]] = defaultdict(list)
        for page in pages:
            last = len(page.lines) - 1
            for above, line in enumerate(page.lines):
                inside = 0 < above < last and _is_prose(page.lines[above - 1].view) and _is_prose(page.lines[above + 1].view)
                lines[line.view.casefold()].append(Seen(line, Place(page.story, page.place, above, last - above), inside))
        repeated = sum(len(seen) for seen in lines.values() if _stories(seen) >= 2)
        dump = repeated / max(1, sum(map(len, lines.values())))
        return cls(count, len({page.story for page in pages}), least, lines, counts, words, Scales(), dump)

    def share(self, stories: int) -> float:
        """Share of the stories."""
        return stories / max(1, self.stories)

    def pages_with(self, key: str, seen: Sequence[Seen]) -> int:
        """How many pages of the site hold a line."""
        return max(self.counts[key].pages if key in self.counts else 0, len({one.place.page for one in seen}))


def found_lines(survey: Survey) -> Iterator[Finding]:
    """Whole lines that are furniture, surest first where they are patterns."""
    groups: dict[str, list[str]] = defaultdict(list)
    calendar = survey.words.calendar
    for key, seen in survey.lines.items():
        view = _commonest(seen)
        if len(view) <= LONGEST:
            groups[calendar.masked(view)].append(key)
    for keys in groups.values():
        seen = [one for key in keys for one in survey.lines[key]]
        if _stories(seen) < 2:
            continue
        if len(keys) > 1 and _stories(seen) >= survey.least and (finding := _numbered(survey, keys, seen)):
            yield finding
            continue
        yield from (_line(survey, key) for key in keys if _repeats(survey, key))


def _repeats(survey: Survey, key: str) -> bool:
    """Whether enough stories hold a line.

    Two are enough for words of furniture, if the site is not large; and of a very small site for all but what ends a sentence, for that
    may be the beginning of one story, shown on the page of another.
    """
    stories = _stories(survey.lines[key])
    if stories != 2:
        return stories >= survey.least
    view = _commonest(survey.lines[key])
    if survey.least <= 2:
        return not ends_sentence(view) or survey.words.said(view).furniture >= _SAYS
    return survey.pages <= _SMALL and survey.words.said(view).furniture >= _SPEAKS


def _line(survey: Survey, key: str) -> Finding:
    seen = survey.lines[key]
    view = _commonest(seen)
    said = survey.words.said(view)
    return Finding(
        Form.LINE,
        view,
        survey.pages_with(key, seen),
        tuple(one.place for one in seen),
        _confidence(survey, view, said, seen),
        topic_of(said, seen),
        "a line that repeats",
        commonest((one.line.view for one in seen), 3),
    )


def _numbered(survey: Survey, keys: Sequence[str], seen: Sequence[Seen]) -> Finding | None:
    """Lines that differ in their numbers; None where numbers are all there is, or one of them is all that repeats."""
    views = Counter(one.line.view for one in seen)
    usual = _commonest(seen)
    shape = survey.words.calendar.masked(usual)
    forms = [view for view in sorted(views) if survey.words.calendar.masked(view) == shape]
    letters = sum(map(str.isalpha, usual))
    digits = max((len(run) for run in "".join(sign if sign.isdigit() else " " for sign in usual).split()), default=0)
    if len(forms) < 2 or (letters < 3 and digits < 8):
        return None
    said = survey.words.said(usual)
    pages = sum(survey.pages_with(key, survey.lines[key]) for key in keys)
    return Finding(
        Form.PATTERN,
        usual,
        min(pages, survey.pages),
        tuple(one.place for one in seen),
        _confidence(survey, usual, said, seen),
        topic_of(said, seen),
        "a line that repeats but for its numbers",
        commonest((one.line.view for one in seen), 3),
        patterns=(f"^{survey.words.calendar.pattern(forms)}$",),
        max_length=int(max(map(len, forms)) * _SLACK) + 2,
    )


def _confidence(survey: Survey, view: str, said: Said, seen: Sequence[Seen]) -> float:
    why = stays(view, said)
    if why in ALWAYS:
        return 0.0
    places = [one.place for one in seen]
    stories = _stories(seen)
    inside = fmean(one.inside for one in seen) if _may_head(view, said) else 0.0
    return survey.scales.confidence(
        "line",
        stories=half_log(stories),
        share=min(1.0, 2 * survey.share(stories)),
        dump=min(1.0, 2 * survey.dump),
        furniture=said.furniture * (1 - inside),
        speaks=bool(said.classes) * (1 - inside),
        generic=generic_share(seen),
        evidence=fmean(one.line.confidence for one in seen) - 0.4,
        fixed=fixed(places) * (1 - inside) if len(places) >= 3 else 0.0,
        edge=at_edge(places),
        inside=inside,
        reader=said.reader,
        house=said.house,
        code=not any(map(str.isalpha, view)),
        long=len(view) > _LONG,
        name=why is Stays.NAME,
        heading=why is Stays.HEADING,
        sentence=why is Stays.SENTENCE,
    )


def _may_head(view: str, said: Said) -> bool:
    """Whether a line may be a heading inside a text: it ends as headings do, and speaks of other stories at most."""
    return (
        any(map(str.isalpha, view))
        and not ends_sentence(view)
        and not view.endswith((":", "："))
        and set(said.classes) <= _HEADINGS
    )


def _is_prose(view: str) -> bool:
    return ends_sentence(view) and view.count(" ") >= _PROSE


def generic_share(seen: Sequence[Seen]) -> float:
    """Share of the places where a generic rule takes the line; not those of bylines and credits, which sites differ in."""
    return sum(one.line.topic not in ("", "byline", "credit") for one in seen) / len(seen)


def topic_of(said: Said, seen: Sequence[Seen]) -> str:
    """The kind of furniture: what generic rules call it, else what its words speak of, else "repeated"."""
    topics = commonest((one.line.topic for one in seen if one.line.topic), 1)
    if topics:
        return topics[0]
    return said.classes[0] if said.classes and said.furniture >= 0.3 else "repeated"


def _stories(seen: Sequence[Seen]) -> int:
    return len({one.place.story for one in seen})


def _commonest(seen: Sequence[Seen]) -> str:
    return commonest((one.line.view for one in seen), 1)[0]
