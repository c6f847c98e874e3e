"""What is known of a part of a pattern: all it can be, or what it must hold and where; read from the pattern's text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import category

from cleaner.rules.fold import fold_case

FAR = 10**9
"""Code points: more than any line that patterns are tried on; what is added to it, is as far."""
_MOST = 400
"""Strings a set may hold; lists of names are long, and one pass finds thousands."""
_MOST_PRODUCTS = 64
"""Strings that sequences of choices may multiply to."""

QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_LETTERS = (
    r" !\"%&',/0-9:;<=>@A-Z_`a-z~\u00a1-\u00de\u00e0-\u017f\u0370-\u03ff\u0400-\u052f\u05d0-\u05ea\u0600-\u06ff\u0900-\u0983"
    r"\u2010-\u2027\u3001-\u3030\u3041-\u3096\u3099-\u30ff\u4e00-\u9ffc\uac00-\ud7a3-"
)
"""Most letters and signs that ``letter`` relies on and that have no meaning of their own, as the inside of a character class."""
_PLAIN = re.compile(rf"[{_LETTERS}]+(?![*+?{{])")
"""Such letters without a quantifier behind the last: read at once, for most of a pattern is of that kind."""
_CHOICES = re.compile(rf"[{_LETTERS}|]*")
BRACKETS = re.compile(r"\\[pP]\{[^}]*\}|\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|[()|\n]", re.DOTALL)
"""Parentheses, choices and line ends of a pattern, and what may hold others that are none."""
GROUP = re.compile(r"\((?:\?(?::|i:|i\)|P<\w+>|<\w+>|(?P<looks><?[=!]))|(?!\?))")
_ENDS = frozenset(["", "|", ")"])
_NOTHING_WIDE = frozenset("bBAZz")
_ONE_OF_MANY = frozenset("dDwWsSntrfvhH")
_CASED = (("\0", "\u017f"), ("\u0370", "\u03ff"), ("\u0400", "\u052f"))
"""Where letters with case are relied on: Latin, Greek, Cyrillic; a test holds them against every code point."""
_NOT_RELIED_ON = "\u00df"
"""Sharp s: later versions of Unicode give it more than one capital."""
_MAY_HAVE_CASE = frozenset(["Lu", "Ll", "Lt", "Cn"])
"""Kinds of letters that ``regex`` may know the other case of and Python not: it may know a later Unicode."""
_COMMON = frozenset(" .,:;!?'\"’“”…()/–-")
"""Signs that every text is full of."""
_SHORT = 3
"""Code points of a string up to which it matters what they are."""


class UnreadableError(Exception):
    """The pattern uses something the reader does not know."""


@dataclass(frozen=True, slots=True)
class Needles:
    """What every match of a pattern, or of a part of it, holds.

    Attributes:
        strings: case folded; one of them at least.
        reach: the most code points before it in the part; of a pattern, in its line. From ``FAR`` on: any number.
        rest: the most code points from its beginning to the end of the part; of a pattern, of its line. From ``FAR`` on: any number.
        line: in which of the lines that the pattern reads it stands; None: in any of them.
    """

    strings: frozenset[str]
    reach: int
    rest: int
    line: int | None = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of a part of a pattern.

    Attributes:
        exact: all it can be, or None.
        needs: what it must hold, with its place in the part, or None.
        longest: the most code points it can take; from ``FAR`` on: any number.
        digit: whether it must hold a digit of any script.
    """

    exact: frozenset[str] | None = None
    needs: Needles | None = None
    longest: int = FAR
    digit: bool = False

    @property
    def holds(self) -> Needles | None:
        """The best that is known of what it must hold."""
        return better(Needles(self.exact, 0, self.longest) if self.exact else None, self.needs)


Known = dict[str, Piece]
"""Groups of patterns, by their texts."""

_NOTHING = frozenset([""])
_EMPTY = Piece(exact=_NOTHING, longest=0)
_ANY_CHARACTER = Piece(longest=1)
_DIGIT = Piece(longest=1, digit=True)
_UNKNOWN = Piece()


class Reader:
    """Reads a pattern from left to right.

    Args:
        pattern: the pattern.
        known: by their texts the groups read before; is given those read.
    """

    def __init__(self, pattern: str, known: Known) -> None:
        self.pattern = pattern
        self.groups = groups_of(pattern)
        self.known = known
        self.at = 0

    def alternatives(self) -> Piece:
        """What stands here, up to the end of the group."""
        branches = [self.sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        longest, digit = max(branch.longest for branch in branches), all(branch.digit for branch in branches)
        exact = _union([branch.exact for branch in branches])
        if exact:
            return Piece(exact=exact, longest=longest)
        holds = [branch.holds for branch in branches]
        strings = _union([one.strings if one else None for one in holds])
        if strings is None:
            return Piece(longest=longest, digit=digit)
        reach, rest = (max(getattr(one, name) for one in holds) for name in ("reach", "rest"))
        return Piece(needs=Needles(strings, reach, rest), longest=longest, digit=digit)

    def sequence(self) -> Piece:
        """What stands here, up to the next choice or the end of the group."""
        run: frozenset[str] = _NOTHING
        before = length = 0  # the most code points before the run; before what comes
        best: Needles | None = None  # its rest ends where the sequence begins, until that is known
        whole, digit = True, False
        while self._peek() not in _ENDS:
            plain = _PLAIN.match(self.pattern, self.at)
            if plain:
                self.at = plain.end()
                piece, goes_on = Piece(frozenset([fold_case(plain.group())]), None, plain.end() - plain.start()), True
            else:
                piece, goes_on = self._quantified(self._atom())
            product = _product(run, piece.exact)
            if product is not None:
                run = product
            else:
                best = better(best, Needles(run, before, -before))
                whole = False
                if piece.needs:
                    rest = piece.needs.rest - length - piece.longest
                    best = better(best, Needles(piece.needs.strings, length + piece.needs.reach, rest))
                before = length if piece.exact else length + piece.longest
                run = piece.exact or _NOTHING
            length += piece.longest
            digit = digit or piece.digit
            if not goes_on:
                best = better(best, Needles(run, before, -before))
                whole = False
                before = length
                run = _NOTHING
        if whole:
            return Piece(exact=run, longest=length)
        best = better(best, Needles(run, before, -before))
        return Piece(needs=best and replace(best, rest=length + best.rest), longest=length, digit=digit)

    def _quantified(self, piece: Piece) -> tuple[Piece, bool]:
        """The piece as often as the quantifier behind it says, and whether what follows is next to it."""
        found = QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            if self._peek() == "{":
                raise UnreadableError  # fuzzy matching, or a brace of its own
            return piece, True
        self.at = found.end()
        if self._peek() in ("?", "+"):
            self.at += 1
        sign = found.group()
        if sign == "?" or sign in ("{0,1}", "{,1}"):
            return Piece(exact=piece.exact | {""} if piece.exact else None, longest=piece.longest), True
        longest = piece.longest + FAR
        if sign[0] == "{" and (found.group(3) or not found.group(2)):
            longest = piece.longest * int(found.group(3) or found.group(1) or 0)
        if sign == "*" or (sign[0] == "{" and not int(found.group(1) or 0)):
            return Piece(longest=longest), True
        needs = piece.needs and replace(piece.needs, rest=piece.needs.rest + longest - piece.longest)
        return Piece(piece.exact, needs, longest, piece.digit), False

    def _atom(self) -> Piece:  # one way out a kind of atom
        char = self._peek()
        if char == "(":
            return self._group()
        if char == "[":
            return self._char_class()
        if char == "\\":
            return self._escape()
        self.at += 1
        if char in "^$":
            return _EMPTY
        if char == ".":
            return _ANY_CHARACTER
        if char in "*+?{":
            raise UnreadableError
        return letter(char)

    def _group(self) -> Piece:
        end = self.groups.get(self.at)
        if end is None:
            raise UnreadableError
        text = self.pattern[self.at : end]
        piece = self.known.get(text)
        if piece is None:
            piece = self.known[text] = self._inside(text)
        self.at = end
        return piece

    def _inside(self, text: str) -> Piece:
        """What the group here is, from its parenthesis to its other."""
        opened = GROUP.match(text)
        if opened is None:
            raise UnreadableError
        if opened.group() == "(?i)":
            return _EMPTY
        body = text[opened.end() : -1]
        if _CHOICES.fullmatch(body):
            choices = fold_case(body).split("|")
            piece = Piece(exact=_union([frozenset(choices)]), longest=max(map(len, choices)))
        else:
            end = self.at + len(text) - 1
            self.at += opened.end()
            piece = self.alternatives()
            if self.at != end:
                raise UnreadableError
        if opened["looks"] is None:
            return piece
        if opened["looks"] != "=":
            return Piece(longest=0)
        return Piece(needs=piece.holds and replace(piece.holds, rest=0), longest=0, digit=piece.digit)

    def _char_class(self) -> Piece:
        end = self.at + 1
        if self.pattern[end : end + 1] == "^":
            end += 1
        if self.pattern[end : end + 1] == "]":
            end += 1
        while end < len(self.pattern) and self.pattern[end] != "]":
            if self.pattern[end] == "[":
                raise UnreadableError
            end += 2 if self.pattern[end] == "\\" else 1
        body = self.pattern[self.at + 1 : end]
        self.at = end + 1
        if body[:1] == "^" or "\\" in body or "-" in body[1:-1]:
            return _ANY_CHARACTER
        return Piece(exact=_union([letter(char).exact for char in body]), longest=1)

    def _escape(self) -> Piece:
        char = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _NOTHING_WIDE:
            return _EMPTY
        if char in ("p", "P"):
            close = self.pattern.find("}", self.at)
            if self._peek() != "{" or close < 0:
                raise UnreadableError
            self.at = close + 1
            return _ANY_CHARACTER
        if char.isdigit() and self._peek().isdigit():
            raise UnreadableError  # a group above 9, or an octal number
        if char in _ONE_OF_MANY:
            return _DIGIT if char == "d" else _ANY_CHARACTER
        if char in "RX" or char.isdigit():
            return _UNKNOWN
        if char.isalnum() or not char:
            raise UnreadableError
        return letter(char)

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]


def groups_of(pattern: str) -> dict[int, int]:
    """Where each group begins, and the place behind its end."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for bracket in BRACKETS.finditer(pattern) if "(" in pattern else ():
        if bracket[0] == "(":
            opened.append(bracket.start())
        elif bracket[0] == ")" and opened:
            found[opened.pop()] = bracket.end()
    return found


@lru_cache(maxsize=4096)
def letter(char: str) -> Piece:
    """A character whose case variants all fold to one: of ``_CASED``, or one that has no case."""
    caseless = char.lower() == char.upper() == char and category(char) not in _MAY_HAVE_CASE
    if caseless or (char not in _NOT_RELIED_ON and any(first <= char <= last for first, last in _CASED)):
        return Piece(exact=frozenset([fold_case(char)]), longest=1)
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
    return right if left == _NOTHING else frozenset([a + b for a in left for b in right])


def worth_of(found: Needles | None) -> float:
    """How rare what it names is in texts: by its shortest string, and of short ones by that of which texts hold most.

    Of ``. `` every text is full, of ``ap`` less, and of the sign for copyright hardly any has one; 1.5 is worth looking for.
    """
    if found is None:
        return 0
    shortest = min(map(len, found.strings))
    if shortest > _SHORT:
        return shortest
    return min(_rarity(string) for string in found.strings if len(string) <= _SHORT)


def _rarity(string: str) -> float:
    return min(_SHORT, sum([0.5 if char in _COMMON else 1 if char.isalnum() else 2 for char in string]))


def better(one: Needles | None, other: Needles | None) -> Needles | None:
    """That which is worth more; of equals that with fewer strings."""
    worth, others = worth_of(one), worth_of(other)
    fewer = others == worth and one and other and len(other.strings) < len(one.strings)
    return other if fewer or others > worth else one
