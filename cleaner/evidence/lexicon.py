"""Which words of which class stand in a line, in the language of its document and in English, which furniture everywhere speaks.

The only room that opens ``rules/evidence/words``. An entry holds as a word anywhere in a line, as its start, or as the whole line,
signs and digits at its ends apart; where a language writes blanks, only whole words count. A language is read when a document first
needs it.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.errors import Fault, RuleFaults
from cleaner.evidence.surface import ALPHA, WORD, Bools, Characters, Floats, Ints, Tokens

_FAR = 1 << 60
"""A place behind all text."""
COMMON = "en"
"""The language that is looked for in every document."""


class Place(IntEnum):
    """Where in a line an entry holds."""

    WORDS = 0
    STARTS = 1
    LINES = 2


_PLACES = {"words": Place.WORDS, "starts": Place.STARTS, "lines": Place.LINES}


@dataclass(frozen=True, slots=True, eq=False)
class ClassHits:
    """What the lexicon finds, class by class.

    Attributes:
        places: row by row of ``Place``, shape (3, classes, lines): share of a line's characters that words of the class cover, 0..1;
            1 where the line begins with one; 1 where it is nothing else.
        last: where in a line its last word of the class ends, from 0 at its start to 1 at its end; 0 without one.
    """

    places: Floats
    last: Floats

    @property
    def words(self) -> Floats:
        """Share of a line's characters that words of the class cover, shape (classes, lines)."""
        rows: Floats = self.places[Place.WORDS]
        return rows

    @property
    def starts(self) -> Floats:
        """1 where a line begins with a word of the class."""
        rows: Floats = self.places[Place.STARTS]
        return rows

    @property
    def lines(self) -> Floats:
        """1 where a line is nothing but a word of the class."""
        rows: Floats = self.places[Place.LINES]
        return rows


class Vocabulary:
    """The entries of one language.

    Args:
        path: its file.
        classes: name -> number of the class.

    Raises:
        RuleFaults: with every fault of the file.
    """

    def __init__(self, path: Path, classes: Mapping[str, int]) -> None:
        from ahocorasick_rs import AhoCorasick, MatchKind

        table = read_table(path)
        faults: list[Fault] = []
        head = table.pop("lexicon", None)
        if not isinstance(head, dict) or not isinstance(head.get("spaced"), bool):
            faults.append(Fault(str(path), None, "lexicon", "spaced = true or false is missing; see rules/evidence/README.md"))
        elif unknown := sorted(head.keys() - {"language", "spaced"}):
            faults.append(Fault(str(path), None, "lexicon", f"unknown: {', '.join(unknown)}; see rules/evidence/README.md"))
        self.spaced = isinstance(head, dict) and head.get("spaced") is True
        entries: dict[str, set[tuple[int, Place]]] = {}
        for name, part, words in _parts(table):
            if name not in classes or part not in _PLACES or not isinstance(words, list):
                faults.append(Fault(str(path), None, name, f"no class {name} with {part}; see rules/evidence/README.md"))
                continue
            for word in words:
                if isinstance(word, str) and (sought := self._sought(word)):
                    entries.setdefault(sought, set()).add((classes[name], _PLACES[part]))
                else:
                    faults.append(Fault(str(path), None, name, f"{word!r} holds no letter and no digit; leave it out"))
        if faults:
            raise RuleFaults(tuple(faults))
        rows = [(number, *role) for number, key in enumerate(entries) for role in sorted(entries[key])]
        self._roles = np.array([row[1:] for row in rows], np.int64).reshape(len(rows), 2)
        self._first = np.searchsorted(np.array([row[0] for row in rows], np.int64), np.arange(len(entries) + 1))
        self._automaton = AhoCorasick(list(entries), matchkind=MatchKind.Standard)

    def _sought(self, word: str) -> str:
        """An entry as it is looked for: where words stand between blanks, between blanks, with blanks for all signs."""
        lower = word.replace("\u0130", "i").replace("\u2019", "'").lower().strip()
        if not self.spaced:
            return lower
        words = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in lower).strip()
        return f" {words} " if words else ""

    def matches(self, characters: Characters) -> tuple[Ints, Ints, Ints, Ints]:
        """Class, place, start and end of every entry that stands in a document."""
        # Bare text begins and ends with blanks, so that its first and last words stand between blanks too.
        text = characters.bare if self.spaced else characters.lower
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        entry, start, end = np.array(found, np.int64).reshape(-1, 3).T
        begin = self._first[entry]
        sizes = self._first[entry + 1] - begin
        row = np.repeat(np.arange(len(entry)), sizes)
        roles = self._roles[np.arange(len(row)) + (begin - np.cumsum(sizes) + sizes)[row]]
        # The blanks around a word are not of it.
        around = 1 if self.spaced else 0
        return roles[:, 0], roles[:, 1], start[row] + around, end[row] - around


def read_table(path: Path) -> dict[str, Any]:
    """What a TOML file holds.

    Raises:
        RuleFaults: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleFaults((Fault(str(path), None, None, f"is no lexicon: {error}; install cleaner again"),)) from error


def _parts(table: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Class, place and words, as a lexicon's file lists them."""
    for name, parts in table.items():
        if isinstance(parts, dict):
            yield from ((name, part, words) for part, words in parts.items())
        else:
            yield name, str(parts), None


class Lexicon:
    """The words of all languages.

    Args:
        folder: holds ``function.toml`` and ``words/<language>.toml``.
        classes: names of the classes, in the order of the result's rows.
    """

    def __init__(self, folder: Path, classes: Sequence[str]) -> None:
        self._folder = folder
        self._classes = {name: number for number, name in enumerate(classes)}
        function = read_table(folder / "function.toml")
        self._function = {language: frozenset(words) for language, words in function.items()}
        self._languages = sorted(self._function)
        words = sorted(set[str]().union(*self._function.values()))
        self._row = {word: row for row, word in enumerate(words, 1)}
        # Row 0 is that of all other words.
        self._spoken = np.array([[word in self._function[one] for one in self._languages] for word in ("", *words)], np.float64)
        self._vocabularies: dict[str, Vocabulary] = {}

    def __reduce__(self) -> tuple[type[Lexicon], tuple[Path, tuple[str, ...]]]:
        """Automata do not travel between processes: the other one reads what it needs."""
        return Lexicon, (self._folder, tuple(self._classes))

    def language(self, tokens: Tokens) -> tuple[str, Bools]:
        """The language of a document, and which distinct tokens are among its commonest function words.

        It is the language whose function words the document has most of; of equal ones the first by name; English when it has none.
        """
        counts = np.bincount(tokens.ids, minlength=len(tokens.names))
        rows = np.fromiter((self._row.get(name, 0) for name in tokens.names), np.int64, len(tokens.names))
        spoken = self._spoken[rows]
        held = counts @ spoken
        best = int(np.argmax(held)) if held.any() else self._languages.index(COMMON)
        return self._languages[best], spoken[:, best] > 0

    def hits(self, characters: Characters, language: str) -> ClassHits:
        """What stands in the lines of a document.

        Raises:
            RuleFaults: the language's file has faults.
        """
        shape = (len(self._classes), len(characters.starts))
        result = ClassHits(np.zeros((3, *shape)), np.zeros(shape))
        parts = [self._vocabulary(name).matches(characters) for name in dict.fromkeys((language, COMMON))]
        classes, places, start, end = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        if len(start):
            _enter(result, characters, (classes, places, start, end))
        return result

    def _vocabulary(self, language: str) -> Vocabulary:
        if language not in self._vocabularies:
            self._vocabularies[language] = Vocabulary(self._folder / "words" / f"{language}.toml", self._classes)
        return self._vocabularies[language]


def _enter(result: ClassHits, characters: Characters, found: tuple[Ints, Ints, Ints, Ints]) -> None:
    """Adds matches to the result."""
    classes, places, start, end = found
    unit = characters.unit[start]
    inside = end <= characters.ends[unit]
    classes, places, start, end, unit = classes[inside], places[inside], start[inside], end[inside], unit[inside]
    cell = classes * len(characters.starts) + unit
    begins = characters.starts[unit]
    length = characters.ends[unit] - begins
    words = places == Place.WORDS
    covered = np.bincount(cell[words], (end - start)[words], result.last.size).reshape(result.last.shape)
    result.words[:] = np.minimum(covered / (characters.ends - characters.starts), 1.0)
    np.maximum.at(result.last.reshape(-1), cell[words], ((end - begins) / length)[words])
    first = _next(characters.where(WORD), begins)
    result.starts.reshape(-1)[cell[(places == Place.STARTS) & (start == first)]] = 1.0
    letters = characters.where(ALPHA)
    whole = (start <= _next(letters, begins)) & (end > _last(letters, begins + length))
    result.lines.reshape(-1)[cell[(places == Place.LINES) & whole]] = 1.0


def _next(places: Ints, starts: Ints) -> Ints:
    """The first of the places at or behind each start; far behind all without one."""
    return np.append(places, _FAR)[np.searchsorted(places, starts)]


def _last(places: Ints, ends: Ints) -> Ints:
    """The last of the places before each end; -1 without one."""
    return np.append(places, -1)[np.searchsorted(places, ends) - 1]
