"""What the words of each line are: shared with the article or foreign to it, repeated, names, numbered, of one pattern."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleaner.evidence.surface import Bools, Floats, Ints, Tokens
from cleaner.evidence.units import Unit

_GRAM = 4
"""Tokens of a run that is looked for elsewhere in the document."""
_VERBS = (
    "is was has are were covers writes reports joined can works serves lives teaches edits hosts "
    "ist war schreibt arbeitet berichtet leitet est était écrit couvre es era escribe cubre è scrive "
    "é escreve jest pisze schrijft är skriver er"
)
_NAME_VERBS = frozenset(_VERBS.split())
"""What follows a name where a person is introduced."""
_TRAILING_NAME = re.compile(r"[.!?][\"”’)]? +(?:[^\W\d_a-z][\w.’'-]*[ /|,]*){1,6}$")
_WORDS = re.compile(r"[^\W\d_]+(?:[ '-][^\W\d_]+)*")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{1,4}\b")
_LONGEST_PATTERN = 160
"""Code points of a line above which its pattern tells nothing."""


def cohesion(tokens: Tokens, content: Bools, in_article: Bools) -> dict[str, Floats]:
    """How much of a line the article uses elsewhere.

    Args:
        tokens: of the whole document.
        content: which distinct tokens carry meaning, shape (names,).
        in_article: which lines are prose of the article, shape (lines,).

    Returns:
        ``cohesion``: share of the line's distinct content words that other lines of the article have; ``novel_names``: share of its
        capitalised words, the first of a line apart, that they do not have. Both -1 where there is no such word.
    """
    count = len(in_article)
    used = content[tokens.ids]
    # The first token of a line has its capital from its place.
    first = np.concatenate(([True], tokens.unit[1:] != tokens.unit[:-1])) if len(tokens.unit) else np.zeros(0, np.bool_)
    return {
        "cohesion": _shared(tokens, used, in_article, count),
        "novel_names": _novel(tokens, tokens.capital & ~first, in_article, count),
    }


def _distinct(tokens: Tokens, pick: Bools, names: int) -> tuple[Ints, Ints]:
    """Lines and tokens of the picked tokens, each pair once."""
    pairs = np.sort(tokens.unit[pick] * names + tokens.ids[pick])
    new = np.ones(len(pairs), np.bool_)
    new[1:] = pairs[1:] != pairs[:-1]
    line, token = np.divmod(pairs[new], names)
    return line, token


def _elsewhere(tokens: Tokens, pick: Bools, in_article: Bools) -> tuple[Ints, Bools]:
    """For each distinct picked pair: its line, and whether another line of the article has the token."""
    names = max(len(tokens.names), 1)
    line, token = _distinct(tokens, pick, names)
    inside = in_article[line]
    used = np.bincount(token[inside], minlength=names)
    return line, used[token] > inside


def _shared(tokens: Tokens, pick: Bools, in_article: Bools, count: int) -> Floats:
    line, shared = _elsewhere(tokens, pick, in_article)
    total = np.bincount(line, minlength=count)
    return np.where(total > 0, np.bincount(line, shared, count) / np.maximum(total, 1), -1.0)


def _novel(tokens: Tokens, pick: Bools, in_article: Bools, count: int) -> Floats:
    shared = _shared(tokens, pick, in_article, count)
    return np.where(shared < 0, -1.0, 1.0 - shared)


def repetition(tokens: Tokens, count: int) -> dict[str, Floats]:
    """What stands more than once in the document.

    Returns:
        ``repeats``: other lines with the very same words; ``repeated_runs``: share of its runs of four words that stand elsewhere
        too; ``doubled``: whether the line says one thing two or three times over.
    """
    bounds = np.searchsorted(tokens.unit, np.arange(count + 1)).tolist()
    ids = tokens.ids.tolist()
    lines = [tuple(ids[start:end]) for start, end in pairwise(bounds)]
    seen = Counter(lines)
    return {
        "repeats": np.array([seen[line] - 1 if line else 0 for line in lines]),
        "repeated_runs": _repeated_runs(tokens, count),
        "doubled": np.array([_doubled(line) for line in lines]),
    }


def _repeated_runs(tokens: Tokens, count: int) -> Floats:
    """Share of each line's runs of ``_GRAM`` tokens that stand in another line too."""
    size = len(tokens.ids) - _GRAM + 1
    if size < 1:
        return np.zeros(count)
    unit = tokens.unit[:size]
    inside = unit == tokens.unit[_GRAM - 1 :]
    total = np.bincount(unit[inside], minlength=count)
    # Only runs of tokens that all come twice can come twice.
    often = (np.bincount(tokens.ids) > 1)[tokens.ids]
    for step in range(_GRAM):
        inside &= often[step : size + step]
    begins = np.flatnonzero(inside)
    grams = np.zeros(len(begins), np.uint64)
    for step in range(_GRAM):
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + tokens.ids[begins + step].astype(np.uint64)
    order = np.argsort(grams, kind="stable")
    line = unit[begins[order]]
    first, stop = _equal_runs(grams[order])
    # Places rise within a run of equal grams, so that its first and last line tell whether two lines hold it.
    elsewhere = line[first] != line[stop - 1]
    found: Floats = np.bincount(line, elsewhere, count) / np.maximum(total, 1)
    return found


def _equal_runs(values: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """For each of some sorted values, where the run of its equals begins, and behind its end."""
    bounds = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1, [len(values)]))
    lengths = np.diff(bounds)
    return np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)


def _doubled(line: tuple[int, ...]) -> bool:
    """Whether a line is two words or more, two or three times over."""
    half, third = len(line) // 2, len(line) // 3
    return (half >= 2 and line == line[:half] * 2) or (third >= 2 and line == line[:third] * 3)


def names(units: Sequence[Unit], short: Bools) -> dict[str, Bools]:
    """Lines that are a name, that introduce a person, that end in a name.

    Args:
        units: the lines.
        short: which of them are short, shape (lines,).
    """
    words = [unit.text.split(maxsplit=5) for unit in units]
    brief = short.tolist()
    return {
        "name_only": np.array([here and _is_name(line) for line, here in zip(words, brief, strict=True)]),
        "introduces": np.array([_introduces(line) for line in words]),
        "trailing_name": np.array([not here and _ends_in_name(unit.text) for unit, here in zip(units, brief, strict=True)]),
    }


def _ends_in_name(text: str) -> bool:
    return _TRAILING_NAME.search(text, len(text) - 90 if len(text) > 90 else 0) is not None


def _is_name(line: Sequence[str]) -> bool:
    return 2 <= len(line) <= 4 and all(word[0].isupper() for word in line)


def _introduces(line: Sequence[str]) -> bool:
    """Whether a line begins as in "Ann Berg is": two to four capitalised words and a verb."""
    if len(line) < 4 or not line[0][0].isupper():
        return False
    for place in range(2, len(line) - 1):
        if not line[place - 1][0].isupper():
            return False
        if line[place].lower().strip(",") in _NAME_VERBS:
            return True
    return False


def authors(units: Sequence[Unit], tokens: Tokens, bylines: Bools, function: Bools) -> dict[str, Floats]:
    """Lines that name somebody whom a byline names.

    Args:
        units: the lines.
        tokens: of the whole document.
        bylines: which lines name the author, shape (lines,).
        function: which distinct tokens are function words, which are no names, shape (names,).

    Returns:
        ``author``: 1 where such a name stands, 2 where the line begins with it.
    """
    found = np.zeros(len(units))
    if len(tokens.ids) < 2 or not bylines.any():
        return {"author": found}
    size = max(len(tokens.names), 1)
    pairs = tokens.ids[:-1] * size + tokens.ids[1:]
    capital = tokens.capital & ~function[tokens.ids]
    proper = capital[:-1] & capital[1:] & (tokens.unit[:-1] == tokens.unit[1:])
    named = set(pairs[proper & bylines[tokens.unit[:-1]]].tolist())
    places = np.flatnonzero(proper)
    held = places[np.fromiter((pair in named for pair in pairs[places].tolist()), np.bool_, len(places))]
    found[tokens.unit[held]] = 1.0
    first = held[(held == 0) | (tokens.unit[np.maximum(held - 1, 0)] != tokens.unit[held])]
    found[tokens.unit[first]] = 2.0
    return {"author": found}


def lists(units: Sequence[Unit]) -> dict[str, Floats]:
    """Numbered lines, and lines of one pattern such as ``June 4 - Town, Hall``.

    Returns:
        ``numbered``: length of the unbroken run of lines whose first numbers follow one another; ``pattern_run``: length of the run
        of lines with the same telling pattern; ``pattern_alternates``: how often it comes again every second or third line.
    """
    texts = [unit.text for unit in units]
    numbers = [int(match.group()) if text[0].isdecimal() and (match := _NUMBER.match(text)) else None for text in texts]
    patterns = [_pattern(text) for text in texts]
    return {
        "numbered": _sequences(numbers),
        "pattern_run": _runs(patterns, 1),
        "pattern_alternates": np.maximum(_runs(patterns, 2), _runs(patterns, 3)),
    }


def _pattern(text: str) -> str:
    """The line with words as A and numbers as 9; "" where that tells nothing.

    >>> _pattern("June 4 - Town, Hall"), _pattern("Just words")
    ('A 9 - A, A', '')
    """
    if len(text) > _LONGEST_PATTERN:
        return ""
    if text.replace(" ", "").isalpha():
        return ""
    pattern = _DIGITS.sub("9", _WORDS.sub("A", text))
    telling = ("9" in pattern and "A" in pattern) or (len(pattern) >= 4 and any(sign not in "A9 " for sign in pattern[:-1]))
    return pattern if telling else ""


def _sequences(numbers: Sequence[int | None]) -> Floats:
    lengths = np.zeros(len(numbers))
    start = 0
    for place in range(1, len(numbers) + 1):
        here, above = numbers[place] if place < len(numbers) else None, numbers[place - 1]
        if here is None or above is None or abs(here - above) != 1:
            if place - start > 1:
                lengths[start:place] = place - start
            start = place
    return lengths


def _runs(patterns: Sequence[str], step: int) -> Floats:
    """How many lines with the same pattern, ``step`` lines apart, each stands among; 0 where the pattern tells nothing."""
    lengths = [0] * len(patterns)
    for place, pattern in enumerate(patterns):
        if pattern:
            above = place >= step and patterns[place - step] == pattern
            lengths[place] = lengths[place - step] + 1 if above else 1
    for place in range(len(patterns) - 1, step - 1, -1):
        if patterns[place] and patterns[place - step] == patterns[place]:
            lengths[place - step] = lengths[place]
    return np.array(lengths, np.float64)


def tokens_per_line(tokens: Tokens, pick: Bools, count: int) -> Floats:
    """Share of a line's tokens that are picked, 0..1; 0 for a line without any."""
    total = np.bincount(tokens.unit, minlength=count)
    share: Floats = np.bincount(tokens.unit, pick, count) / np.maximum(total, 1)
    return share


def carries_meaning(tokens: Tokens, function: Bools) -> Bools:
    """Which distinct tokens are content words: no function word, no number, four letters or more, or a pair of foreign signs.

    Args:
        tokens: of the whole document.
        function: which distinct tokens are function words, shape (names,).
    """
    big = [len(name) >= 4 or (len(name) == 2 and not name.isascii()) for name in tokens.names]
    number = list(map(str.isdigit, tokens.names))
    return np.array(big, np.bool_) & ~np.array(number, np.bool_) & ~function
