"""Credits of the house: a name, a sign, and the house itself, ``Ann Reed / The Bugle``; the next picture is another person's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import regex

from cleaner.learn.finding import Finding, Form
from cleaner.learn.lines import Seen, Survey
from cleaner.learn.numbers import escaped
from cleaner.learn.texts import commonest
from cleaner.learn.weigh import fixed, half_log

_NAME = r"\p{Lu}[\p{L}.'’-]*(?: (?:\p{Lu}[\p{L}.'’-]*|de|del|der|den|la|van|von)){1,4}"
"""A name in the pattern of a rule: two words or more."""
_CREDIT = regex.compile(rf"({_NAME})( ?[/|·•–—] ?| - | for )([^/|·•–—]+)")
_LONGEST = 80
"""Code points of a credit at most."""
_LEAST_PEOPLE = 2
"""Names that there must be: of one alone nothing tells what changes."""
_LEAST = 3
"""Stories that must hold such a line."""


def found_credits(survey: Survey) -> Iterator[Finding]:
    """Lines that are a name and the house, and differ in the name."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in survey.lines.values():
        view = seen[0].line.view
        credit = _CREDIT.fullmatch(view) if len(view) <= _LONGEST else None
        if credit and survey.words.said(credit[3]).house and not survey.words.said(credit[1]).house:
            groups[credit[2] + credit[3]].extend(seen)
    for house, every in sorted(groups.items()):
        views = {one.line.view for one in every}
        stories = len({one.place.story for one in every})
        if len(views) >= _LEAST_PEOPLE and stories >= max(_LEAST, survey.least):
            yield _finding(survey, house, every, stories)


def _finding(survey: Survey, house: str, every: list[Seen], stories: int) -> Finding:
    places = tuple(one.place for one in every)
    return Finding(
        Form.PATTERN,
        house.strip(" /|·•–—-"),
        len({place.page for place in places}),
        places,
        survey.scales.confidence(
            "credit", stories=half_log(stories), share=min(1.0, 2 * survey.share(stories)), fixed=fixed(places)
        ),
        "credit",
        "a name and the house",
        commonest((one.line.view for one in every), 3),
        patterns=(f"^{_NAME}{escaped(house)}$",),
        max_length=_LONGEST,
    )
