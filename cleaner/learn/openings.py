"""What many lines begin or end with, while the rest differs: ``Read more: ...``, ``... Read more``, ``JUST WATCHED ... 2:04``.

Either the whole line is furniture, because the rest of it is another story's headline or an address; or only the fixed part is, glued
to a line of the text, for example a row of buttons before a caption.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import regex

from cleaner.learn.content import ends_sentence
from cleaner.learn.finding import Finding, Form
from cleaner.learn.glued import found_bridge, found_strip
from cleaner.learn.lines import Survey, generic_share
from cleaner.learn.numbers import Calendar
from cleaner.learn.parts import Part, Row, finding_of, in_capitals, is_shared, may_be_furniture, parts_of, weighed
from cleaner.learn.weigh import fixed

_LONGEST = 400
"""Code points of a line of which all is furniture, at most."""
_WHOLE = frozenset([
    "related", "newsletter", "subscribe", "support", "app", "comments", "commerce", "feedback", "tags", "legal", "advertising", "cookies",
])  # fmt: skip
"""Furniture that speaks of its rest; buttons and players do not."""
_NO_SENTENCE = r"(?<![.!?])"
_FOR_ITSELF = 0.8
"""Share of furniture from which a part needs no other at the lines' end."""
_SPEAKS, _UNSAID = 0.4, 5
"""Share of furniture below which more stories must hold a part, and how many."""
_TELLING = 5
"""Lines from which it tells something that none of them ends a sentence."""


def found_openings(survey: Survey, taken: frozenset[str], sure: float) -> Iterator[Finding]:
    """Lines and parts of lines that begin or end alike.

    Args:
        survey: the site.
        taken: lines, case folded, that are furniture by themselves.
        sure: confidence from which lines are taken for explained, so that nothing more is sought in them.
    """
    left = [row for key, seen in survey.lines.items() if key not in taken for row in map(Row.of, seen)]
    for at_end in (False, True):
        explained: set[int] = set()
        for part in parts_of(left, survey, at_end=at_end):
            part = part.only([row for row in part.rows if id(row) not in explained])  # noqa: PLW2901  # what is left of it
            if is_shared(part, survey) and may_be_furniture(part, survey):
                for finding, rows in _explained(survey, part, taken, sure):
                    yield finding
                    explained.update(map(id, rows))
        left = [row for row in left if id(row) not in explained]


def _explained(survey: Survey, part: Part, taken: frozenset[str], sure: float) -> Iterator[tuple[Finding, Sequence[Row]]]:
    """What a part is a sign of, with the lines that are explained thereby."""
    bridge = found_bridge(survey, part)
    if bridge is not None and bridge.confidence >= sure:
        crossed = regex.compile(bridge.patterns[0])
        yield bridge, [row for row in part.rows if crossed.search(row.seen.line.view)]
        part = part.only([row for row in part.rows if not crossed.search(row.seen.line.view)])
        if part.stories < 2:
            return
    findings = [one for one in (_whole(survey, part), found_strip(survey, part, taken)) if one is not None]
    best = max(findings, key=lambda one: one.confidence, default=None)
    if best is not None:
        yield best, part.rows if best.confidence >= sure else ()


def _whole(survey: Survey, part: Part) -> Finding | None:
    """The part as a sign that the whole line is furniture."""
    text = part.text
    said = survey.words.said(text)
    colon, capitals = text.endswith((":", "：")), in_capitals(text)
    end = None if part.at_end or said.furniture >= _FOR_ITSELF else _fixed_end(part)
    short = [row for row in part.rows if len(row.seen.line.view) <= _LONGEST]
    if len(short) < 0.9 * len(part.rows) or not (len(part.shape) >= 2 or colon or capitals):
        return None
    if end is None and not colon and not _WHOLE.intersection(said.classes[:2]):
        return None
    if said.furniture < _SPEAKS and part.stories < _UNSAID:
        return None
    part = part.only(short)
    sentences = fmean(ends_sentence(row.seen.line.view) for row in short)
    confidence = survey.scales.confidence(
        "opening",
        **weighed(part, survey, text),
        generic=generic_share(part.seen),
        evidence=fmean(row.seen.line.confidence for row in short) - 0.4,
        colon=colon,
        capitals=capitals,
        both=end is not None,
        words=min(4, max(0, len(part.shape) - 2)),
        fixed=fixed([row.seen.place for row in short]),
        sentence=sentences,
    )
    stop = end if end is not None else _NO_SENTENCE if sentences == 0 and len(short) >= _TELLING and not part.at_end else ""
    return finding_of(part, survey, Form.PATTERN, _pattern(part, survey, stop), confidence)


def _pattern(part: Part, survey: Survey, stop: str) -> str:
    """What takes in the lines that begin, or end, with a part."""
    longest = max(len(" ".join(part.rest(row))) for row in part.rows)
    rest = f".{{1,{int(longest * 1.25) + 10}}}"
    if part.at_end:
        return f"^{rest} {part.pattern(survey)}$"
    glued = [not row.seen.line.view.startswith(part.of(row) + " ") for row in part.rows]
    blank = "" if all(glued) else " ?" if any(glued) else " "
    return f"^{part.pattern(survey)}{blank}{rest}{stop}$"


def _fixed_end(part: Part) -> str | None:
    """The pattern of what all lines end with, a word or a number; None without."""
    ends = {row.shape[-1] for row in part.rows}
    end = min(ends)
    if len(ends) > 1 or not any(sign.isalnum() for sign in end) or any(len(part.rest(row)) < 2 for row in part.rows):
        return None
    return " " + Calendar().pattern(sorted({row.words[-1] for row in part.rows}))
