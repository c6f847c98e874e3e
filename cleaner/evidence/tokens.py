"""The words of lines, numbered document by document, and lists of words to find among them.

Words are told apart by a number made of their characters, for all of them at once. In scripts written without blanks adjacent pairs of
characters stand for words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.evidence.stretches import Bools, Ints
from cleaner.evidence.surface import SPACELESS, UPPER, WORD, Characters

_PRIME = 0x9E3779B97F4A7C15
"""An odd number whose bits are well mixed: the golden ratio in 64 of them."""
_REMEMBERED = 1 << 19
"""Powers of it that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words of all units, in order of place. Documents share no token: a word of two of them is two tokens.

    Attributes:
        spelled: numbers of the distinct words of all documents, rising; see ``spelled``.
        name: for each distinct token the index of its word, shape (tokens,).
        document: for each distinct token its document.
        ids: which token stands there, shape (n,).
        unit: index of its unit, shape (n,).
        first: what its first character is, shape (n,), as in ``Characters.kinds``.
        starts: where it begins, shape (n,).
        ends: behind its last character.
    """

    spelled: NDArray[np.uint64]
    name: Ints
    document: Ints
    ids: Ints
    unit: NDArray[np.int32]
    first: NDArray[np.uint16]
    starts: Ints
    ends: Ints

    @property
    def capital(self) -> Bools:
        """Which of them begin with a capital, shape (n,)."""
        capital: Bools = (self.first & UPPER) != 0
        return capital


class WordList:
    """Words that are looked up in texts.

    Args:
        numbers: word -> its number, 1 or more.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        spelled = {_spell(word): number for word, number in numbers.items()}
        # Behind all words stands one that is none.
        self._spelled = np.array([*sorted(spelled), (1 << 64) - 1], np.uint64)
        self._numbers = np.array([*(spelled[one] for one in sorted(spelled)), 0])

    def __len__(self) -> int:
        return len(self._numbers) - 1

    def numbers(self, tokens: Tokens) -> Ints:
        """The number of each distinct token; 0 of those that have none."""
        at = np.searchsorted(self._spelled[:-1], tokens.spelled)
        found: Ints = np.where(self._spelled[at] == tokens.spelled, self._numbers[at], 0)[tokens.name]
        return found


def words_of(characters: Characters) -> Tokens:
    """The words of all units: runs of word characters, of whatever script."""
    starts, ends = _runs((characters.kinds & WORD) != 0)
    return _tokens(characters, starts, ends)


def tokens_of(characters: Characters, words: Tokens) -> Tokens:
    """The tokens of all units: their words; in scripts without blanks, pairs of adjacent characters.

    Args:
        characters: of the units.
        words: of the same.
    """
    spaceless = (characters.kinds & SPACELESS) != 0
    if not spaceless.any():
        return words
    starts, ends = _runs(((characters.kinds & WORD) != 0) & ~spaceless)
    pairs = np.flatnonzero(spaceless[:-1] & spaceless[1:])
    starts, ends = np.concatenate((starts, pairs)), np.concatenate((ends, pairs + 2))
    order = np.argsort(starts, kind="stable")
    return _tokens(characters, starts[order], ends[order])


def _runs(mask: Bools) -> tuple[Ints, Ints]:
    """Where the runs of a mask begin, and behind their ends; neither its first nor its last place is in it."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    return edges[::2], edges[1::2]


def spelled(values: NDArray[np.unsignedinteger[Any]], starts: Ints, ends: Ints) -> NDArray[np.uint64]:
    """A number for each of some stretches of whole numbers: a polynomial of them, modulo 2 ** 64.

    Equal stretches have equal numbers, and others have others: among a million words two meet with a chance of one in forty millions.

    Args:
        values: whole numbers, stretches of which are meant.
        starts: where each stretch begins.
        ends: behind its last value; no stretch is empty.
    """
    powers, back = _powers(_REMEMBERED) if len(values) <= _REMEMBERED else _powers.__wrapped__(len(values))
    # One more behind all, for sums are taken from each start to each end, and from each end to the next start.
    terms = np.zeros(len(values) + 1, np.uint64)
    np.multiply(values, powers[: len(values)], out=terms[:-1])
    bounds = np.stack((starts, ends), axis=-1).reshape(-1)
    if not len(bounds):
        return np.zeros(0, np.uint64)
    # Stretches are compared as if they all began at the same place.
    found: NDArray[np.uint64] = np.add.reduceat(terms, bounds)[::2] * back[starts]
    return found


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of ``_PRIME`` from the first on, and of its inverse from the one that is 1 on; remembered for texts of common size."""
    inverse = np.full(size, pow(_PRIME, -1, 1 << 64), np.uint64)
    inverse[0] = 1
    return np.multiply.accumulate(np.full(size, _PRIME, np.uint64)), np.multiply.accumulate(inverse)


def _spell(word: str) -> int:
    """The number of a word, as ``spelled`` makes it."""
    number = 0
    for sign in reversed(word):
        number = (number + ord(sign)) * _PRIME % (1 << 64)
    return number


def _tokens(characters: Characters, starts: Ints, ends: Ints) -> Tokens:
    """The tokens that stand there, numbered document by document."""
    numbers = spelled(characters.lower_points, starts, ends)
    order = np.argsort(numbers)
    ordered = numbers[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)]
    name = np.empty(len(order), np.int64)
    name[order] = np.cumsum(new) - 1
    names = ordered[new]
    unit = characters.unit[starts]
    cells = characters.stretches.owner[unit] * len(names) + name
    held = np.zeros(len(characters.stretches.sizes) * len(names), np.bool_)
    held[cells] = True
    met = np.flatnonzero(held)
    number = np.empty(len(held), np.int32)
    number[met] = np.arange(len(met))
    document, own = np.divmod(met, max(len(names), 1))
    return Tokens(names, own, document, number[cells].astype(np.int64), unit, characters.kinds[starts], starts, ends)
