"""Parts glued to lines of the text: buttons before a caption, ``CLOSE The mayor said``; found by what goes on behind them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import fmean

import regex

from cleaner.learn.content import ends_sentence
from cleaner.learn.finding import Finding, Form
from cleaner.learn.lines import Survey
from cleaner.learn.numbers import escaped
from cleaner.learn.parts import Part, Row, finding_of, in_capitals, weighed

_SHARE = 0.04
"""Share of the stories that must hold such a part."""
_BEGINS = r"\P{Ll}"
"""What goes on anew: anything but a small letter."""
_ANEW = regex.compile(_BEGINS)
_PARTED = regex.compile(r"[.,:;!?…—–\-|/)\]]$")
_MOSTLY = 0.9
_USUALLY = 0.85
_BRIDGE = 8
"""Words behind a fixed part among which the next fixed one begins."""
_SPEAKS, _SPEAKS_HALF, _SPEAKS_LITTLE = 0.8, 0.5, 0.4
"""Shares of furniture: of a part that speaks for itself, of one behind which a text would go on without a capital, of a bridge."""
_SEAM = 0.25
"""Share of the lines in which a sentence must begin behind a part that does not speak of furniture."""


def found_strip(survey: Survey, part: Part, taken: frozenset[str]) -> Finding | None:
    """The part as something glued to lines of the text; None when it may be their own.

    Args:
        survey: the site.
        part: the part.
        taken: lines, case folded, that are furniture by themselves.
    """
    text = part.text
    furniture = survey.words.said(text).furniture
    alone = text.casefold() in taken
    if not _often(part, survey) or (len(part.shape) == 1 and not (alone or in_capitals(text))):
        return None
    if _PARTED.search(text) and not part.at_end and furniture < _SPEAKS:
        return None
    seam = _seam(survey, part)
    speaks = furniture >= (_SPEAKS_HALF if len(part.shape) >= 2 and _goes_on(survey, part) else _SPEAKS)
    if not (alone or speaks or seam >= _SEAM) or fmean(_begins_anew(part, row) for row in part.rows) < _MOSTLY:
        return None
    confidence = survey.scales.confidence(
        "strip", **weighed(part, survey, text), alone=alone, seam=min(1.0, 2 * seam) if seam >= _SEAM else 0.0
    )
    fixed = part.pattern(survey)
    pattern = rf"(?<=[.!?…\"”’»)\]]) {fixed}$" if part.at_end else rf"^{fixed}(?= {_BEGINS})"
    return finding_of(part, survey, Form.STRIP, pattern, confidence)


def found_bridge(survey: Survey, part: Part) -> Finding | None:
    """A part glued to lines that begins and ends with something fixed, between which something short changes: a name, a number."""
    text = part.text
    little = survey.words.said(text).furniture < _SPEAKS_LITTLE
    if part.at_end or len(part.shape) < 2 or little or not _often(part, survey):
        return None
    pair = _far_end(part)
    if pair is None:
        return None
    middles, behind = _sides(part, pair)
    if len(set(middles)) < 2 or fmean(not after or _ANEW.match(after) is not None for after in behind) < _MOSTLY:
        return None
    changes = f".{{1,{int(max(map(len, middles)) * 1.5) + 5}}}"
    fixed, last = part.pattern(survey), escaped(" ".join(pair))
    between = f" {changes}? " if all(middles) else f" (?:{changes}? )?"
    pattern = rf"{fixed}{between}{last}(?=$| {_BEGINS})"
    crossed, ended = regex.compile("^" + pattern), regex.compile(f"^{fixed} {changes}$")
    if any(ended.search(row.seen.line.view) and not crossed.search(row.seen.line.view) for row in part.rows):
        pattern = f"(?:{pattern}|{fixed} {changes}$)"  # the same with nothing behind it
    values = {**weighed(part, survey, f"{text} {' '.join(pair)}"), "both": 1.0}
    return finding_of(part, survey, Form.STRIP, "^" + pattern, survey.scales.confidence("strip", **values))


def _often(part: Part, survey: Survey) -> bool:
    return part.stories >= max(survey.least, _SHARE * survey.stories)


def _far_end(part: Part) -> tuple[str, str] | None:
    """The two words that nearly all lines have a little way behind the part."""
    pairs: Counter[tuple[str, str]] = Counter()
    for row in part.rows:
        pairs.update(set(pairwise(part.rest(row)[:_BRIDGE])))
    usual = [(-count, pair) for pair, count in pairs.items() if count >= _USUALLY * len(part.rows)]
    return min(usual)[1] if usual else None


def _sides(part: Part, pair: tuple[str, str]) -> tuple[list[str], list[str]]:
    """What stands before two words, and the word behind them, where they stand."""
    middles, behind = [], []
    for row in part.rows:
        near = part.rest(row)[: _BRIDGE + 1]
        at = next((at for at, two in enumerate(pairwise(near)) if two == pair), None)
        if at is not None:
            middles.append(" ".join(near[:at]))
            behind.append(near[at + 2] if at + 2 < len(near) else "")
    return middles, behind


def _seam(survey: Survey, part: Part) -> float:
    """Share of the lines where behind the part a sentence begins with a function word, and nothing parts them: nobody writes so."""
    if part.at_end or not survey.words.spaced or not _goes_on(survey, part):
        return 0.0
    firsts = [part.rest(row)[0] for row in part.rows]
    return fmean(first[:1].isupper() and first.casefold() in survey.words.function for first in firsts)


def _goes_on(survey: Survey, part: Part) -> bool:
    """Whether its last word is one behind which a text goes on without a capital."""
    last = part.shape[-1]
    if _PARTED.search(last) or last.casefold() in survey.words.function:
        return False
    return not last[:1].isupper() or last.isupper()


def _begins_anew(part: Part, row: Row) -> bool:
    rest = part.rest(row)
    return ends_sentence(rest[-1]) if part.at_end else _ANEW.match(rest[0]) is not None
