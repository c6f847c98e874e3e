"""What the names of containers mean: class, id, role and the like, read by the words of ``rules/html/names.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml.html import HtmlElement

_ATTRIBUTES = ("class", "id", "role", "aria-label", "data-testid", "data-component", "itemprop")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST = 300
"""Characters of an element's names that are read."""
_REMEMBERED = 20_000
"""Words and lists of names whose meaning is remembered; then memory begins anew."""


class Names:
    """Reads names.

    Args:
        words: meaning -> its words; the n-th meaning is bit n.
    """

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.meanings = tuple(words)
        self._whole: dict[str, int] = {}
        self._begins: dict[str, int] = {}
        for bit, listed in enumerate(words.values()):
            for word in listed:
                table, key = (self._whole, word[:-1]) if word.endswith("$") else (self._begins, word)
                table[key] = table.get(key, 0) | 1 << bit
        self._longest = max(map(len, self._begins), default=0)
        self._firsts = {word.split("-")[0] for word in (*self._whole, *self._begins) if "-" in word}
        self._of_words: dict[str, int] = {}
        self._of_names: dict[str, int] = {}

    def of(self, element: HtmlElement) -> int:
        """The meanings of an element's own names, as bits."""
        get = element.get
        named = " ".join(filter(None, map(get, _ATTRIBUTES)))
        if not named:
            return 0
        found = self._of_names.get(named)
        if found is None:
            if len(self._of_names) > _REMEMBERED:
                self._of_names.clear()
            found = self._of_names[named] = self.of_text(named[:_LONGEST])
        return found

    def of_text(self, named: str) -> int:
        """The meanings of names, as bits.

        >>> names = Names({"share": ["share"], "ad": ["ad$"], "related": ["read-more"]})
        >>> [names.of_text(one) for one in ("ShareBar", "ad-slot", "address", "c-readMore", "read it more")]
        [1, 2, 0, 4, 0]
        """
        words = [word.lower() for word in _WORD.findall(named)]
        bits = 0
        before = ""
        for word in words:
            bits |= self._of_word(word)
            if before in self._firsts:
                bits |= self._of_word(f"{before}-{word}")
            before = word
        return bits

    def _of_word(self, word: str) -> int:
        bits = self._of_words.get(word)
        if bits is None:
            if len(self._of_words) > _REMEMBERED:
                self._of_words.clear()
            bits = self._whole.get(word, 0)
            for end in range(2, min(len(word), self._longest) + 1):
                bits |= self._begins.get(word[:end], 0)
            self._of_words[word] = bits
        return bits


def read_names(path: Path) -> Names:
    """The names of ``names.toml``."""
    return Names(tomllib.loads(path.read_text(encoding="utf-8"))["meanings"])
