"""The words of one language that are evidence, and where they stand in documents.

The only room that opens ``rules/evidence/words``. An entry holds as a word anywhere in a line, as its start, or as the whole line,
signs and digits at its ends apart; where a language writes blanks, only whole words count.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import Fault, RuleFaults
from cleaner.evidence.stretches import Bools, Ints
from cleaner.evidence.surface import Characters
from cleaner.evidence.tokens import Tokens, WordList

_NEVER = 1 << 60
"""A key behind all keys."""
_GAPS = 8
"""Blanks between the words of an entry, from which on all are the same number."""


class Place(IntEnum):
    """Where in a line an entry holds."""

    WORDS = 0
    STARTS = 1
    LINES = 2


_PLACES = {"words": Place.WORDS, "starts": Place.STARTS, "lines": Place.LINES}


class Matches(NamedTuple):
    """Entries that stand in documents; each array of shape (matches,).

    Attributes:
        classes: number of the class.
        places: a ``Place``, where in a line the entry has to stand.
        start: where it stands.
        end: behind its last character.
        letters: how many of its characters are letters.
    """

    classes: Ints
    places: Ints
    start: Ints
    end: Ints
    letters: Ints


class _Roles:
    """What the entries of a language are entries of.

    Args:
        entries: what is looked for -> classes and places.
    """

    def __init__(self, entries: Mapping[str, set[tuple[int, Place]]]) -> None:
        rows = [(number, *role) for number, key in enumerate(entries) for role in sorted(entries[key])]
        self._roles = np.array([row[1:] for row in rows], np.int64).reshape(len(rows), 2)
        self._first = np.searchsorted(np.array([row[0] for row in rows], np.int64), np.arange(len(entries) + 1))
        self._letters = np.array([sum(map(str.isalpha, key)) for key in entries], np.int64)

    def matches(self, entry: Ints, start: Ints, end: Ints) -> Matches:
        """What it means that these entries stand there."""
        begin = self._first[entry]
        sizes = self._first[entry + 1] - begin
        row = np.repeat(np.arange(len(entry)), sizes)
        roles = self._roles[np.arange(len(row)) + (begin - np.cumsum(sizes) + sizes)[row]]
        return Matches(roles[:, 0], roles[:, 1], start[row], end[row], self._letters[entry][row])


class _Spaced:
    """Finds entries of a language that writes blanks, word by word: a trie whose steps are taken by all words at once.

    Args:
        entries: words with blanks between them, one for each sign between.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        steps: dict[tuple[int, int, int], int] = {}
        entry_of = {0: -1}
        for number, entry in enumerate(entries):
            node = 0
            for gap, word in _steps(entry):
                key = (node, gap, numbers.setdefault(word, len(numbers) + 1))
                node = steps.setdefault(key, len(steps) + 1)
            entry_of[node] = number
        self._words = WordList(numbers)
        self._entry = np.array([entry_of.get(one, -1) for one in range(len(steps) + 1)])
        self._inner = np.zeros(len(steps) + 1, np.bool_)
        self._inner[[above for above, _, _ in steps]] = True
        self._first = np.zeros(len(numbers) + 1, np.int64)
        later: dict[int, int] = {}
        for (above, blanks, said), following in steps.items():
            if above:
                later[self._key(above, blanks, said)] = following
            else:
                self._first[said] = following
        # The last key is none's: what is looked up behind all others finds it.
        self._keys = np.array([*sorted(later), _NEVER], np.int64)
        self._nodes = np.array([*(later[key] for key in sorted(later)), 0], np.int64)

    def _key(self, node: Any, gap: Any, word: Any) -> Any:
        return (node * _GAPS + gap) * (len(self._words) + 1) + word

    def find(self, words: Tokens, picked: Bools) -> tuple[Ints, Ints, Ints]:
        """Entry, start and end of all that stands in some documents.

        Args:
            words: of all documents.
            picked: which distinct words are those of these documents, shape (tokens,).
        """
        said = np.where(picked, self._words.numbers(words), 0)  # of distinct words, for these are far fewer
        node = self._first[said][words.ids]
        first = np.flatnonzero(node)
        node, last = node[first], first
        found: list[tuple[Ints, Ints, Ints]] = []
        while len(node):
            entry = self._entry[node]
            held = entry >= 0
            found.append((entry[held], words.starts[first[held]], words.ends[last[held]]))
            on = self._inner[node] & (last + 1 < len(words.ids))
            node, first, last = node[on], first[on], last[on]
            following = said[words.ids[last + 1]]
            gaps = np.minimum(words.starts[last + 1] - words.ends[last], _GAPS - 1)
            key = self._key(node, gaps, following)
            at = np.searchsorted(self._keys, key)
            on = (self._keys[at] == key) & (following > 0)
            node, first, last = self._nodes[at[on]], first[on], last[on] + 1
        entry, start, end = (np.concatenate(part) for part in zip(*found, strict=True)) if found else np.zeros((3, 0), np.int64)
        return entry, start, end


def _steps(entry: str) -> Iterator[tuple[int, str]]:
    """The words of an entry, each with the number of blanks before it."""
    gap = 0
    for part in entry.split(" "):
        if part:
            yield gap, part
            gap = 0
        gap += 1


class _Spaceless:
    """Finds entries of a language that writes no blanks, character by character.

    Args:
        entries: in lower case.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        from ahocorasick_rs import AhoCorasick, MatchKind

        self._automaton = AhoCorasick(entries, matchkind=MatchKind.Standard)

    def find(self, characters: Characters, picked: Bools) -> tuple[Ints, Ints, Ints]:
        """Entry, start and end of all that stands in some documents; ``picked``: which ones, shape (documents,)."""
        found: list[NDArray[np.int64]] = [np.zeros((0, 3), np.int64)]
        bounds = characters.documents()
        for first, stop in (bounds[document] for document in np.flatnonzero(picked).tolist()):
            here = self._automaton.find_matches_as_indexes(characters.lower[first:stop], overlapping=True)
            found.append(np.array(here, np.int64).reshape(-1, 3) + np.array([0, first, first]))
        entry, start, end = np.concatenate(found).T
        return entry, start, end


class Vocabulary:
    """The entries of one language.

    Args:
        path: its file.
        classes: name -> number of the class.

    Raises:
        RuleFaults: with every fault of the file.
    """

    def __init__(self, path: Path, classes: Mapping[str, int]) -> None:
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
        self._roles = _Roles(entries)
        self._finder = _Spaced(list(entries)) if self.spaced else _Spaceless(list(entries))

    def _sought(self, word: str) -> str:
        """An entry as it is looked for: where words stand between blanks, with blanks for all signs."""
        lower = word.replace("\u0130", "i").replace("\u2019", "'").lower().strip()
        if not self.spaced:
            return lower
        return "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in lower).strip()

    def matches(self, characters: Characters, words: Tokens, picked: Bools) -> Matches:
        """Every entry that stands in some documents.

        Args:
            characters: of all documents.
            words: theirs.
            picked: which documents, shape (documents,).
        """
        finder = self._finder
        if isinstance(finder, _Spaced):
            return self._roles.matches(*finder.find(words, picked[words.document]))
        return self._roles.matches(*finder.find(characters, picked))


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
