"""Which strings a pattern cannot match without: the prefilter that lets thousands of rules cost little.

``required`` reads a ``regex`` pattern and answers with a set of strings of which every match holds at least one, or None when it
cannot tell. It is conservative: what it does not understand it takes for "anything". ``regex`` alone decides what matches; a test
holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import category

from cleaner.rules.fold import fold_case

_MOST = 400
"""Strings a set may hold; lists of names are long, and one pass finds thousands."""
_MOST_PRODUCTS = 64
"""Strings that sequences of choices may multiply to."""

_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_PLAIN = re.compile(r"[A-Za-z0-9 ,:;'\"/@_-]+(?![*+?{A-Za-z0-9 ,:;'\"/@_-])")
"""ASCII letters and signs without a quantifier behind the last: read at once, for most of a pattern is of that kind."""
_GROUP = re.compile(r"\((?:\?(?::|i:|i\)|P<\w+>|<\w+>)|(?!\?))")
_LOOK = re.compile(r"\(\?<?[=!]")
_NOTHING_WIDE = frozenset("bBAZz")
_ONE_OF_MANY = frozenset("dDwWsSntrfvhH")
_BEGINS_WITH_LINE = re.compile(r"(?:\(\?i\))?\^")
_CASED = (("\0", "\u017f"), ("\u0370", "\u03ff"), ("\u0400", "\u052f"))
"""Where letters with case are relied on: Latin, Greek, Cyrillic; a test holds them against every code point."""
_NOT_RELIED_ON = "\u00df"
"""Sharp s: later versions of Unicode give it more than one capital."""
_MAY_HAVE_CASE = frozenset(["Lu", "Ll", "Lt", "Cn"])
"""Kinds of letters that ``regex`` may know the other case of and Python not: it may know a later Unicode."""


class _UnreadableError(Exception):
    """The pattern uses something this reader does not know."""


@dataclass(frozen=True, slots=True)
class Needles:
    """What every match of a pattern holds.

    Attributes:
        strings: case folded; one of them at least.
        reach: the most code points that stand before it in the line, for a pattern that begins with the line; None: any number.
    """

    strings: frozenset[str]
    reach: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is known of a part of a pattern.

    Attributes:
        exact: all it can be, or None.
        needs: what it must hold, with its place in the part, or None.
        longest: the most code points it can take; None: any number.
    """

    exact: frozenset[str] | None = None
    needs: Needles | None = None
    longest: int | None = None

    @property
    def holds(self) -> Needles | None:
        """The best that is known of what it must hold."""
        return _better(Needles(self.exact, 0) if self.exact else None, self.needs)


_EMPTY = _Piece(exact=frozenset([""]), longest=0)
_ANYWHERE = _Piece(longest=0)
_ANY_CHARACTER = _Piece(longest=1)
_UNKNOWN = _Piece()


def required(pattern: str) -> frozenset[str] | None:
    r"""Strings, case folded, of which every match of ``pattern`` holds at least one; None when none can be told.

    >>> sorted(required(r"^(?i:sign up|subscribe) (?:now )?for .{3,40}$"))
    ['sign up for ', 'sign up now for ', 'subscribe for ', 'subscribe now for ']
    >>> required(r"^\d+$") is None
    True
    """
    found = needles(pattern)
    return found.strings if found else None


def needles(pattern: str) -> Needles | None:
    r"""As ``required``, and how far from the beginning of the line the string stands at most.

    >>> needles(r"^\W{0,3}By [A-Z]")
    Needles(strings=frozenset({'by '}), reach=3)
    >>> needles(r"By [A-Z]")
    Needles(strings=frozenset({'by '}), reach=None)
    """
    reader = _Reader(pattern)
    try:
        piece = reader.sequence()
        begins_with_line = reader.at == len(pattern) and _BEGINS_WITH_LINE.match(pattern) is not None
        if reader.at < len(pattern):
            reader = _Reader(pattern)
            piece = reader.alternatives()
    except (_UnreadableError, RecursionError):
        return None
    best = piece.holds
    if reader.at < len(pattern) or _worth(best) < 2 or best is None:
        return None
    return best if begins_with_line else Needles(best.strings, None)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self) -> _Piece:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        longest = _most([branch.longest for branch in branches])
        exact = _union([branch.exact for branch in branches])
        if exact:
            return _Piece(exact=exact, longest=longest)
        holds = [branch.holds for branch in branches]
        strings = _union([one.strings if one else None for one in holds])
        reach = _most([one.reach if one else None for one in holds])
        return _Piece(needs=Needles(strings, reach) if strings else None, longest=longest)

    def sequence(self) -> _Piece:
        run: frozenset[str] = frozenset([""])
        before: int | None = 0  # the most code points before the run
        length: int | None = 0
        best: Needles | None = None
        whole = True
        while self.peek() not in ("", "|", ")"):
            plain = _PLAIN.match(self.pattern, self.at)
            if plain:
                self.at = plain.end()
                piece, goes_on = _Piece(exact=frozenset([fold_case(plain.group())]), longest=len(plain.group())), True
            else:
                piece, goes_on = self.quantified(self.atom())
            product = _product(run, piece.exact)
            if product is not None:
                run = product
            else:
                best = _better(best, Needles(run, before))
                whole = False
                if piece.needs:
                    best = _better(best, Needles(piece.needs.strings, _sum(length, piece.needs.reach)))
                before = length if piece.exact else _sum(length, piece.longest)
                run = piece.exact or frozenset([""])
            length = _sum(length, piece.longest)
            if not goes_on:
                best = _better(best, Needles(run, before))
                whole = False
                before = length
                run = frozenset([""])
        return _Piece(exact=run, longest=length) if whole else _Piece(needs=_better(best, Needles(run, before)), longest=length)

    def quantified(self, piece: _Piece) -> tuple[_Piece, bool]:
        """The piece as often as the quantifier behind it says, and whether what follows is next to it."""
        found = _QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            if self.peek() == "{":
                raise _UnreadableError  # fuzzy matching, or a brace of its own
            return piece, True
        self.at = found.end()
        if self.peek() in ("?", "+"):
            self.at += 1
        sign = found.group()
        if sign == "?" or sign in ("{0,1}", "{,1}"):
            return _Piece(exact=piece.exact | {""} if piece.exact else None, longest=piece.longest), True
        longest = None
        if sign[0] == "{" and piece.longest is not None and (found.group(3) or not found.group(2)):
            longest = piece.longest * int(found.group(3) or found.group(1) or 0)
        if sign == "*" or (sign[0] == "{" and not int(found.group(1) or 0)):
            return _Piece(longest=longest), True
        return replace(piece, longest=longest), False

    def atom(self) -> _Piece:  # noqa: PLR0911  # one way out a kind of atom
        char = self.peek()
        look = _LOOK.match(self.pattern, self.at)
        if look:
            self.at = look.end()
            self.alternatives()
            self.expect(")")
            return _ANYWHERE
        if char == "(":
            return self.group()
        if char == "[":
            return self.char_class()
        if char == "\\":
            return self.escape()
        self.at += 1
        if char in "^$":
            return _EMPTY
        if char == ".":
            return _ANY_CHARACTER
        if char in "*+?{":
            raise _UnreadableError
        return _letter(char)

    def group(self) -> _Piece:
        opened = _GROUP.match(self.pattern, self.at)
        if opened is None:
            raise _UnreadableError
        self.at = opened.end()
        if opened.group() == "(?i)":
            return _EMPTY
        piece = self.alternatives()
        self.expect(")")
        return piece

    def char_class(self) -> _Piece:
        end = self.at + 1
        if self.pattern[end : end + 1] == "^":
            end += 1
        if self.pattern[end : end + 1] == "]":
            end += 1
        while end < len(self.pattern) and self.pattern[end] != "]":
            if self.pattern[end] == "[":
                raise _UnreadableError
            end += 2 if self.pattern[end] == "\\" else 1
        body = self.pattern[self.at + 1 : end]
        self.at = end + 1
        if body[:1] == "^" or "\\" in body or "-" in body[1:-1]:
            return _ANY_CHARACTER
        return _Piece(exact=_union([_letter(char).exact for char in body]), longest=1)

    def escape(self) -> _Piece:
        char = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _NOTHING_WIDE:
            return _EMPTY
        if char in ("p", "P"):
            close = self.pattern.find("}", self.at)
            if self.peek() != "{" or close < 0:
                raise _UnreadableError
            self.at = close + 1
            return _ANY_CHARACTER
        if char.isdigit() and self.peek().isdigit():
            raise _UnreadableError  # a group above 9, or an octal number
        if char in _ONE_OF_MANY:
            return _ANY_CHARACTER
        if char in "RX" or char.isdigit():
            return _UNKNOWN
        if char.isalnum() or not char:
            raise _UnreadableError
        return _letter(char)

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def expect(self, char: str) -> None:
        if self.peek() != char:
            raise _UnreadableError
        self.at += 1


@lru_cache(maxsize=4096)
def _letter(char: str) -> _Piece:
    """A character whose case variants all fold to one: of ``_CASED``, or one that has no case."""
    caseless = char.lower() == char.upper() == char and category(char) not in _MAY_HAVE_CASE
    if caseless or (char not in _NOT_RELIED_ON and any(first <= char <= last for first, last in _CASED)):
        return _Piece(exact=frozenset([fold_case(char)]), longest=1)
    return _ANY_CHARACTER


def _union(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    joined: set[str] = set()
    for one in sets:
        if one is None:
            return None
        joined |= one
    return frozenset(joined) if 0 < len(joined) <= _MOST else None


def _product(left: frozenset[str], right: frozenset[str] | None) -> frozenset[str] | None:
    if right is None or len(left) * len(right) > _MOST_PRODUCTS:
        return None
    return frozenset(a + b for a in left for b in right)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _most(lengths: list[int | None]) -> int | None:
    known = [length for length in lengths if length is not None]
    return max(known) if len(known) == len(lengths) else None


def _worth(found: Needles | None) -> int:
    return min(map(len, found.strings)) if found else 0


def _better(one: Needles | None, other: Needles | None) -> Needles | None:
    """That whose shortest string is longer; of equals that with fewer strings."""
    fewer = other and one and _worth(other) == _worth(one) and len(other.strings) < len(one.strings)
    return other if fewer or _worth(other) > _worth(one) else one
