"""What repeats and yet belongs to the text: credits of those who helped, turns of a talk, stage directions, quotations, names."""

from __future__ import annotations

import re
from enum import Enum

from cleaner.learn.words import Said

_CAPITALS_TURN = re.compile(r"(?:[A-ZÀ-ÞЀ-Я][A-ZÀ-ÞЀ-Я.'’-]+\s){0,4}[A-ZÀ-ÞЀ-Я][A-ZÀ-ÞЀ-Я.'’-]+(?:\s\([^)]{1,30}\))?\s?:\s\S.*")
_STAGE = re.compile(r"[\[(（【][^\])）】]{1,40}[\])）】][.]?")
_OPENS, _CLOSES = "\"“„«‘'「『‚‹", "\"”“»’'」』›"
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s?[A-Z]{2,4})?[:.]?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔]['\"”’»)\]」』]*$")
_HALF, _LITTLE = 0.5, 0.3
"""Shares of furniture from which a line speaks of nothing else, and from which it speaks of it."""
_HEAD_WORDS = 9
"""Words of a heading at most."""


class Stays(Enum):
    """Why a line that repeats may belong to the text."""

    CREDIT = "who helped to report it"
    TURN = "a turn of a talk"
    STAGE = "a stage direction"
    QUOTATION = "a quotation"
    CLOCK = "a time of a running report"
    MARKS = "signs that part the text"
    HEADING = "a heading inside the text"
    NAME = "a name"
    SENTENCE = "a sentence"


ALWAYS = frozenset([Stays.CREDIT, Stays.TURN, Stays.STAGE, Stays.QUOTATION, Stays.CLOCK, Stays.MARKS])
"""What never goes on the word of repetition alone."""


def ends_sentence(line: str) -> bool:
    """Whether a line ends as sentences do.

    >>> ends_sentence("It rained.”"), ends_sentence("Rain at last")
    (True, False)
    """
    return _SENTENCE_END.search(line) is not None


def is_turn(line: str) -> bool:
    """Whether somebody is named in capitals and then speaks.

    >>> is_turn("ANN REED: I did not."), is_turn("READ MORE: Gulls of Skerrow"), is_turn("More: Gulls")
    (True, True, False)
    """
    return _CAPITALS_TURN.fullmatch(line) is not None and line != line.upper()


def stays(line: str, said: Said) -> Stays | None:
    """Why a line may belong to the text although it repeats; None when nothing speaks for that.

    >>> from cleaner.learn.words import Words
    >>> for line in ("[break]", "Ann Reed contributed to this report.", "“I did not.”", "A quiet night", "Share this story", "***"):
    ...     print(stays(line, Words().said(line)))
    Stays.STAGE
    Stays.CREDIT
    Stays.QUOTATION
    Stays.HEADING
    None
    Stays.MARKS
    """
    if not any(map(str.isalpha, line)) and sum(map(str.isdigit, line)) < 8:
        return Stays.MARKS
    if said.credit and said.furniture < _HALF:
        return Stays.CREDIT
    return _spoken(line, said.furniture) or (_written(line, said) if said.furniture < _LITTLE else None)


def _spoken(line: str, furniture: float) -> Stays | None:
    """Whether a line is one of a talk, or of a running report."""
    if _TIME.fullmatch(line):
        return Stays.CLOCK
    if is_turn(line):
        return Stays.TURN
    if furniture >= _HALF:
        return None
    if _STAGE.fullmatch(line):
        return Stays.STAGE
    return Stays.QUOTATION if line[0] in _OPENS and line.rstrip(".,")[-1:] in _CLOSES else None


def _written(line: str, said: Said) -> Stays | None:
    """Whether a line looks like a name, a heading or a sentence."""
    words = line.split()
    if len(words) <= 3 and all(word[:1].isupper() for word in words) and not any(map(str.isdigit, line)):
        return Stays.NAME
    if len(words) <= _HEAD_WORDS and (not ends_sentence(line) or line.endswith("?")):
        return Stays.HEADING
    return Stays.SENTENCE if ends_sentence(line) and not said.reader else None
