"""Lists of other stories, which differ from page to page, by the lines around them, which do not.

A list begins below a line that is furniture by itself ("Most read") and ends before the next one, or with the page. It counts only where
on as good as every page there is nothing between but short lines that evidence, too, takes for furniture.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from cleaner.learn.content import ends_sentence, is_turn
from cleaner.learn.finding import Finding, Form, Place
from cleaner.learn.lines import Survey
from cleaner.learn.numbers import escaped
from cleaner.learn.pages import Line, Page
from cleaner.learn.texts import commonest

_MOST_LINES = 16
"""Lines of a list at most."""
_LONG_ITEM = 25
"""Words of a line of a list at most."""
_FURNITURE = 0.6
"""Mean confidence of the lines of all lists from which they are furniture."""
_ALWAYS = 0.9
"""Share of the places of an opener where a list, or nothing, follows."""
_MOST_ENDS = 12


@dataclass(frozen=True, slots=True)
class _List:
    """What stands below an opener: the lines, and the one that ends them; None: the page ends."""

    place: Place
    opener: Line
    items: tuple[Line, ...]
    end: Line | None


def found_blocks(
    survey: Survey, pages: Sequence[Page], taken: frozenset[str], confidence: Mapping[str, float]
) -> Iterator[Finding]:
    """Lists below lines that are furniture.

    Args:
        survey: the site.
        pages: those looked at.
        taken: lines, case folded, that go by themselves.
        confidence: how sure that is.
    """
    lists: dict[str, list[_List]] = defaultdict(list)
    for page in pages:
        own = [line.view.casefold() in taken for line in page.lines]
        for at, line in enumerate(page.lines):
            if own[at] and at + 1 < len(page.lines):
                stop = next((other for other in range(at + 1, len(own)) if own[other]), len(own))
                place = Place(page.story, page.place, at, len(own) - 1 - at)
                end = page.lines[stop] if stop < len(own) else None
                lists[line.view.casefold()].append(_List(place, line, page.lines[at + 1 : stop], end))
    for opener, every in sorted(lists.items()):
        for form, fits in ((Form.BLOCK, _is_block), (Form.TAIL, _is_tail)):
            finding = _finding(survey, every, form, fits, confidence.get(opener, 0.0))
            if finding is not None:
                yield finding
                break


def _is_block(one: _List) -> bool:
    return one.end is not None and _is_list(one.items)


def _is_tail(one: _List) -> bool:
    return one.end is None and _is_list(one.items)


def _is_list(items: Sequence[Line]) -> bool:
    return len(items) <= _MOST_LINES and all(
        len(item.view.split()) <= _LONG_ITEM
        and not is_turn(item.view)
        and (not ends_sentence(item.view) or item.confidence >= 0.5)
        for item in items
    )


def _finding(survey: Survey, every: Sequence[_List], form: Form, fits: Callable[[_List], bool], opener: float) -> Finding | None:
    lists = [one for one in every if one.items and fits(one)]
    if len({one.place.story for one in lists}) < max(3, survey.least):
        return None
    fit = len(lists) + sum(not one.items for one in every)
    ends = Counter(one.end.view for one in lists if one.end is not None)
    items = [item for one in lists for item in one.items]
    if (
        fit < _ALWAYS * len(every)
        or fmean(item.confidence for item in items) < _FURNITURE
        or len({item.view for item in items}) < 3
    ):
        return None
    usual = [end for end in commonest(ends.elements(), _MOST_ENDS) if ends[end] >= 2 or len(ends) <= 3]
    if form is Form.BLOCK and not usual:
        return None
    text = commonest((one.opener.view for one in lists), 1)[0]
    lines = 1 + max(len(one.items) for one in lists) + (form is Form.BLOCK)
    return Finding(
        form,
        text,
        survey.pages_with(text.casefold(), survey.lines[text.casefold()]),
        tuple(one.place for one in lists),
        round(min(opener, fmean(item.confidence for item in items)), 3),
        "related",
        "what stands below a line that repeats, to the end" if form is Form.TAIL else "what stands between two lines that repeat",
        tuple(sorted(map(_shown, lists), key=lambda shown: (len(shown), shown))[:2]),
        patterns=(_whole(sorted({one.opener.view for one in lists})),),
        ends=(_whole(usual),) if form is Form.BLOCK else (),
        max_lines=lines,
        max_length=max(200, *(len(item.view) for item in items)),
    )


def _shown(one: _List) -> str:
    return "\n".join(line.view for line in (one.opener, *one.items, *((one.end,) if one.end else ())))


def _whole(views: Sequence[str]) -> str:
    return f"^{escaped(views[0])}$" if len(views) == 1 else "^(?:" + "|".join(map(escaped, views)) + ")$"
