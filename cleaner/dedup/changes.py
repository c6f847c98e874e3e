r"""What a copy of a text changed: paragraphs dropped, added, changed, moved; in those that changed, which words.

Words are compared by their letters and digits, case folded: other quotation marks are no change. Paragraphs that were joined or
parted are no change either, for words are aligned across the ends of paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

from cleaner.dedup.stories import covered, words_of, words_of_each

_SPACELESS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without spaces between words, as a class of a pattern: each character is a word. Only what is shown depends on it."""
_WORD = re.compile(rf"[{_SPACELESS}]\s*|[^\s{_SPACELESS}]+\s*")
_ENDS_SPACELESS = re.compile(rf"(?:^|[{_SPACELESS}。、」！？])$")
"""Behind the last word of any other paragraph stands a blank, for the words that follow when it is shown."""
_LETTERS = re.compile(r"\w+")
_SHORTEST_COMMON = 4
"""Words: fewer than this in common, between two changes that are longer, stand there by chance ("of the")."""
_LEAST_KEPT = 1 / 3
"""Share of a paragraph's characters that must have stayed for it to be a changed one."""
_MOVED = 0.8
"""Share of a paragraph's words, standing in the other text, from which it was only moved."""
_MOST_PAIRS = 4_000_000
"""Words of one side times words of the other, above which a stretch without any like paragraph is not compared word by word."""


class Sign(Enum):
    """What became of some words."""

    SAME = " "
    DROPPED = "-"
    ADDED = "+"


class Kind(Enum):
    """What became of a paragraph."""

    SAME = "same"
    CHANGED = "changed"
    DROPPED = "dropped"
    ADDED = "added"
    MOVED = "moved"


class Piece(NamedTuple):
    """Some words, with the blanks behind them, and what became of them."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the copy, or one it dropped.

    Attributes:
        kind: what became of it.
        pieces: its words.
    """

    kind: Kind
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(piece.text for piece in self.pieces).strip()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a copy changed: its paragraphs in order, and where they stood those it dropped."""

    paragraphs: tuple[Paragraph, ...]

    def count(self, kind: Kind) -> int:
        """How many paragraphs are of a kind."""
        return sum(paragraph.kind is kind for paragraph in self.paragraphs)


class _Words(NamedTuple):
    """Words of some paragraphs, end to end.

    Attributes:
        texts: each with the blanks behind it.
        keys: what is compared of each.
        owners: number of the paragraph each stands in.
        sizes: words of each paragraph.
    """

    texts: list[str]
    keys: list[str]
    owners: list[int]
    sizes: list[int]

    @classmethod
    def of(cls, paragraphs: Sequence[str]) -> _Words:
        """The words of some paragraphs."""
        split = [_WORD.findall(paragraph if _ENDS_SPACELESS.search(paragraph) else paragraph + " ") for paragraph in paragraphs]
        texts = [word for words in split for word in words]
        owners = [number for number, words in enumerate(split) for _ in words]
        return cls(texts, [_key(word) for word in texts], owners, [len(words) for words in split])

    def runs(self, start: int, end: int) -> Iterator[tuple[int, str, bool]]:
        """Some words by paragraph: its number, the words, and whether they are all of it."""
        while start < end:
            owner, stop = self.owners[start], start
            while stop < end and self.owners[stop] == owner:
                stop += 1
            yield owner, "".join(self.texts[start:stop]), stop - start == self.sizes[owner]
            start = stop


def changes(one: Sequence[str], other: Sequence[str]) -> Changes:
    """What the second of two texts changed.

    Args:
        one: paragraphs of the first.
        other: paragraphs of the second.

    >>> found = changes(["The boat left.", "Nine people were aboard."], ["The boat left.", "Ten people were aboard.", "It rained."])
    >>> [paragraph.kind.value for paragraph in found.paragraphs]
    ['same', 'changed', 'added']
    >>> [(piece.sign.value, piece.text) for piece in found.paragraphs[1].pieces]
    [('-', 'Nine '), ('+', 'Ten '), (' ', 'people were aboard. ')]
    """
    left, right = ([_paragraph_key(paragraph) for paragraph in side] for side in (one, other))
    found: list[Paragraph] = []
    for tag, start, end, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph(Kind.SAME, (Piece(Sign.SAME, text),)) for text in other[first:last]]
        else:
            found += _stretch(one[start:end], other[first:last])
    return Changes(tuple(_moved(found, one, other)))


def word_changes(one: str, other: str) -> tuple[Piece, ...]:
    """What the second of two passages changed, word by word.

    >>> [(piece.sign.value, piece.text) for piece in word_changes("a b c d e f", "a b c x e f")]
    [(' ', 'a b c '), ('-', 'd '), ('+', 'x '), (' ', 'e f ')]
    """
    left, right = _Words.of([one]), _Words.of([other])
    return tuple(
        Piece(sign, "".join((left if sign is Sign.DROPPED else right).texts[start:end]))
        for sign, start, end in _aligned(left.keys, right.keys)
    )


def _key(word: str) -> str:
    """What is compared of a word.

    >>> _key("“Don't "), _key("... ")
    ("don't", '...')
    """
    return "'".join(_LETTERS.findall(word.casefold())) or word.strip()


def _paragraph_key(paragraph: str) -> str:
    return " ".join(_LETTERS.findall(paragraph.casefold())) or paragraph.strip()


def _stretch(one: Sequence[str], other: Sequence[str]) -> list[Paragraph]:
    """What became of a stretch in which no paragraph is the same."""
    left, right = _Words.of(one), _Words.of(other)
    if not one or not other or len(left.keys) * len(right.keys) > _MOST_PAIRS:
        dropped = [Paragraph(Kind.DROPPED, (Piece(Sign.DROPPED, text),)) for text in one]
        return dropped + [Paragraph(Kind.ADDED, (Piece(Sign.ADDED, text),)) for text in other]
    built = _Built()
    for sign, start, end in _aligned(left.keys, right.keys):
        for owner, text, whole in (left if sign is Sign.DROPPED else right).runs(start, end):
            if sign is Sign.DROPPED and whole:
                built.whole(Paragraph(Kind.DROPPED, (Piece(sign, text),)))
            elif sign is Sign.DROPPED:
                built.pieces.append(Piece(sign, text))
            elif sign is Sign.ADDED and whole:
                built.whole(Paragraph(Kind.ADDED, (Piece(sign, text),)))
            else:
                built.words(owner, Piece(sign, text))
    return built.done()


class _Built:
    """Paragraphs of the copy, as their words come."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._found: list[Paragraph] = []
        self._owner: int | None = None

    def words(self, owner: int, piece: Piece) -> None:
        """Some words of a paragraph of the copy; what was dropped since the last one stands before them."""
        if owner != self._owner and self._owner is not None:
            self._end()
        self._owner = owner
        self.pieces.append(piece)

    def whole(self, paragraph: Paragraph) -> None:
        """A paragraph that is wholly dropped or added."""
        self._end()
        self._found.append(paragraph)

    def done(self) -> list[Paragraph]:
        """All paragraphs."""
        self._end()
        return self._found

    def _end(self) -> None:
        if self.pieces:
            self._found += _paragraphs(self.pieces)
        self.pieces, self._owner = [], None


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[Paragraph]:
    """The paragraph that pieces make, or two: what stands in the place of another is no change of it.

    >>> [one.kind.value for one in _paragraphs([Piece(Sign.DROPPED, "Log "), Piece(Sign.SAME, "in "), Piece(Sign.ADDED, "brief, today")])]
    ['dropped', 'added']
    """
    sizes = {sign: sum(len(piece.text) for piece in pieces if piece.sign is sign) for sign in Sign}
    if sizes[Sign.SAME] >= _LEAST_KEPT * (sizes[Sign.SAME] + max(sizes[Sign.DROPPED], sizes[Sign.ADDED])):
        changed = sizes[Sign.DROPPED] or sizes[Sign.ADDED]
        yield Paragraph(Kind.CHANGED if changed else Kind.SAME, tuple(pieces))
        return
    for kind, sign, other in ((Kind.DROPPED, Sign.DROPPED, Sign.ADDED), (Kind.ADDED, Sign.ADDED, Sign.DROPPED)):
        if sizes[sign]:
            yield Paragraph(kind, (Piece(sign, "".join(piece.text for piece in pieces if piece.sign is not other)),))


def _aligned(one: Sequence[str], other: Sequence[str]) -> list[tuple[Sign, int, int]]:
    """Which words are the same, dropped, added: of ``other``, but dropped ones of ``one``; chance matches are none."""
    blocks = [list(block) for block in SequenceMatcher(None, one, other).get_matching_blocks()]
    kept: list[list[int]] = []
    at, beside = 0, 0
    for place, (start, first, size) in enumerate(blocks[:-1]):
        before = max(start - at, first - beside)
        following = blocks[place + 1]
        after = max(following[0] - start - size, following[1] - first - size)
        ends = (not kept and before == 0) or (place == len(blocks) - 2 and after == 0)
        if size >= _SHORTEST_COMMON or not (
            (before > 2 * size and after > 2 * size) or (ends and max(before, after) > 4 * size and size < 3)
        ):
            kept.append([start, first, size])
            at, beside = start + size, first + size
    found: list[tuple[Sign, int, int]] = []
    at = beside = 0
    for start, first, size in [*kept, [len(one), len(other), 0]]:
        spans = ((Sign.DROPPED, at, start), (Sign.ADDED, beside, first), (Sign.SAME, first, first + size))
        found += [span for span in spans if span[1] < span[2]]
        at, beside = start + size, first + size
    return found


def _moved(found: Sequence[Paragraph], one: Sequence[str], other: Sequence[str]) -> Iterator[Paragraph]:
    """The paragraphs, those that were only moved told from those that were added; where they went from they are not told of."""
    gone, come = ([paragraph.text for paragraph in found if paragraph.kind is kind] for kind in (Kind.DROPPED, Kind.ADDED))
    if not gone or not come:
        yield from found
        return
    left, before, after = words_of(gone), words_of(one), words_of(other)
    dropped, added = iter(words_of_each(gone)), iter(words_of_each(come))
    for paragraph in found:
        if paragraph.kind is Kind.DROPPED and covered(next(dropped), after) >= _MOVED:
            continue
        if paragraph.kind is Kind.ADDED:
            words = next(added)
            if min(covered(words, before), covered(words, left)) >= _MOVED:
                yield Paragraph(Kind.MOVED, paragraph.pieces)
                continue
        yield paragraph
