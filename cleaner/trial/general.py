r"""A line made general where one says so: the pattern that takes it, and others of which a number, a date, a name or an address differs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

import regex

from cleaner.errors import UsageError
from cleaner.learn.numbers import escaped
from cleaner.rules.load import bundled_folder

_LEAST_FIXED = 4
"""Letters that must stay as they are, else a pattern takes anything."""
_NAME = r"\p{Lu}[\p{L}.'’-]{0,24}(?: \p{Lu}[\p{L}.'’-]{0,24}){1,3}"


class Any(Enum):
    """What may differ."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class General:
    """A pattern made of a line.

    Attributes:
        pattern: anchored at both ends.
        max_length: code points of a line on which it is tried.
        found: what was made general.
    """

    pattern: str
    max_length: int
    found: frozenset[Any]


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    what: Any
    pattern: str


_ADDRESS = regex.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w{2,}")
_ISO = regex.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,4}([./-])\d{1,2}\1\d{2,4}\b")
_TIME = regex.compile(r"\b\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\b\.?)?")
_CAPITALISED = regex.compile(r"\p{Lu}[\p{L}.'’-]*\p{L}\.?(?: \p{Lu}[\p{L}.'’-]*)+")
_NUMBER = regex.compile(r"\d+(?:[.,]\d+)*")
_WORD = regex.compile(r"\p{L}+")
_BESIDE_MONTH = regex.compile(r"[\s.,]*(?:de |of |the )?")


def generalised(line: str, wanted: Collection[Any]) -> General:
    r"""The pattern of a line, with what is wanted made general.

    Args:
        line: blanks folded; several lines have a line end between them, and stay several.
        wanted: what may differ.

    Raises:
        UsageError: hardly anything would stay as it is.

    >>> print(generalised("Advertisement 2", {Any.NUMBER}).pattern)
    (?i)^Advertisement \d{1,3}(?:[.,]\d{1,3})*$
    >>> print(generalised("Last updated 3 May 2024, 14:05", {Any.DATE}).pattern[:41])
    (?i)^Last updated \d{1,2}(?:st|nd|rd|th)?
    """
    parts: list[_Part] = []
    for part in _parts(line, wanted):
        if all(part.end <= other.start or part.start >= other.end for other in parts):
            parts.append(part)
    parts.sort(key=lambda part: part.start)
    pieces: list[str] = []
    at = 0
    for part in parts:
        pieces += [_escaped(line[at : part.start]), part.pattern]
        at = part.end
    pieces.append(_escaped(line[at:]))
    fixed = sum(sign.isalpha() for sign in _without(line, parts))
    if parts and fixed < _LEAST_FIXED:
        raise UsageError(
            "hardly anything of the line would stay as it is, so the rule would take anything; make less of it general"
        )
    longest = max(map(len, line.split("\n")))
    grown = sum({Any.NAME: 60, Any.ADDRESS: 120}.get(part.what, 12) for part in parts)
    limit = (longest + grown) // 10 * 10 + 10
    found = frozenset(part.what for part in parts)
    # As literals, without regard to case, unless capitals are what tells a name.
    return General(("" if Any.NAME in found else "(?i)") + "^" + "".join(pieces) + "$", limit, found)


def holds(line: str) -> frozenset[Any]:
    """What of a line could be made general: numbers and dates; names are nobody's guess.

    >>> holds("Advertisement 2"), holds("google cta")
    (frozenset({<Any.NUMBER: 'number'>}), frozenset())
    """
    dates = any(part.what is Any.DATE for part in _dates(line))
    rest = _without(line, list(_dates(line)))
    return frozenset([Any.DATE] * dates + [Any.NUMBER] * bool(_NUMBER.search(rest)) + [Any.ADDRESS] * bool(_ADDRESS.search(line)))


def fixed(line: str, general: Collection[Any]) -> str:
    """What of a line stays as it is.

    >>> fixed("Advertisement 2 of 4", {Any.NUMBER})
    'Advertisement  of '
    """
    return _without(line, list(_parts(line, general)))


def _escaped(text: str) -> str:
    return escaped(text).replace("\n", r"\n")


def _without(line: str, parts: Collection[_Part]) -> str:
    return "".join(sign for at, sign in enumerate(line) if not any(part.start <= at < part.end for part in parts))


def _parts(line: str, wanted: Collection[Any]) -> Iterator[_Part]:
    if Any.ADDRESS in wanted:
        yield from (_Part(*found.span(), Any.ADDRESS, r"\S{3,120}") for found in _ADDRESS.finditer(line))
    if Any.DATE in wanted:
        yield from _dates(line)
    if Any.NAME in wanted:
        yield from _names(line)
    if Any.NUMBER in wanted:
        for found in _NUMBER.finditer(line):
            yield _Part(*found.span(), Any.NUMBER, _digits(found[0]))


def _digits(number: str) -> str:
    """Any number, also one with thousands marked or a fraction where this one has none."""
    longest = max(3, len(number) + 1) if number.isdecimal() else 3
    return rf"\d{{1,{longest}}}(?:[.,]\d{{1,3}})*"


def _dates(line: str) -> Iterator[_Part]:
    for found in _ISO.finditer(line):
        pattern = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
        yield _Part(*found.span(), Any.DATE, pattern)
    for found in _TIME.finditer(line):
        half = r"(?:\s?[AaPp]\.?[Mm]\.?)?" if found[0][-1:].isalpha() or found[0].endswith(".") else ""
        yield _Part(*found.span(), Any.DATE, r"\d{1,2}[:.]\d{2}(?::\d{2})?" + half)
    for word in _WORD.finditer(line):
        names = _calendar().get(word[0]) or (_calendar().get(word[0].capitalize()) if word[0].isupper() else None)
        if names is None:
            continue
        beside = list(_beside(line, word.start(), word.end()))
        if names.months and not beside and not line[: word.start()].rstrip().endswith((",", "|")):
            continue  # "May" and "March" are words too
        listed = [name.upper() for name in names.all] if word[0].isupper() and len(word[0]) > 1 else names.all
        yield _Part(*word.span(), Any.DATE, "(?:" + "|".join(map(escaped, listed)) + ")")
        yield from beside


def _beside(line: str, start: int, end: int) -> Iterator[_Part]:
    """Days and years before and behind the name of a month."""
    before = regex.search(r"(\d{1,2})(st|nd|rd|th)?\.?[\s,]*(?:de |of )?$", line[:start])
    if before:
        yield _Part(before.start(), before.end(2) if before[2] else before.end(1), Any.DATE, r"\d{1,2}(?:st|nd|rd|th)?")
    at = end
    for pattern in (r"(\d{1,2})(st|nd|rd|th)?(?!\d)", r"\d{4}(?!\d)"):
        gap = _BESIDE_MONTH.match(line, at)
        found = regex.compile(pattern).match(line, gap.end() if gap else at)
        if found:
            yield _Part(
                *found.span(), Any.DATE, r"\d{4}" if len(found[0]) == 4 and found[0].isdecimal() else r"\d{1,2}(?:st|nd|rd|th)?"
            )
            at = found.end()


def _names(line: str) -> Iterator[_Part]:
    for found in _CAPITALISED.finditer(line):
        start, words = found.start(), found[0].split()
        at_start = start == 0 or line[start - 1] == "\n"
        if at_start and len(words) > 2:  # "By Jane Doe": the first word begins the line
            start += len(words[0]) + 1
        yield _Part(start, found.end(), Any.NAME, _NAME)


@dataclass(frozen=True, slots=True)
class _Names:
    all: tuple[str, ...]
    months: bool


@cache
def _calendar() -> dict[str, _Names]:
    """Name of a day or month -> those that stand for each other."""
    tables = tomllib.loads((bundled_folder() / "learning" / "words.toml").read_text(encoding="utf-8"))
    found: dict[str, _Names] = {}
    for table in tables.values():
        for field in ("days", "months"):
            for names in table.get(field, ()):
                own = _Names(tuple(sorted(names, key=lambda name: (-len(name), names.index(name)))), field == "months")
                for name in names:
                    found.setdefault(name, own)
    return found


def slug(text: str, words: int = 4) -> str:
    """A name for a rule, made of a text; empty when it holds no Latin letter.

    >>> slug("Sign up for our DAILY newsletter!"), slug("Größe: 12"), slug("読者の声")
    ('sign-up-for-our', 'grosse-12', '')
    """
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    found = re.findall(r"[a-z0-9]+", plain)
    return "-".join(found[:words])[:40].strip("-")
