"""Which words of which class stand in a line, in the language of its document and in English, which furniture everywhere speaks.

A language is read when a document first needs it; ``vocabulary`` says how its words are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cleaner.evidence.stretches import Bools, Floats
from cleaner.evidence.surface import Characters
from cleaner.evidence.tokens import Tokens, WordList
from cleaner.evidence.vocabulary import Matches, Place, Vocabulary, read_table

_FAR = 1 << 60
"""A place behind all text."""
_LETTERS = 2
"""Row of the letters in ``Characters.tallied``."""
COMMON = "en"
"""The language that is looked for in every document."""


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


class Spoken(NamedTuple):
    """The languages of documents.

    Attributes:
        languages: of each document.
        function: which distinct tokens are among the commonest function words of their document's language, shape (tokens,).
    """

    languages: list[str]
    function: Bools


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
        self._words = WordList({word: row for row, word in enumerate(words, 1)})
        # Row 0 is that of all other words.
        self._spoken = np.array([[word in self._function[one] for one in self._languages] for word in ("", *words)], np.float64)
        self._vocabularies: dict[str, Vocabulary] = {}

    def __reduce__(self) -> tuple[type[Lexicon], tuple[Path, tuple[str, ...]]]:
        """Automata do not travel between processes: the other one reads what it needs."""
        return Lexicon, (self._folder, tuple(self._classes))

    def spoken(self, tokens: Tokens, documents: int) -> Spoken:
        """The language of each document: the one whose function words it has most of.

        Of equal ones it is the first by name, and English when there are none.
        """
        counts = np.bincount(tokens.ids, minlength=len(tokens.name))
        rows = self._words.numbers(tokens)
        function = np.flatnonzero(rows)
        owner, times = tokens.document[function], counts[function]
        # Language by language: many times faster than ``np.add.at``, and no product of matrices, which would wake other processors.
        held = np.stack([np.bincount(owner, times * of, documents) for of in self._spoken[rows[function]].T], axis=1)
        best = np.where(held.any(axis=1), np.argmax(held, axis=1), self._languages.index(COMMON))
        return Spoken([self._languages[one] for one in best.tolist()], self._spoken[rows, best[tokens.document]] > 0)

    def hits(self, characters: Characters, words: Tokens, languages: Sequence[str]) -> ClassHits:
        """What stands in the lines of documents.

        Args:
            characters: of all documents.
            words: theirs.
            languages: of each document.

        Raises:
            RuleFaults: a language's file has faults.
        """
        shape = (len(self._classes), len(characters.starts))
        result = ClassHits(np.zeros((3, *shape)), np.zeros(shape))
        everywhere = np.ones(len(languages), np.bool_)
        asked = {name: np.array([one == name for one in languages]) for name in dict.fromkeys(languages)} | {COMMON: everywhere}
        parts = [self._vocabulary(name).matches(characters, words, picked) for name, picked in asked.items()]
        _enter(result, characters, words, Matches(*map(np.concatenate, zip(*parts, strict=True))))
        return result

    def _vocabulary(self, language: str) -> Vocabulary:
        if language not in self._vocabularies:
            self._vocabularies[language] = Vocabulary(self._folder / "words" / f"{language}.toml", self._classes)
        return self._vocabularies[language]


def _enter(result: ClassHits, characters: Characters, words: Tokens, found: Matches) -> None:
    """Adds matches to the result."""
    unit = characters.unit[found.start]
    inside = found.end <= characters.ends[unit]
    classes, places, start, end, letters = (part[inside] for part in found)
    unit = unit[inside]
    cell = classes * len(characters.starts) + unit
    begins, length = characters.starts[unit], (characters.ends - characters.starts)[unit]
    of_words = places == Place.WORDS
    covered = np.bincount(cell[of_words], (end - start)[of_words], result.last.size).reshape(result.last.shape)
    result.words[:] = np.minimum(covered / (characters.ends - characters.starts), 1.0)
    np.maximum.at(result.last.reshape(-1), cell[of_words], ((end - begins) / length)[of_words])
    first = np.append(words.starts, _FAR)[np.searchsorted(words.starts, characters.starts)]
    result.starts.reshape(-1)[cell[(places == Place.STARTS) & (start == first[unit])]] = 1.0
    # All letters of the line are those of the entry.
    whole = (places == Place.LINES) & (letters == characters.tallied[_LETTERS][unit])
    result.lines.reshape(-1)[cell[whole]] = 1.0
