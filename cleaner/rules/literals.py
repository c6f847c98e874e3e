"""Which strings a pattern cannot match without: the prefilter that lets thousands of rules cost little.

``required`` reads a ``regex`` pattern and answers with a set of strings of which every match holds at least one, or None when it
cannot tell. It is conservative: what it does not understand it takes for "anything". ``regex`` alone decides what matches; a test
holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleaner.rules.fold import fold_case

_MOST = 24
"""Strings a set may hold; a larger one is not worth looking for."""

_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_PLAIN = re.compile(r"[A-Za-z0-9 ,:;'\"/@_-]+(?![*+?{A-Za-z0-9 ,:;'\"/@_-])")
"""ASCII letters and signs without a quantifier behind the last: read at once, for most of a pattern is of that kind."""
_GROUP = re.compile(r"\((?:\?(?::|i:|i\)|P<\w+>|<\w+>)|(?!\?))")
_LOOK = re.compile(r"\(\?<?[=!]")
_NOTHING_WIDE = frozenset("bBAZz")
_ANYTHING = frozenset("dDwWsSntrfvhHRXpP0123456789")


class _UnreadableError(Exception):
    """The pattern uses something this reader does not know."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is known of a part of a pattern: all it can be (``exact``), or strings it must hold (``needs``), or neither."""

    exact: frozenset[str] | None = None
    needs: frozenset[str] | None = None


_EMPTY = _Piece(exact=frozenset([""]))
_UNKNOWN = _Piece()


def required(pattern: str) -> frozenset[str] | None:
    r"""Strings, case folded, of which every match of ``pattern`` holds at least one; None when none can be told.

    >>> sorted(required(r"^(?i:sign up|subscribe) (?:now )?for .{3,40}$"))
    ['sign up for ', 'sign up now for ', 'subscribe for ', 'subscribe now for ']
    >>> required(r"^\d+$") is None
    True
    """
    reader = _Reader(pattern)
    try:
        piece = reader.alternatives()
    except (_UnreadableError, RecursionError):
        return None
    if reader.at < len(pattern):
        return None
    best = _better(piece.exact, piece.needs)
    return best if _worth(best) >= 2 else None


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
        exact = _union([branch.exact for branch in branches])
        return _Piece(exact, None if exact else _union([_better(branch.exact, branch.needs) for branch in branches]))

    def sequence(self) -> _Piece:
        run: frozenset[str] = frozenset([""])
        best: frozenset[str] | None = None
        whole = True
        while self.peek() not in ("", "|", ")"):
            plain = _PLAIN.match(self.pattern, self.at)
            if plain:
                self.at = plain.end()
                piece, goes_on = _Piece(exact=frozenset([fold_case(plain.group())])), True
            else:
                piece, goes_on = self.quantified(self.atom())
            product = _product(run, piece.exact)
            if product is not None:
                run = product
            else:
                best = _better(best, run)
                whole = False
                run = piece.exact or frozenset([""])
                best = _better(best, piece.needs)
            if not goes_on:
                best = _better(best, run)
                whole = False
                run = frozenset([""])
        return _Piece(exact=run) if whole else _Piece(needs=_better(best, run))

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
            return (_Piece(exact=piece.exact | {""}) if piece.exact else _UNKNOWN), True
        if sign == "*" or (sign[0] == "{" and not int(found.group(1) or 0)):
            return _UNKNOWN, True
        return piece, False

    def atom(self) -> _Piece:  # noqa: PLR0911  # one way out a kind of atom
        char = self.peek()
        look = _LOOK.match(self.pattern, self.at)
        if look:
            self.at = look.end()
            self.alternatives()
            self.expect(")")
            return _UNKNOWN
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
            return _UNKNOWN
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
            return _UNKNOWN
        exact = _union([_letter(char).exact for char in body])
        return _Piece(exact=exact)

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
            return _UNKNOWN
        if char.isdigit() and self.peek().isdigit():
            raise _UnreadableError  # a group above 9, or an octal number
        if char in _ANYTHING:
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


def _letter(char: str) -> _Piece:
    """A character whose case variants all fold to one, as far as is known: ASCII, Latin up to U+017F, and what has no case."""
    caseless = char.lower() == char.upper() == char
    if caseless or (char < "\u0180" and char not in "\u00b5\u00df\u0149\u0130\u0131\u017f"):
        return _Piece(exact=frozenset([fold_case(char)]))
    return _UNKNOWN


def _union(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    joined: set[str] = set()
    for one in sets:
        if one is None:
            return None
        joined |= one
    return frozenset(joined) if 0 < len(joined) <= _MOST else None


def _product(left: frozenset[str], right: frozenset[str] | None) -> frozenset[str] | None:
    if right is None or len(left) * len(right) > _MOST:
        return None
    return frozenset(a + b for a in left for b in right)


def _worth(strings: frozenset[str] | None) -> int:
    return min(map(len, strings)) if strings else 0


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """The set whose shortest string is longer; of equals the smaller set."""
    if _worth(other) > _worth(one) or (other and one and _worth(other) == _worth(one) and len(other) < len(one)):
        return other
    return one
