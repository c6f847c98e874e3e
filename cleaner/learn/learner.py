"""From the pages of a site to its pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from cleaner.learn.blocks import found_blocks
from cleaner.learn.credits import found_credits
from cleaner.learn.finding import Finding, Form
from cleaner.learn.learned import Learned
from cleaner.learn.lines import Survey, found_lines
from cleaner.learn.openings import found_openings
from cleaner.learn.pages import Judge, Page, chosen
from cleaner.learn.rules import learned_rules
from cleaner.learn.seams import found_seams
from cleaner.learn.settings import LearnSettings
from cleaner.learn.tally import tally
from cleaner.learn.words import Words, language_of

_FEW = 20
"""Pages below which two of them are enough for a line to repeat: then it stands on a tenth of them at least."""
_RARE = 0.0005
"""Share of the pages that must hold a line of a very large site."""
_FOR_LANGUAGE = 50


@dataclass(frozen=True, slots=True)
class Studied:
    """What was learned of a site.

    Attributes:
        pages: how many it has.
        survey: those looked at.
        findings: all that repeats, surest first.
        rules: what is to be written.
    """

    pages: int
    survey: Survey
    findings: tuple[Finding, ...]
    rules: tuple[Learned, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A site that is to be studied.

    Attributes:
        pack: id of the pack.
        house: hosts of the site, or its name.
        pages: how many pages there are.
        texts: gives the texts of pages by their places, as often as it is asked.
    """

    pack: str
    house: Sequence[str]
    pages: int
    texts: Callable[[Sequence[int]], Iterator[str]]


def study(desk: Desk, judge: Judge, settings: LearnSettings) -> Studied:
    """What a site repeats, and the rules for it.

    Args:
        desk: the site.
        judge: says of lines what is known without the site.
        settings: how much must repeat, and how sure it must be.
    """
    pages, texts = desk.pages, desk.texts
    least = 2 if pages < _FEW else max(3, int(pages * _RARE))
    counts = tally(lambda: texts(range(pages)), pages, least)
    places = chosen(pages, settings.sample, (count.carriers for count in counts.values()))
    looked_at = judge.pages(places, texts(places))
    language = language_of(texts(places[:_FOR_LANGUAGE]))
    survey = Survey.of(looked_at, pages, min(3, least), counts, Words(language, desk.house))
    findings = _found(survey, looked_at, settings)
    return Studied(pages, survey, findings, tuple(learned_rules(desk.pack, findings, survey, settings)))


def _found(survey: Survey, pages: Sequence[Page], settings: LearnSettings) -> tuple[Finding, ...]:
    people = list(found_credits(survey))
    known = _taken(survey, [finding for finding in people if finding.confidence >= settings.sure])
    lines = [*people, *(finding for finding in found_lines(survey) if finding.text.casefold() not in known)]
    sure = [finding for finding in lines if finding.confidence >= settings.sure]
    taken = _taken(survey, sure)
    openings = list(found_openings(survey, taken, settings.sure))
    blocks = found_blocks(survey, pages, taken, {finding.text.casefold(): finding.confidence for finding in sure})
    every = [*lines, *openings, *found_seams(survey), *blocks]
    return tuple(sorted(every, key=lambda finding: (-finding.confidence, finding.form.value, finding.text)))


def _taken(survey: Survey, findings: Sequence[Finding]) -> frozenset[str]:
    """The lines that findings of whole lines take, case folded."""
    literal = {finding.text.casefold() for finding in findings if finding.form is Form.LINE}
    patterns = [regex.compile(pattern) for finding in findings if finding.form is Form.PATTERN for pattern in finding.patterns]
    matched = {key for key, seen in survey.lines.items() for pattern in patterns if pattern.search(seen[0].line.view)}
    return frozenset(literal | matched)
