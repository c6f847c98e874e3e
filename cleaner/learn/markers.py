"""Lines that tell a site when no URL does: those that stand on its pages again and again, and on no page of any other site.

A line that any site may have (a button, a name, who contributed) tells it only where enough pages of other sites were looked at: when
none of 600 has it, less than one in 200 has, most likely. Of all that tell the site, as few are taken as its pages need.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cleaner.learn.content import ALWAYS, Stays, stays
from cleaner.learn.finding import Finding, Form
from cleaner.learn.lines import Survey
from cleaner.learn.numbers import escaped
from cleaner.learn.tally import LONGEST, views_of
from cleaner.learn.texts import commonest
from cleaner.rules.matcher import Limited, Matcher
from cleaner.rules.model import Condition

MARKER_LENGTH = 200
"""Code points of lines in which markers are sought, unless the pack says otherwise."""
_MOST_CANDIDATES = 400
_MOST = 60
_LEAST_LETTERS = 4
_FEW_WORDS = 4
"""Words of a line that any site may come upon."""
_OTHER_PAGES, _OTHER_SITES = 600, 10
"""Pages, of that many other sites, that must lack a line that any site may have."""
_SHARE = 0.08
"""Share of the site's pages that must hold such a line."""
_SURE_PATTERN = 0.5


@dataclass(slots=True)
class Candidate:
    """What may tell a site.

    Attributes:
        pattern: of the line.
        line: the line; None: only the pattern knows.
        length: code points of the lines it may stand in.
        common: whether any site may have it.
        pages: numbers of the site's pages that hold it, on the shelf.
        others: pages of other sites that do.
    """

    pattern: str
    line: str | None
    common: bool
    length: int = MARKER_LENGTH
    pages: array[int] = field(default_factory=lambda: array("Q"))
    others: int = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """What tells a site.

    Attributes:
        pattern: of a line.
        pages: how many pages of the site hold it.
        common: whether any site may have it, though none of the others does.
    """

    pattern: str
    pages: int
    common: bool
    length: int = MARKER_LENGTH


def candidates_of(survey: Survey, findings: Iterable[Finding], least: int) -> list[Candidate]:
    """What may tell a site by itself: lines that at least ``least`` of its pages hold, those of most pages first, and patterns found."""
    pages = {key: survey.pages_with(key, seen) for key, seen in survey.lines.items() if len(key) <= LONGEST}
    often = sorted((key for key, count in pages.items() if count >= least), key=lambda key: (-pages[key], key))
    found: list[Candidate] = []
    for key in often[:_MOST_CANDIDATES]:
        view = commonest((one.line.view for one in survey.lines[key]), 1)[0]
        if sum(map(str.isalnum, view)) >= _LEAST_LETTERS and not _is_everywhere(survey, [view]):
            found.append(Candidate(f"^{escaped(view)}$", view, _is_common(survey, view), max(MARKER_LENGTH, len(view))))
    for finding in findings:
        whole = finding.form is Form.PATTERN or finding.form is Form.STRIP
        few = survey.words.spaced and len(finding.text.split()) == 1 and finding.text not in finding.seen
        if whole and finding.confidence >= _SURE_PATTERN and not few and not _is_everywhere(survey, finding.seen):
            common = _is_common(survey, finding.text)
            glued = finding.text.startswith("…")
            length = finding.max_length if glued else MARKER_LENGTH
            found += [Candidate(one, None, common and not glued, length) for one in finding.patterns if one[:1] == "^" or glued]
    return found


def _is_everywhere(survey: Survey, views: Sequence[str]) -> bool:
    """Whether bundled rules, which know no site, take lines of few words: then they stand on many."""
    seen = [one for view in views for one in survey.lines.get(view.casefold(), ())]
    if survey.words.spaced and min(len(view.split()) for view in views) > _FEW_WORDS + 1:
        return False
    return 2 * sum(bool(one.line.topic) for one in seen) > len(seen) and not any(survey.words.said(view).house for view in views)


def _is_common(survey: Survey, view: str) -> bool:
    """Whether any site may have a line."""
    said = survey.words.said(view)
    why = stays(view, said)
    if said.house:
        return False
    return why in ALWAYS or why is Stays.NAME or (survey.words.spaced and len(view.split()) <= _FEW_WORDS)


def look_around(sites: Mapping[str, Sequence[Candidate]], pages: Iterable[tuple[int, str, str]]) -> None:
    """Notes on which pages each candidate stands.

    Args:
        sites: name of a site -> its candidates.
        pages: of each page its number, the name of its site (of any site, not only of these), and its text.
    """
    lines: dict[str, list[tuple[str, Candidate]]] = defaultdict(list)
    patterns: list[tuple[str, Candidate]] = []
    for name, own in sites.items():
        for one in own:
            if one.line is not None:
                lines[one.line.casefold()].append((name, one))
            else:
                patterns.append((name, one))
    matcher = Matcher(
        {number: Limited(Condition(patterns=(one.pattern,)), one.length) for number, (_, one) in enumerate(patterns)}
    )
    for number, site, text in pages:
        views = views_of(text)
        held = set(views)
        hits = [pair for key in {view.casefold() for view in views} for pair in lines.get(key, ())]
        hits += [patterns[found] for found in {hit.condition for hit in matcher.hits(views, {})}]
        for name, one in hits:
            if name != site:
                one.others += 1
            elif one.line is None or one.line in held:
                one.pages.append(number)


def markers_of(candidates: Sequence[Candidate], own_pages: int, other_pages: int, other_sites: int) -> Iterator[Marker]:
    """The fewest candidates that tell as many pages as all of them; those that only this site can have come first.

    Args:
        candidates: of one site, looked around for.
        own_pages: how many pages it has.
        other_pages: how many pages of other sites there are.
        other_sites: of how many sites.
    """
    known: set[int] = set()
    taken = 0
    enough = other_pages >= _OTHER_PAGES and other_sites >= _OTHER_SITES
    for common in (False, True) if enough else (False,):
        least = max(2, _SHARE * own_pages) if common else 2
        left = [one for one in candidates if one.common is common and not one.others and len(one.pages) >= least]
        while left and taken < _MOST:
            best = max(left, key=lambda one: (len(set(one.pages) - known), one.line is not None, -len(one.pattern), one.pattern))
            new = set(best.pages) - known
            if not new:
                break
            known |= new
            taken += 1
            left.remove(best)
            yield Marker(best.pattern, len(best.pages), common, best.length)
