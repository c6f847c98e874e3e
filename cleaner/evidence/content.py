"""What the words of each line are: shared with the article or foreign to it, repeated, names, numbered, of one pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.evidence.shape import Words
from cleaner.evidence.stretches import Bools, Floats, Ints, Stretches
from cleaner.evidence.surface import ALPHA, DIGIT, LETTER, UPPER, Characters
from cleaner.evidence.tokens import Tokens, spelled

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
_PARTS = tuple(map(ord, "/|,"))
"""What may stand before the last name."""
_JOINTS = np.array([chr(point) in " '-" for point in range(0x80)])
"""Which characters of ASCII join words to one in a pattern."""
_WORD, _NUMERAL, _BLANK, _LINE_FEED = map(ord, "A9 \n")
_NUMBER = re.compile(r"\d{1,4}\b")
_APART = 1 << 40
"""A number that follows no other."""
_ASCII = 0x7F
"""The last of its characters."""
_LONGEST_PATTERN = 160
"""Code points of a line above which its pattern tells nothing."""


def cohesion(tokens: Tokens, content: Bools, in_article: Bools) -> dict[str, Floats]:
    """How much of a line the article uses elsewhere.

    Args:
        tokens: of the documents.
        content: which distinct tokens carry meaning, shape (tokens,).
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


def _distinct(tokens: Tokens, pick: Bools, size: int) -> tuple[Ints, Ints]:
    """Lines and tokens of the picked tokens, each pair once."""
    pairs = np.sort(tokens.unit[pick].astype(np.int64) * size + tokens.ids[pick])
    new = np.ones(len(pairs), np.bool_)
    new[1:] = pairs[1:] != pairs[:-1]
    line, token = np.divmod(pairs[new], size)
    return line, token


def _elsewhere(tokens: Tokens, pick: Bools, in_article: Bools) -> tuple[Ints, Bools]:
    """For each distinct picked pair: its line, and whether another line of the article has the token."""
    size = max(len(tokens.name), 1)
    line, token = _distinct(tokens, pick, size)
    inside = in_article[line]
    used = np.bincount(token[inside], minlength=size)
    return line, used[token] > inside


def _shared(tokens: Tokens, pick: Bools, in_article: Bools, count: int) -> Floats:
    line, shared = _elsewhere(tokens, pick, in_article)
    total = np.bincount(line, minlength=count)
    return np.where(total > 0, np.bincount(line, shared, count) / np.maximum(total, 1), -1.0)


def _novel(tokens: Tokens, pick: Bools, in_article: Bools, count: int) -> Floats:
    shared = _shared(tokens, pick, in_article, count)
    return np.where(shared < 0, -1.0, 1.0 - shared)


def repetition(tokens: Tokens, stretches: Stretches) -> dict[str, Floats]:
    """What stands more than once in a document.

    Returns:
        ``repeats``: other lines with the very same words; ``repeated_runs``: share of its runs of four words that stand elsewhere
        too; ``doubled``: whether the line says one thing two or three times over.
    """
    count = len(stretches.places)
    # Numbers of their own, which are the same whatever documents are beside it.
    begins = np.searchsorted(tokens.document, np.arange(len(stretches.sizes)))
    own = (tokens.ids - begins[tokens.document][tokens.ids]).astype(np.uint64)
    bounds = np.searchsorted(tokens.unit, np.arange(count + 1))
    return {
        "repeats": _repeats(own, bounds, stretches),
        "repeated_runs": _repeated_runs(tokens, own, stretches),
        "doubled": _doubled(tokens.ids, bounds),
    }


def _repeats(own: NDArray[np.uint64], bounds: Ints, stretches: Stretches) -> Floats:
    """How many other lines of its document have the words of each; 0 for lines without any."""
    repeats = np.zeros(len(stretches.places))
    sizes = np.diff(bounds)
    lines = np.flatnonzero(sizes)
    if not len(lines):
        return repeats
    says = spelled(own + np.uint64(1), bounds[lines], bounds[lines + 1])
    order = np.argsort(says, kind="stable")
    first, stop = _equal_runs(says[order], stretches.owner[lines[order]])
    repeats[lines[order]] = stop - first - 1
    return repeats


def _repeated_runs(tokens: Tokens, own: NDArray[np.uint64], stretches: Stretches) -> Floats:
    """Share of each line's runs of ``_GRAM`` tokens that stand in another line of its document too."""
    count = len(stretches.places)
    size = len(own) - _GRAM + 1
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
    grams = spelled(own + np.uint64(1), begins, begins + _GRAM)
    order = np.argsort(grams, kind="stable")
    line = unit[begins[order]]
    first, stop = _equal_runs(grams[order], stretches.owner[line])
    # Places rise within a run of equal grams, so that its first and last line tell whether two lines hold it.
    elsewhere = line[first] != line[stop - 1]
    found: Floats = np.bincount(line, elsewhere, count) / np.maximum(total, 1)
    return found


def _equal_runs(values: NDArray[np.uint64], owner: Ints) -> tuple[Ints, Ints]:
    """For each of some sorted values, where the run of its equals in the same document begins, and behind its end."""
    new = (values[1:] != values[:-1]) | (owner[1:] != owner[:-1])
    bounds = np.concatenate(([0], np.flatnonzero(new) + 1, [len(values)]))
    lengths = np.diff(bounds)
    return np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)


def _doubled(ids: Ints, bounds: Ints) -> Floats:
    """1 for lines that are two words or more, two or three times over."""
    doubled = np.zeros(len(bounds) - 1)
    sizes = np.diff(bounds)
    for times in (2, 3):
        lines = np.flatnonzero((sizes >= 2 * times) & (sizes % times == 0))
        first, step = bounds[lines], sizes[lines] // times
        alike = np.flatnonzero((ids[first] == ids[first + step]) & (ids[first + 1] == ids[first + step + 1]))
        for line, here in zip(lines[alike].tolist(), step[alike].tolist(), strict=True):
            said = ids[bounds[line] : bounds[line + 1]]
            doubled[line] = max(doubled[line], np.array_equal(said[:-here], said[here:]))
    return doubled


def names(texts: Sequence[str], characters: Characters, words: Words, short: Bools) -> dict[str, Bools]:
    """Lines that are a name, that introduce a person, that end in a name.

    Args:
        texts: of the lines.
        characters: theirs.
        words: what stands between their blanks.
        short: which of them are short, shape (lines,).
    """
    first = np.searchsorted(words.begins, characters.starts)
    capital = np.append((characters.kinds[words.begins] & UPPER) != 0, np.False_)
    # Only these can be what is looked for, and only they are looked at one by one.
    introducing = np.flatnonzero((words.size >= 4) & capital[first] & capital[np.minimum(first + 1, len(capital) - 1)])
    last = words.begins[first + words.size - 1]
    point = characters.points[last]
    letter = ((characters.kinds[last] & LETTER) != 0) & ~((point >= ord("a")) & (point <= ord("z")))
    trailing = np.flatnonzero(~short & (letter | np.isin(point, _PARTS)))
    return {
        "name_only": short & (words.size >= 2) & (words.size <= 4) & (words.capital == words.size),
        "introduces": _holds(introducing, [_introduces(texts[place].split(maxsplit=5)) for place in introducing.tolist()], short),
        "trailing_name": _holds(trailing, [_ends_in_name(texts[place]) for place in trailing.tolist()], short),
    }


def _holds(places: Ints, holds: Sequence[bool], like: Bools) -> Bools:
    """Those of some places where something holds, as a mask."""
    found = np.zeros_like(like)
    found[places] = holds
    return found


def _ends_in_name(text: str) -> bool:
    return _TRAILING_NAME.search(text, len(text) - 90 if len(text) > 90 else 0) is not None


def _introduces(line: Sequence[str]) -> bool:
    """Whether a line begins as in "Ann Berg is": two to four capitalised words and a verb."""
    for place in range(2, len(line) - 1):
        if not line[place - 1][0].isupper():
            return False
        if line[place].lower().strip(",") in _NAME_VERBS:
            return True
    return False


def authors(tokens: Tokens, bylines: Bools, function: Bools) -> dict[str, Floats]:
    """Lines that name somebody whom a byline of their document names.

    Args:
        tokens: of the documents.
        bylines: which lines name the author, shape (lines,).
        function: which distinct tokens are function words, which are no names, shape (tokens,).

    Returns:
        ``author``: 1 where such a name stands, 2 where the line begins with it.
    """
    found = np.zeros(len(bylines))
    if len(tokens.ids) < 2 or not bylines.any():
        return {"author": found}
    capital = tokens.capital & ~function[tokens.ids]
    places = np.flatnonzero(capital[:-1] & capital[1:] & (tokens.unit[:-1] == tokens.unit[1:]))
    pairs = tokens.ids[places] * len(tokens.name) + tokens.ids[places + 1]
    held = places[np.isin(pairs, pairs[bylines[tokens.unit[places]]])]
    found[tokens.unit[held]] = 1.0
    first = held[(held == 0) | (tokens.unit[np.maximum(held - 1, 0)] != tokens.unit[held])]
    found[tokens.unit[first]] = 2.0
    return {"author": found}


def lists(texts: Sequence[str], characters: Characters, marked: Bools) -> dict[str, Floats]:
    """Numbered lines, and lines of one pattern such as ``June 4 - Town, Hall``.

    Args:
        texts: of the lines.
        characters: theirs.
        marked: which of them hold a digit, or a sign before their last character, shape (lines,).

    Returns:
        ``numbered``: length of the unbroken run of lines whose first numbers follow one another; ``pattern_run``: length of the run
        of lines with the same telling pattern; ``pattern_alternates``: how often it comes again every second or third line.
    """
    stretches = characters.stretches
    numbers = np.full(len(texts), -_APART)
    for place in np.flatnonzero(characters.kinds[characters.starts] & DIGIT).tolist():
        if match := _NUMBER.match(texts[place]):
            numbers[place] = int(match.group())
    patterns = np.zeros(len(texts), np.uint64)
    short = np.flatnonzero(marked & (characters.ends - characters.starts <= _LONGEST_PATTERN))
    patterns[short] = _patterns(characters, short)
    return {
        "numbered": _sequences(stretches, numbers),
        "pattern_run": _runs(stretches, patterns, 1),
        "pattern_alternates": np.maximum(_runs(stretches, patterns, 2), _runs(stretches, patterns, 3)),
    }


def _patterns(characters: Characters, lines: Ints) -> NDArray[np.uint64]:
    """A number for the pattern of each of these lines: the line with words as A and numbers as 9; 0 where that tells nothing.

    ``June 4 - Town, Hall`` becomes ``A 9 - A, A``. It tells something when it has words and numbers, or four signs of which one before
    the last is neither word nor number nor blank.
    """
    starts, sizes = characters.starts[lines], characters.ends[lines] + 1 - characters.starts[lines]
    # With the line feed behind each line, so that nothing is joined over its end.
    places = np.arange(int(sizes.sum())) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    points = characters.points[places]
    letter, digit = ((characters.kinds[places] & bits) != 0 for bits in (LETTER, DIGIT))
    word = letter.copy()
    word[1:-1] |= letter[:-2] & letter[2:] & _JOINTS[np.minimum(points[1:-1], _ASCII)]
    follows = (word[1:] & word[:-1]) | (digit[1:] & digit[:-1])
    at = np.flatnonzero(np.concatenate((points[:1] != _LINE_FEED, ~follows)))
    signs = np.where(word[at], _WORD, np.where(digit[at], _NUMERAL, points[at]))
    stops = np.flatnonzero(signs == _LINE_FEED) + 1
    lengths = np.diff(stops, prepend=0)
    # The last sign, and the line feed behind it, do not count.
    odd = (signs != _WORD) & (signs != _NUMERAL) & (signs != _BLANK)
    odd[stops - 1] = odd[stops - 2] = False
    holds = [
        np.add.reduceat(mask, stops - lengths, dtype=np.int64) > 0 if len(stops) else mask
        for mask in (signs == _WORD, signs == _NUMERAL, odd)
    ]
    telling = (holds[0] & holds[1]) | ((lengths > 4) & holds[2])
    return np.where(telling, spelled(signs.astype(np.uint64), stops - lengths, stops), np.uint64(0))


def _sequences(stretches: Stretches, numbers: Ints) -> Floats:
    """Length of the run of lines whose numbers follow one another, up or down; 0 for a line by itself."""
    begins, stops = stretches.cut(np.abs(np.diff(numbers)) != 1)
    return np.where(stops - begins > 1, stops - begins, 0).astype(np.float64)


def _runs(stretches: Stretches, patterns: NDArray[np.uint64], step: int) -> Floats:
    """How many lines with the same pattern, ``step`` lines apart, each stands among; 0 where the pattern tells nothing."""
    there = np.flatnonzero(patterns)
    lengths = np.zeros(len(patterns))
    # Lines that are a multiple of ``step`` apart stand side by side.
    order = there[np.lexsort((there, (there - stretches.begins[there]) % step, stretches.owner[there]))]
    joined = (np.diff(order) == step) & (patterns[order[1:]] == patterns[order[:-1]])
    joined &= stretches.owner[order[1:]] == stretches.owner[order[:-1]]
    bounds = np.concatenate(([0], np.flatnonzero(~joined) + 1, [len(order)])) if len(order) else np.zeros(1, np.int64)
    sizes = np.diff(bounds)
    lengths[order] = np.repeat(sizes, sizes)
    return lengths


def tokens_per_line(tokens: Tokens, pick: Bools, count: int) -> Floats:
    """Share of a line's tokens that are picked, 0..1; 0 for a line without any."""
    total = np.bincount(tokens.unit, minlength=count)
    share: Floats = np.bincount(tokens.unit, pick, count) / np.maximum(total, 1)
    return share


def carries_meaning(characters: Characters, tokens: Tokens, function: Bools) -> Bools:
    """Which distinct tokens are content words: no function word, no number, four letters or more, or a pair of foreign signs.

    Args:
        characters: of the documents.
        tokens: theirs.
        function: which distinct tokens are function words, shape (tokens,).
    """
    start, end = np.zeros((2, len(tokens.name)), np.int64)
    start[tokens.ids], end[tokens.ids] = tokens.starts, tokens.ends
    points, length = characters.lower_points, end - start
    foreign = (length == 2) & ((points[start] > _ASCII) | (points[end - 1] > _ASCII))
    found: Bools = ((length >= 4) | foreign) & ~function
    for place in np.flatnonzero(found & ((characters.kinds[start] & ALPHA) == 0)).tolist():
        found[place] = not characters.lower[start[place] : end[place]].isdigit()
    return found
