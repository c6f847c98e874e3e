"""The shape of each line: length, case, signs, how it begins and ends, what kinds of numbers stand in it. No words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from cleaner.evidence.stretches import Bools, Floats, Ints
from cleaner.evidence.surface import (
    ALPHA,
    BLANK,
    CLOSES,
    COLON,
    COMMA,
    DIGIT,
    ENDS,
    LOWER,
    PARTS,
    QUOTE,
    SPACELESS,
    UPPER,
    WORD,
    Block,
    Characters,
    block,
)
from cleaner.evidence.units import Units


class End(IntEnum):
    """How a line ends."""

    LETTER = 0
    SENTENCE = 1
    QUOTED_SENTENCE = 2
    ELLIPSIS = 3
    BRACKET = 4
    QUOTE = 5
    COLON = 6
    COMMA = 7
    DIGIT = 8
    SIGN = 9


class Start(IntEnum):
    """How a line begins."""

    CAPITAL = 0
    SMALL = 1
    CASELESS = 2
    DIGIT = 3
    QUOTE = 4
    BRACKET = 5
    AT = 6
    BULLET = 7
    SIGN = 8


_OPENERS = {Start.QUOTE: "\"'“‘«„「『", Start.BRACKET: "([（【", Start.AT: "@#", Start.BULLET: "*•-–—·|>»›▶►"}
_REMARK = 61
"""Code points of a remark in brackets, with them, at most; and one."""
_DOT, _SLASH = ord("."), ord("/")
_OPENED_BY = {ord(sign): int(start) for start, signs in _OPENERS.items() for sign in signs}


class Words(NamedTuple):
    """What stands between blanks.

    Attributes:
        begins: places where they begin, shape (n,).
        size: how many each line has, shape (lines,).
        capital: how many of them begin with a capital.
        marked: which lines hold a digit, or before their last character a sign.
    """

    begins: Ints
    size: Ints
    capital: Ints
    marked: Bools


def shape(characters: Characters, units: Units) -> tuple[Block, Words]:
    """Features of the lines by name, see ``rules/evidence/model.toml`` for what each says; and their words."""
    kinds, count = characters.kinds, characters.count
    length = (characters.ends - characters.starts).astype(np.float64)
    blank = (kinds & BLANK) != 0
    begins = np.flatnonzero(blank[:-1] & ~blank[1:]) + 1
    upper, lower, _, digits, spaceless = characters.tallied
    begun_upper, begun_letters, begun_spaceless = (count(begins[(kinds[begins] & bit) != 0]) for bit in (UPPER, ALPHA, SPACELESS))
    begun = count(begins)
    words = begun - begun_spaceless + spaceless / 2
    cased, per_word = upper + lower, np.maximum(words, 1)
    signs = _Signs(characters)
    ends = _ends(characters)
    capitals = characters.where(UPPER)
    quotes = signs.are(QUOTE)
    features = {
        "words": words,
        "upper": upper / np.maximum(cased, 1),
        "all_capitals": (upper >= 3) & (lower == 0),
        "lower": np.where(cased > 0, lower / np.maximum(cased, 1), 1.0),
        "capital_words": begun_upper / np.maximum(begun_letters, 1),
        "digits": digits / length,
        "signs": count(signs.places) / length,
        "end": ends,
        "start": _starts(characters),
        "sentence": (ends == End.SENTENCE) | (ends == End.QUOTED_SENTENCE),
        "question": _questions(characters, signs),
        "inner_ends": _inner_ends(characters, signs),
        "commas": count(signs.are(COMMA)) / per_word,
        "parts": count(signs.are(PARTS)) / per_word,
        "glued": count(capitals[(kinds[capitals - 1] & LOWER) != 0]) / per_word,
        "quotes": count(quotes),
        "in_quotes": (kinds[characters.starts] & kinds[characters.ends - 1] & QUOTE) != 0,
        "copyright": characters.holds(signs.among("©®")),
        "bracketed_end": _bracketed_end(characters, signs),
        "indent": units.indent,
        "above": units.above,
        **_numbers(characters, signs),
        **_addresses(characters, signs),
    }
    return block(features), Words(
        begins, begun.astype(np.int64), begun_upper.astype(np.int64), _marked(characters, signs, digits)
    )


def _marked(characters: Characters, signs: _Signs, digits: Floats) -> Bools:
    """Which lines hold a digit, or before their last character a sign; blanks other than the common one are signs."""
    kinds, points = characters.kinds, characters.points
    blanks = np.flatnonzero(((kinds & BLANK) != 0) & (points != ord(" ")) & (points != ord("\n")))
    places = np.concatenate((signs.places, blanks))
    inner = places[places < characters.ends[characters.unit[places]] - 1]
    marked: Bools = (digits > 0) | (characters.holds(inner) > 0)
    return marked


class _Signs:
    """The characters that are no letter, no digit and no blank.

    Attributes:
        places: where they stand, shape (n,).
    """

    def __init__(self, characters: Characters) -> None:
        self.places = np.flatnonzero((characters.kinds & (ALPHA | DIGIT | BLANK)) == 0)
        self._points = characters.points[self.places]
        self._kinds = characters.kinds[self.places]

    def are(self, bits: int) -> Ints:
        """Places of those of one of these kinds."""
        places: Ints = self.places[(self._kinds & bits) != 0]
        return places

    def among(self, signs: str) -> Ints:
        """Places of these very signs."""
        mask = self._points == ord(signs[0])
        for sign in signs[1:]:
            mask |= self._points == ord(sign)
        places: Ints = self.places[mask]
        return places


def _first_of(cases: Sequence[tuple[Bools, int]], otherwise: Ints) -> Ints:
    """For each line the value of the first case that holds."""
    found = otherwise
    for case, value in reversed(cases):
        found[case] = value
    return found


def _ends(characters: Characters) -> Ints:
    """An ``End`` for each line."""
    final = characters.ends - 1
    last, point = characters.kinds[final], characters.points[final]
    dots = (point == _DOT) & (characters.points[final - 1] == _DOT) & (characters.points[final - 2] == _DOT)
    closed = (last & CLOSES) != 0
    quoted = _ends_within(characters, closed)
    cases = (
        (dots | (point == ord("…")), End.ELLIPSIS),
        ((last & ENDS) != 0, End.SENTENCE),
        (quoted, End.QUOTED_SENTENCE),
        ((point == ord(")")) | (point == ord("]")) | (point == ord("）")), End.BRACKET),
        (closed, End.QUOTE),
        ((last & COLON) != 0, End.COLON),
        ((last & COMMA) != 0, End.COMMA),
        ((last & DIGIT) != 0, End.DIGIT),
        ((last & WORD) != 0, End.LETTER),
    )
    return _first_of(cases, np.full(len(final), int(End.SIGN)))


def _ends_within(characters: Characters, closed: Bools) -> Bools:
    """In which of the lines that end in closing signs a sentence or a part of one ends before these."""
    kinds = characters.kinds
    found = np.zeros(len(closed), np.bool_)
    for line in np.flatnonzero(closed).tolist():
        at, first = int(characters.ends[line]) - 1, int(characters.starts[line])
        while at > first and kinds[at] & CLOSES:
            at -= 1
        found[line] = bool(kinds[at] & (ENDS | COMMA))
    return found


def _starts(characters: Characters) -> Ints:
    """A ``Start`` for each line."""
    first = characters.kinds[characters.starts]
    cases = (
        ((first & UPPER) != 0, Start.CAPITAL),
        ((first & LOWER) != 0, Start.SMALL),
        ((first & ALPHA) != 0, Start.CASELESS),
        ((first & DIGIT) != 0, Start.DIGIT),
    )
    found = np.full(len(first), int(Start.SIGN))
    signs = np.flatnonzero((first & (ALPHA | DIGIT)) == 0)
    points = characters.points[characters.starts[signs]].tolist()
    found[signs] = [_OPENED_BY.get(point, int(Start.SIGN)) for point in points]
    return _first_of(cases, found)


def _questions(characters: Characters, signs: _Signs) -> Floats:
    """Whether a question mark is among the last three characters of each line."""
    marks = signs.among("?？؟")
    return characters.holds(marks[marks >= characters.ends[characters.unit[marks]] - 3])


def _inner_ends(characters: Characters, signs: _Signs) -> Floats:
    """Sentence ends inside each line, with a new sentence behind them, maybe after a closing sign and in any case after a blank."""
    kinds = characters.kinds
    ends = signs.are(ENDS)
    behind = ends + 1 + ((kinds[ends + 1] & CLOSES) != 0)
    begins = behind[((kinds[behind] & BLANK) != 0) & ((kinds[behind + 1] & (UPPER | QUOTE | DIGIT)) != 0)] + 1
    # A line that begins with a capital is no new sentence of the line above.
    begins = begins[begins >= characters.starts[characters.unit[begins]] + 2]
    return characters.count(begins) + characters.count(signs.among("。！？"))


def _numbers(characters: Characters, signs: _Signs) -> dict[str, Floats]:
    """Times of day, years, dates in digits."""
    digits = characters.where(DIGIT)
    if not len(digits):
        nowhere = np.zeros(len(characters.starts))
        return {"time": nowhere, "year": nowhere}
    points, digit = characters.points, (characters.kinds & DIGIT) != 0
    colons = signs.among(":")
    runs = digits[~digit[digits - 1]]
    first, second = points[runs], points[runs + 1]
    century = ((first == ord("1")) & (second == ord("9"))) | ((first == ord("2")) & (second == ord("0")))
    years = runs[century & digit[runs + 2] & digit[runs + 3] & ~digit[runs + 4]]
    slashes = signs.among("./-")
    slashes = slashes[digit[slashes - 1] & digit[slashes + 1]]
    # A second one behind one or two digits: "24.12.", "1/2/".
    twice = slashes[:-1][np.diff(slashes) <= 3]
    named = digits[points[digits + 1] == ord("年")]
    return {
        "time": characters.holds(colons[digit[colons - 1] & digit[colons + 1] & digit[colons + 2]]),
        "year": characters.holds(np.concatenate((years, named, twice))),
    }


def _addresses(characters: Characters, signs: _Signs) -> dict[str, Floats]:
    """Web addresses, mail addresses, handles and hash tags."""
    points, word = characters.points, (characters.kinds & WORD) != 0
    colons, dots, at = signs.among(":"), signs.among("."), signs.among("@")
    slashes = colons[(points[colons + 1] == _SLASH) & (points[colons + 2] == _SLASH)]
    lower_w = (points[dots[:, None] - np.array([1, 2, 3])] | 32) == ord("w")
    marks = signs.among("@#")
    return {
        "web": characters.holds(np.concatenate((slashes, dots[lower_w.all(axis=1)]))),
        "mail": characters.holds(at[word[at - 1] & word[at + 1]]),
        "handle": characters.holds(marks[~word[marks - 1] & word[marks + 1]]),
    }


def _bracketed_end(characters: Characters, signs: _Signs) -> Bools:
    """Which lines end in a short remark in round brackets."""
    opens = signs.among("(")
    last = np.full(len(characters.starts), -1)
    # Of several brackets in a line the last is written last.
    last[characters.unit[opens]] = opens
    near = np.maximum(characters.starts, characters.ends - _REMARK)
    found: Bools = (characters.points[characters.ends - 1] == ord(")")) & (last > near)
    return found
