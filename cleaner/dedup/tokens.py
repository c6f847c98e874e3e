r"""Texts to tokens, and tokens to 64-bit hashes, for many texts at once in NumPy; the same on any machine and in any process.

- Texts are compared as they are read, not as they are encoded. So what no reader sees is left out first: soft hyphens, joiners and
  other signs of format, variation selectors, the Arabic tatweel. Letters and digits of full width and Katakana of half width
  become the usual ones: two papers that print one agency's story differ in that. The rest of NFKC would make other text of it
  (½ becomes 1⁄2, m² becomes m2). What is left is case-folded, then brought to NFC (a Greek iota below is taken apart before); so
  copies in NFC and in NFD are the same.
- A *token* is a run of ``\w`` characters and of the marks behind them (vowel signs, accents: Unicode's category M, not ``\w``);
  a mark behind nothing is no token. In scripts written without spaces each character is a token, vowel signs included.
- A token's hash, with all arithmetic modulo 2^64: ``mix64(sum of mix64(code point + (place + 1) * STEP) over its characters)``,
  place from 0. Two different tokens get the same hash with a chance of about 2^-64. It is no defence against a forger.

What is a letter or a mark is what the ``unicodedata`` of the running Python says: characters new in Unicode are none before that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

U8: TypeAlias = NDArray[np.uint8]
U32: TypeAlias = NDArray[np.uint32]
U64: TypeAlias = NDArray[np.uint64]
I64: TypeAlias = NDArray[np.int64]
Number = TypeVar("Number", np.uint8, np.uint32)
Whole = TypeVar("Whole", np.int64, np.uint64)

STEP = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio in 64 bits (odd), as in splitmix64."""
_CHUNK = 1 << 17
"""Characters that are tokenised at a time: a character costs roughly 40 bytes while that is done."""

_OTHER = 0
_SYLLABLE = 1
_IDEOGRAPH = 2
_MARK = 3
WORD = 4
"""Kinds of characters. That of a token's first one is also what the token adds to the length of its unit, in quarters of a word."""
_ASCII_KINDS = bytes(WORD * (chr(point).isalnum() or point == ord("_")) for point in range(128)).ljust(256, b"\0")
"""Kinds of the ASCII characters, as ``bytes.translate`` takes them."""
_RANGES = (
    *(
        (0x0E01, 0x0E3B, _SYLLABLE),
        (0x0E40, 0x0E4F, _SYLLABLE),
        (0x0E81, 0x0ECF, _SYLLABLE),
        (0x0EDC, 0x0EE0, _SYLLABLE),
    ),  # Thai, Lao
    *((0x1000, 0x1040, _SYLLABLE), (0x1050, 0x1090, _SYLLABLE), (0x109A, 0x109E, _SYLLABLE)),  # Burmese
    *((0x1780, 0x17D4, _SYLLABLE), (0x17D7, 0x17D8, _SYLLABLE), (0x17DC, 0x17DE, _SYLLABLE)),  # Khmer
    *((0x1950, 0x1975, _SYLLABLE), (0x1980, 0x19CA, _SYLLABLE)),  # Tai Le, New Tai Lue
    *((0x1A20, 0x1A80, _SYLLABLE), (0x1AA7, 0x1AA8, _SYLLABLE)),  # Tai Tham
    (0x1B00, 0x1B4D, _SYLLABLE),  # Balinese
    (0x3005, 0x3008, _IDEOGRAPH),  # signs that stand for Han
    *((0x3041, 0x3097, _IDEOGRAPH), (0x309D, 0x30A0, _IDEOGRAPH)),  # Hiragana
    *((0x30A1, 0x30FB, _IDEOGRAPH), (0x30FC, 0x3100, _IDEOGRAPH), (0x31F0, 0x3200, _IDEOGRAPH)),  # Katakana
    *((0x3400, 0x4DC0, _IDEOGRAPH), (0x4E00, 0xA000, _IDEOGRAPH)),  # Han
    *((0xA980, 0xA9C1, _SYLLABLE), (0xA9CF, 0xA9D0, _SYLLABLE)),  # Javanese
    *((0xA9E0, 0xA9F0, _SYLLABLE), (0xA9FA, 0xAA00, _SYLLABLE), (0xAA60, 0xAA77, _SYLLABLE)),  # Burmese
    (0xAA7A, 0xAADE, _SYLLABLE),  # Burmese, Tai Viet
    (0xAC00, 0xD7A4, WORD),  # Hangul: there are spaces; it is here because ten thousand are quicker by range than one by one
    *((0xF900, 0xFB00, _IDEOGRAPH), (0x1B000, 0x1B170, _IDEOGRAPH), (0x20000, 0x40000, _IDEOGRAPH)),  # Han, old Kana, Han
)
"""Kinds by sorted half-open ranges of code points: scripts written without spaces, vowel signs included."""
_BOUNDS = np.array([(first, stop) for first, stop, _ in _RANGES], np.uint32).ravel()
_KINDS_BETWEEN = np.array([(kind, _OTHER) for _, _, kind in _RANGES], np.uint8).ravel()
_VARIANT = re.compile(
    r"[\u00ad\u034f\u061c\u0640\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
    r"\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a\uff66-\uff9f]"
)
"""What is left out, and in the second line what becomes its usual width."""
_IOTA = re.compile(r"[\u0345\u1f80-\u1faf\u1fb2-\u1fb4\u1fb7\u1fbc\u1fc2-\u1fc4\u1fc7\u1fcc\u1ff2-\u1ff4\u1ff7\u1ffc]")
"""Greek letters with an iota below, and the mark that puts it there."""
_GAP = re.compile(r"[ \t,.;:!?\u3000\u3001\u3002\uff0c\uff01\uff1f]")
"""Characters that are in no token, and that NFC joins with nothing behind them."""
_JOINING = re.compile(r"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\U00016d40-\U00016d7f]")
"""What NFC may join though it is no mark: parts of Hangul syllables, letters of Kirat Rai."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens of some texts, n of them, end to end.

    Attributes:
        hashes: one 64-bit hash per token.
        counts: shape (n,): tokens of each text.
        quarters: shape (n,): length of each text in quarters of a word.
        weights: what each token adds to it.
    """

    hashes: U64
    counts: I64
    quarters: I64
    weights: U8


def tokenize(texts: Sequence[str]) -> Tokens:
    """The tokens of some texts, none of which holds a line feed.

    >>> tokenize(["Don't panic, Straße 7!", "...", "NATO 東京都庁", "हिन्दी में"]).counts.tolist()
    [5, 0, 5, 2]
    """
    if any(len(text) > _CHUNK for text in texts):
        return _of_pieces([list(_pieces(text)) for text in texts])
    parts = [_tokenize(chunk) for chunk in _chunks(texts)]
    if not parts:
        return Tokens(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))
    return Tokens(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.quarters for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


def _of_pieces(texts: Sequence[Sequence[str]]) -> Tokens:
    """The tokens of texts that are cut in pieces, one or more each."""
    parts = [_tokenize(chunk) for chunk in _chunks([piece for text in texts for piece in text])]
    firsts = np.cumsum([0, *map(len, texts[:-1])])
    return Tokens(
        np.concatenate([part.hashes for part in parts]),
        np.add.reduceat(np.concatenate([part.counts for part in parts]), firsts),
        np.add.reduceat(np.concatenate([part.quarters for part in parts]), firsts),
        np.concatenate([part.weights for part in parts]),
    )


def _pieces(text: str) -> Iterator[str]:
    """A text of up to ``_CHUNK`` characters, or a longer one in pieces of little more, each but the last ending in a gap.

    >>> [len(piece) for piece in _pieces("word " * 40_000)]
    [131075, 68925]
    """
    first = 0
    while len(text) - first > _CHUNK and (gap := _GAP.search(text, first + _CHUNK)):
        yield text[first : gap.end()]
        first = gap.end()
    yield text[first:] if first else text


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in groups of about ``_CHUNK`` characters."""
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
    points, kinds = _characters("\n".join(["", *texts]))  # so that no text is without a character before it
    marks = kinds == _MARK
    if marks.any():
        kinds = _carried(kinds, marks)
    inside = kinds != _OTHER
    begins = inside & ~marks
    begins[1:] &= (kinds[1:] != WORD) | (kinds[:-1] != WORD)
    starts = np.flatnonzero(begins)
    weights = kinds[starts]
    sums = np.append(0, np.cumsum(weights, dtype=np.int64))
    edges = np.append(np.searchsorted(starts, np.flatnonzero(points == ord("\n"))), len(starts))
    return Tokens(_token_hashes(points, inside, starts), np.diff(edges), np.diff(sums[edges]), weights)


def _characters(text: str) -> tuple[U8 | U32, U8]:
    """The characters of a text that is not empty in the form in which it is compared, and their kinds; line feeds stay as they are.

    Most texts are done by a table of their distinct characters, at a third of the cost of doing it to the string.
    """
    if text.isascii():
        folded = text.casefold().encode("ascii")
        return np.frombuffer(folded, np.uint8), np.frombuffer(folded.translate(_ASCII_KINDS), np.uint8)
    points, distinct = _points(text)
    if _VARIANT.search(_string(distinct)):
        text = _VARIANT.sub(_usual, text)
        points, distinct = _points(text)
    alphabet = _string(distinct).casefold()
    folded_points = _code_points(alphabet)
    kinds = _kinds(folded_points)
    joins = _joins(alphabet, kinds)
    if joins or len(folded_points) != len(distinct):  # as with ß
        # Case-folded, the iota below a letter is a letter, before which marks that stood behind it may come to stand.
        text = (unicodedata.normalize("NFD", text) if _IOTA.search(_string(distinct)) else text).casefold()
        # Line by line, because a line without any such mark is done ten times as fast.
        text = "\n".join([unicodedata.normalize("NFC", line) for line in text.split("\n")]) if joins else text
        points, distinct = _points(text)
        return points.astype(np.uint32), _table(distinct, _kinds(distinct)).take(points)
    return _table(distinct, folded_points).take(points), _table(distinct, kinds).take(points)


def _usual(variant: re.Match[str]) -> str:
    """What stands for a match of ``_VARIANT``."""
    return unicodedata.normalize("NFKC", variant[0]) if "\uff10" <= variant[0] <= "\uff9f" else ""


def _joins(alphabet: str, kinds: U8) -> bool:
    """Whether NFC could change a text of these characters, given their kinds too. Never wrongly False.

    >>> [_joins(alphabet, _kinds(_code_points(alphabet))) for alphabet in ("aé東", "ae\u0301", "\u212b")]
    [False, True, True]
    """
    marks = (kinds == _MARK) | (kinds == _SYLLABLE)
    return bool(marks.any() or _JOINING.search(alphabet) or not unicodedata.is_normalized("NFC", alphabet))


def _points(text: str) -> tuple[I64, U32]:
    """The code points of a text that is not empty, and sorted which of them there are; all of ASCII counts as there."""
    points = _code_points(text)
    seen = np.zeros(max(128, int(points.max()) + 1), np.bool_)
    seen[:128] = True
    seen[points[points > 127]] = True  # np.unique would sort, and take three times as long; most are ASCII
    return points.astype(np.int64), np.flatnonzero(seen).astype("<u4")


def _code_points(text: str) -> U32:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _string(points: U32) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def _table(points: U32, values: NDArray[Number]) -> NDArray[Number]:
    """An array that has at each of some sorted code points its value, and anything elsewhere."""
    table = np.empty(int(points[-1]) + 1, values.dtype)
    table[points] = values
    return table


def _carried(kinds: U8, marks: NDArray[np.bool_]) -> U8:
    """Kinds of some characters, with that of each mark replaced by that of the last one before that is no mark; the first is none.

    >>> kinds = np.array([_OTHER, _MARK, WORD, _MARK, _MARK, _IDEOGRAPH, _MARK], np.uint8)
    >>> _carried(kinds, kinds == _MARK).tolist()
    [0, 0, 4, 4, 4, 2, 2]
    """
    others = np.flatnonzero(~marks)
    return np.repeat(kinds[others], np.diff(others, append=len(kinds)))


def _kinds(points: U32) -> U8:
    """The kinds of some characters.

    >>> _kinds(_code_points("a_9 -éกา東。\u0301")).tolist()
    [4, 4, 4, 0, 0, 4, 1, 1, 2, 0, 3]
    """
    place = np.searchsorted(_BOUNDS, points, side="right")
    kinds = _KINDS_BETWEEN[place - 1]
    ascii_ = points < 128
    kinds[ascii_] = np.frombuffer(_ASCII_KINDS, np.uint8)[points[ascii_]]
    single = np.flatnonzero((place % 2 == 0) & ~ascii_)
    kinds[single] = [_kind(character) for character in _string(points[single])]
    return kinds


def _kind(character: str) -> int:
    """The kind of a character that is in none of the ranges."""
    if character.isalnum() or character == "_":
        return WORD
    return _MARK if unicodedata.category(character)[0] == "M" else _OTHER


def _token_hashes(points: U8 | U32, inside: NDArray[np.bool_], starts: I64) -> U64:
    """Hashes of the tokens that begin at ``starts``, given all characters and which of them are inside a token."""
    if not len(starts):
        return np.empty(0, np.uint64)
    # In one piece: glibc gives memory back to the system, which fills it with zeros when it is next asked for, unless a larger piece was
    # freed before; with an array for each step a sketch took half as long again.
    values, spare = np.empty((2, len(points)), np.uint64)
    values.fill(STEP)
    values[starts] -= _gaps(starts).astype(np.uint64) * STEP
    np.cumsum(values, out=values)  # (place + 1) * STEP: what np.repeat of the starts gives in twice the time
    values += points
    _mix64(values, spare)
    values *= inside
    np.cumsum(values, out=values)  # differences of sums modulo 2^64, for np.add.reduceat takes three times as long
    found = _gaps(values[np.append(starts[1:], len(points)) - 1])
    _mix64(found, spare[: len(found)])
    return found


def _gaps(rising: NDArray[Whole]) -> NDArray[Whole]:
    """Each number less the one before it; the first as it is."""
    gaps = rising.copy()
    gaps[1:] -= rising[:-1]
    return gaps


def mix64(values: U64) -> U64:
    """The 64-bit finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection in which every bit depends on all."""
    mixed = values.copy()
    _mix64(mixed, np.empty_like(mixed))
    return mixed


def _mix64(values: U64, spare: U64) -> None:
    """The same in place; ``spare`` is as long, and is overwritten."""
    for factor in (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)):
        values ^= np.right_shift(values, np.uint64(33), out=spare)
        values *= factor
    values ^= np.right_shift(values, np.uint64(33), out=spare)


def upper(hashes: U64) -> U32:
    """The upper 32 bits of 64-bit hashes: keys of an index, independent of the lower ones that make signatures."""
    return (hashes >> np.uint64(32)).astype(np.uint32)
