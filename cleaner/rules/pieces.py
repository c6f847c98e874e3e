"""What is known of a part of a pattern: all it can be, or what it must hold and where; read from the pattern's text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf, log10
from unicodedata import category

from cleaner.rules.fold import fold_case
from cleaner.rules.needles import FAR, Needles, best_of, better

LINE = 1000
"""Code points of the longest text for which ways to match are counted."""
_TOO_MANY = 15
"""Digits of a number of ways that might as well be infinite."""
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


class UnreadableError(Exception):
    """The pattern uses something the reader does not know."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of a part of a pattern.

    Attributes:
        exact: all it can be, or None.
        needs: what it must hold, with its place in the part, or None.
        longest: the most code points it can take; from ``FAR`` on: any number.
        digit: whether it must hold a digit of any script.
        ways: how many ways there are at most to match it from one place, in a text of ``LINE`` code points at most.
    """

    exact: frozenset[str] | None = None
    needs: Needles | None = None
    longest: int = FAR
    digit: bool = False
    ways: float = 1.0

    @property
    def holds(self) -> Needles | None:
        """The best that is known of what it must hold."""
        return better(Needles(self.exact, 0, self.longest) if self.exact else None, self.needs)


Known = dict[tuple[bool, str], Piece]
"""Groups of patterns, by whether case counts and by their texts."""

_NOTHING = frozenset([""])
_EMPTY = Piece(exact=_NOTHING, longest=0)
_ANY_CHARACTER = Piece(longest=1)
_DIGIT = Piece(longest=1, digit=True)
_UNKNOWN = Piece(ways=inf)
_SAME_AGAIN = Piece()


class Reader:
    """Reads a pattern from left to right.

    Args:
        pattern: the pattern.
        known: the groups read before; is given those read.
        cased: whether strings are told as they are written, and only where case counts; else folded, and everywhere.
    """

    def __init__(self, pattern: str, known: Known, *, cased: bool = False) -> None:
        self.pattern = pattern
        self.groups = groups_of(pattern)
        self.known = known
        self.at = 0
        self.runs: list[Needles] = []  # all that the outermost sequence needs, in order
        self._cased = cased
        self._letter = _written_letter if cased else letter
        self._fold = str if cased else fold_case

    def alternatives(self) -> Piece:
        """What stands here, up to the end of the group."""
        branches = [self.sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        longest, digit = max(branch.longest for branch in branches), all(branch.digit for branch in branches)
        ways = _ways_of_choices([(branch.exact, branch.ways) for branch in branches])
        exact = _union([branch.exact for branch in branches])
        if exact:
            return Piece(exact=exact, longest=longest, ways=ways)
        holds = [branch.holds for branch in branches]
        strings = _union([one.strings if one else None for one in holds])
        if strings is None:
            return Piece(longest=longest, digit=digit, ways=ways)
        reach, rest = (max(getattr(one, name) for one in holds) for name in ("reach", "rest"))
        return Piece(needs=Needles(strings, reach, rest), longest=longest, digit=digit, ways=ways)

    def sequence(self, *, placed: bool | None = None) -> Piece:
        """What stands here, up to the next choice or the end of the group.

        Args:
            placed: whether the line begins here, so that places count; None: it is a part of a pattern.
        """
        run: frozenset[str] = _NOTHING
        before = length = 0  # the most code points before the run; before what comes
        runs: list[Needles] = []  # their rest ends where the sequence begins, until that is known
        whole, digit, ways = True, False, 1.0
        while self._peek() not in _ENDS:
            plain = _PLAIN.match(self.pattern, self.at)
            if plain:
                self.at = plain.end()
                piece, goes_on = Piece(frozenset([self._fold(plain.group())]), None, plain.end() - plain.start()), True
            else:
                piece, goes_on = self._quantified(self._atom())
            product = _product(run, piece.exact)
            if product is not None:
                run = product
            else:
                runs.append(Needles(run, before, -before))
                whole = False
                if piece.needs:
                    rest = piece.needs.rest - length - piece.longest
                    runs.append(Needles(piece.needs.strings, length + piece.needs.reach, rest))
                before = length if piece.exact else length + piece.longest
                run = piece.exact or _NOTHING
            length += piece.longest
            digit = digit or piece.digit
            ways *= piece.ways
            if not goes_on:
                runs.append(Needles(run, before, -before))
                whole = False
                before = length
                run = _NOTHING
        if whole:
            return Piece(exact=run, longest=length, ways=ways)
        runs.append(Needles(run, before, -before))
        best = best_of(runs, placed=bool(placed))
        if placed is not None:
            self.runs = [found for found in runs if found is not best]
        return Piece(needs=best and replace(best, rest=length + best.rest), longest=length, digit=digit, ways=ways)

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
            return Piece(exact=piece.exact | {""} if piece.exact else None, longest=piece.longest, ways=1 + piece.ways), True
        least, most = int(sign == "+"), LINE
        if sign[0] == "{":
            least = int(found.group(1) or 0)
            most = int(found.group(3) or (LINE if found.group(2) else least))
        bounded = sign[0] == "{" and (found.group(3) or not found.group(2))
        longest = piece.longest * most if bounded else piece.longest + FAR
        ways = _ways_of_repeat(piece.ways, least, most)
        if not least:
            return Piece(longest=longest, ways=ways), True
        needs = piece.needs and replace(piece.needs, rest=piece.needs.rest + longest - piece.longest)
        return Piece(piece.exact, needs, longest, piece.digit, ways), False

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
        return self._letter(char)

    def _group(self) -> Piece:
        end = self.groups.get(self.at)
        if end is None:
            raise UnreadableError
        text = self.pattern[self.at : end]
        piece = self.known.get((self._cased, text))
        if piece is None:
            piece = self.known[self._cased, text] = self._inside(text)
        self.at = end
        return piece

    def _inside(self, text: str) -> Piece:
        """What the group here is, from its parenthesis to its other."""
        opened = GROUP.match(text)
        if opened is None:
            raise UnreadableError
        if opened.group() == "(?i)":
            if self._cased:
                raise UnreadableError  # case counts nowhere
            return _EMPTY
        body = text[opened.end() : -1]
        if _CHOICES.fullmatch(body):
            choices = self._fold(body).split("|")
            ways = _ways_of_choices([(frozenset([choice]), 1.0) for choice in choices])
            piece = Piece(exact=_union([frozenset(choices)]), longest=max(map(len, choices)), ways=ways)
        else:
            end = self.at + len(text) - 1
            self.at += opened.end()
            piece = self.alternatives()
            if self.at != end:
                raise UnreadableError
        if opened["looks"] is None:
            return Piece(None, None, piece.longest, piece.digit, piece.ways) if self._cased and opened[0] == "(?i:" else piece
        if opened["looks"] != "=":
            return Piece(longest=0, ways=piece.ways)
        needs = piece.holds and replace(piece.holds, rest=0)
        return Piece(needs=needs, longest=0, digit=piece.digit, ways=piece.ways)

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
        return Piece(exact=_union([self._letter(char).exact for char in body]), longest=1)

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
        if char in "RX":
            return _UNKNOWN
        if char.isdigit():
            return _SAME_AGAIN
        if char.isalnum() or not char:
            raise UnreadableError
        return self._letter(char)

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


@lru_cache(maxsize=4096)
def _written_letter(char: str) -> Piece:
    """The same where case counts: just the character."""
    return Piece(exact=frozenset([char]), longest=1) if letter(char).exact else _ANY_CHARACTER


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


def _ways_of_choices(choices: list[tuple[frozenset[str] | None, float]]) -> float:
    """Of choices, each what it can be and in how many ways: those that begin with different letters exclude each other.

    What can be several things may begin with any of their letters, and counts for each.
    """
    by_letter: dict[str, float] = {}
    others = 0.0
    for exact, ways in choices:
        letters = {string[:1] for string in exact} if exact else {""}
        if "" in letters:
            others += ways
            continue
        for letter in letters:
            by_letter[letter] = by_letter.get(letter, 0.0) + ways
    return others + max(by_letter.values(), default=0.0)


def _ways_of_repeat(ways: float, least: int, most: int) -> float:
    """One way has as many as the repeat has lengths; more multiply with every turn."""
    if ways <= 1:
        return max(1.0, min(most, LINE) - least + 1)
    if most * log10(ways) > _TOO_MANY:
        return inf
    return sum(ways**times for times in range(least, most + 1))
