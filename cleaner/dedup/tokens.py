r"""Texts to tokens, and tokens to 64-bit hashes, for many texts at once in NumPy; the same on any machine and in any process.

- A *token* is a run of ``\w`` characters of the case-folded text; in scripts written without spaces each character is one.
- A token's hash, with all arithmetic modulo 2^64: ``mix64(sum of mix64(code point + (place + 1) * STEP) over its characters)``,
  place from 0. Two different tokens get the same hash with a chance of about 2^-64. It is no defence against a forger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

U32: TypeAlias = NDArray[np.uint32]
U64: TypeAlias = NDArray[np.uint64]
I64: TypeAlias = NDArray[np.int64]

STEP = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio in 64 bits (odd), as in splitmix64."""
_CHUNK = 1 << 17
"""Characters that are tokenised at a time: a character costs roughly 70 bytes while that is done."""

_OTHER = 0
_SYLLABLE = 1
_IDEOGRAPH = 2
WORD = 4
"""Kinds of characters. But for ``_OTHER``, a kind is also what a token of it adds to the length of its unit, in quarters of a word."""
_ASCII_KINDS = bytes(WORD * (chr(point).isalnum() or point == ord("_")) for point in range(128)) + bytes([_OTHER])
"""Kinds of the ASCII characters, and one more for all others."""
_SPACELESS = (
    *(
        (0x0E01, 0x0E3B, _SYLLABLE),
        (0x0E40, 0x0E4F, _SYLLABLE),
        (0x0E81, 0x0ECF, _SYLLABLE),
        (0x0EDC, 0x0EE0, _SYLLABLE),
    ),  # Thai, Lao
    *((0x1000, 0x1040, _SYLLABLE), (0x1050, 0x10A0, _SYLLABLE)),  # Burmese
    *((0x1780, 0x17D4, _SYLLABLE), (0x17DC, 0x17DE, _SYLLABLE)),  # Khmer
    (0x3005, 0x3008, _IDEOGRAPH),  # signs that stand for Han
    *((0x3041, 0x3097, _IDEOGRAPH), (0x309D, 0x30A0, _IDEOGRAPH)),  # Hiragana
    *((0x30A1, 0x30FB, _IDEOGRAPH), (0x30FC, 0x3100, _IDEOGRAPH), (0x31F0, 0x3200, _IDEOGRAPH)),  # Katakana
    *((0x3400, 0x4DC0, _IDEOGRAPH), (0x4E00, 0xA000, _IDEOGRAPH)),  # Han
    *((0xA9E0, 0xAA00, _SYLLABLE), (0xAA60, 0xAA80, _SYLLABLE)),  # Burmese
    *((0xF900, 0xFB00, _IDEOGRAPH), (0xFF66, 0xFFA0, _IDEOGRAPH)),  # Han, Katakana of half width
    *((0x1B000, 0x1B170, _IDEOGRAPH), (0x20000, 0x40000, _IDEOGRAPH)),  # old Kana, Han
)
"""Scripts written without spaces, vowel signs included (they are not ``\\w``): sorted half-open ranges of code points, and their kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens of some texts, n of them, end to end.

    Attributes:
        hashes: one 64-bit hash per token.
        counts: shape (n,): tokens of each text.
        quarters: shape (n,): length of each text in quarters of a word.
    """

    hashes: U64
    counts: I64
    quarters: I64


def tokenize(texts: Sequence[str]) -> Tokens:
    """The tokens of some texts, none of which holds a line feed.

    >>> tokenize(["Don't panic, Straße 7!", "...", "NATO 東京都庁"]).counts.tolist()
    [5, 0, 5]
    """
    parts = [_tokenize(chunk) for chunk in _chunks(texts)]
    if not parts:
        return Tokens(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    return Tokens(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.quarters for part in parts]),
    )


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in groups of about ``_CHUNK`` characters; a longer one is a group of its own."""
    first, size = 0, 0
    for at, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            yield texts[first:at]
            first, size = at, 0
        size += len(text)
    if first < len(texts):
        yield texts[first:]


def _tokenize(texts: Sequence[str]) -> Tokens:
    """The tokens of one group of texts. In NumPy over all characters: a pattern and a string per token made a sketch twice as dear."""
    points = np.frombuffer("\n".join(texts).casefold().encode("utf-32-le", "surrogatepass"), "<u4")
    kinds = _kinds(points)
    begins = kinds > _OTHER
    begins[1:] &= (kinds[1:] != WORD) | (kinds[:-1] != WORD)
    starts = np.flatnonzero(begins)
    ends = np.append(np.flatnonzero(points == ord("\n")), len(points))
    sums = np.append(0, np.cumsum(kinds[starts], dtype=np.int64))
    upto = np.searchsorted(starts, ends)
    inside = np.flatnonzero(kinds)
    hashes = _token_hashes(points[inside], np.flatnonzero(begins[inside]))
    return Tokens(hashes, np.diff(upto, prepend=0), np.diff(sums[upto], prepend=0))


def _kinds(points: U32) -> NDArray[np.uint8]:
    """The kind of each character.

    >>> _kinds(np.array([ord(character) for character in "a_9 -éกา東。"], np.uint32)).tolist()
    [4, 4, 4, 0, 0, 4, 1, 1, 2, 0]
    """
    kinds = np.frombuffer(_ASCII_KINDS, np.uint8)[np.minimum(points, 128)]
    foreign = np.flatnonzero(points > 127)
    if len(foreign):
        distinct, which = np.unique(points[foreign], return_inverse=True)
        letters = np.array([WORD * chr(point).isalnum() for point in distinct.tolist()], np.uint8)
        bounds = np.array([(first, stop) for first, stop, _ in _SPACELESS], np.uint32).ravel()
        spaceless = np.array([(kind, _OTHER) for _, _, kind in _SPACELESS], np.uint8).ravel()
        place = np.searchsorted(bounds, distinct, side="right")
        kinds[foreign] = np.where(place % 2, spaceless[place - 1], letters)[which]
    return kinds


def _token_hashes(points: U32, starts: I64) -> U64:
    """Hashes of the tokens that begin at ``starts``, given the code points of all tokens end to end."""
    if not len(starts):
        return np.empty(0, np.uint64)
    lengths = np.diff(starts, append=len(points))
    places = (np.arange(1, len(points) + 1) - np.repeat(starts, lengths)).astype(np.uint64)
    places *= STEP
    places += points
    return mix64(np.add.reduceat(mix64(places), starts))


def mix64(values: U64) -> U64:
    """The 64-bit finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection in which every bit depends on all."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def upper(hashes: U64) -> U32:
    """The upper 32 bits of 64-bit hashes: keys of an index, independent of the lower ones that make signatures."""
    return (hashes >> np.uint64(32)).astype(np.uint32)
