"""What the words of a line say by themselves: that it is furniture, or who helped to report; in the site's language and in English.

Furniture speaks by the words that evidence knows, ``rules/evidence/words``; names of days and months, and words of credits, stand in
``rules/learning/words.toml``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.evidence.vocabulary import read_table
from cleaner.learn.numbers import Calendar
from cleaner.rules.load import bundled_folder

FURNITURE = frozenset([
    "related", "newsletter", "share", "comments", "advertising", "subscribe", "legal", "cookies", "menu", "video", "tags", "support", "app",
    "commerce", "feedback",
])  # fmt: skip
"""Classes of words that only furniture speaks; those of credits, bylines and dates stand in texts, too."""
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LONGEST = 5
"""Words of an entry at most."""
_COMMON = "en"
_PLACES = ("words", "starts", "lines")


@dataclass(frozen=True, slots=True)
class Said:
    """What words say.

    Attributes:
        furniture: share of the letters that words of furniture cover, 0..1.
        classes: classes of these words, and how many letters each covers, most first.
        reader: whether it speaks to the reader or of the house: you, we.
        credit: whether it tells who helped to report.
        house: whether it names the site.
    """

    furniture: float
    classes: tuple[str, ...]
    reader: bool
    credit: bool
    house: bool = False


class Words:
    """The words of one language, and English, and the names of a house.

    Args:
        language: two letters.
        house: hosts of the site, or its name.
    """

    def __init__(self, language: str = _COMMON, house: Iterable[str] = ()) -> None:
        self._house = {label for name in house for label in _labels(name)}
        folder = bundled_folder()
        own = read_table(folder / "learning" / "words.toml")
        languages = list(dict.fromkeys([language, _COMMON]))
        self._entries: dict[str, set[tuple[str, str]]] = {}
        self._reader: set[str] = set()
        self.spaced = True
        for name in languages:
            path = folder / "evidence" / "words" / f"{name}.toml"
            if path.exists():
                self._read(read_table(path), spaced_matters=name == language)
        credits_of = [word for name in languages for word in own.get(name, {}).get("credits", ())]
        self._credits = re.compile("|".join(map(self._edged, credits_of))) if credits_of else None
        lists = [names for name in languages for part in ("days", "months") for names in own.get(name, {}).get(part, ())]
        self.calendar = Calendar([{name.casefold() for name in names} for names in lists])
        function = read_table(folder / "evidence" / "function.toml")
        self.function = frozenset(word for name in languages for word in function.get(name, ()))

    def _read(self, table: Mapping[str, Any], *, spaced_matters: bool) -> None:
        if spaced_matters:
            self.spaced = bool(table["lexicon"]["spaced"])
        for name, parts in table.items():
            safe = {word for place in ("words", "lines") for word in parts.get(place, ())} if isinstance(parts, dict) else set()
            for place in _PLACES if isinstance(parts, dict) else ():
                for word in parts.get(place, ()):
                    if name in FURNITURE and (
                        name != "related" or word in safe
                    ):  # headlines of articles begin with "how to", too
                        self._entries.setdefault(_plain(word), set()).add((name, place))
                    elif name == "reader":
                        self._reader.add(_plain(word))

    @staticmethod
    def _edged(word: str) -> str:
        ascii_end = word[-1].isalnum() and word[-1].isascii()
        return (r"(?<!\w)" if word[0].isascii() else "") + re.escape(word) + (r"(?!\w)" if ascii_end else "")

    def said(self, line: str) -> Said:
        """What a line, or a piece of one, says."""
        words = [_plain(found[0]) for found in _WORD.finditer(line) if not found[0].isdecimal()]
        covered: Counter[str] = Counter()
        at = 0
        while at < len(words):
            size, names = self._entry(words, at)
            for name in names:
                covered[name] += sum(map(len, words[at : at + max(1, size)]))
            at += max(1, size)
        letters = sum(map(len, words))
        best = self._spaceless(line) if not self.spaced else 0
        share = max(sum(_shares(words, self._entry)) / letters if letters else 0.0, best)
        lower = line.casefold()
        return Said(
            furniture=min(1.0, share),
            classes=tuple(sorted(covered, key=lambda name: (-covered[name], name))),
            reader=any(word in self._reader for word in words),
            credit=self._credits is not None and self._credits.search(lower) is not None,
            house=any(self._names_house(words, at) for at in range(len(words))),
        )

    def _names_house(self, words: list[str], at: int) -> bool:
        """Whether the site's name begins here: "Skerrow Bugle" on skerrowbugle.example."""
        joined = ""
        for word in words[at : at + _LONGEST]:
            joined += word.removesuffix("'s")
            if joined in self._house:
                return True
        return False

    def _entry(self, words: list[str], at: int) -> tuple[int, list[str]]:
        """The longest entry that stands here: its words, and the classes it is of."""
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            roles = self._entries.get(" ".join(words[at : at + size]))
            if roles and (size > 1 or len(words) == 1 or words[at] not in self.function):
                names = sorted({name for name, place in roles if place != "starts" or at == 0})
                if names:
                    return size, names
        return 0, []

    def _spaceless(self, line: str) -> float:
        """Share of a line without blanks between words that entries cover."""
        plain = _plain(line).replace(" ", "")
        best = max((len(entry) for entry in self._entries if len(entry) > 1 and entry in plain), default=0)
        return best / len(plain) if plain else 0.0


def _labels(name: str) -> Iterable[str]:
    """What of a host may be a name.

    >>> sorted(_labels("markets.skerrow-bugle.example"))
    ['markets', 'skerrowbugle']
    """
    labels = name.casefold().split(".")
    return {plain for label in labels[:-1] or labels if len(plain := label.replace("-", "")) >= 4}


def _shares(words: list[str], entry: Any) -> Iterable[int]:
    at = 0
    while at < len(words):
        size, _ = entry(words, at)
        if size:
            yield sum(map(len, words[at : at + size]))
        at += max(1, size)


def _plain(word: str) -> str:
    return word.replace("’", "'").casefold().strip()


def language_of(texts: Iterable[str]) -> str:
    """The language of some texts: the one whose function words they have most of; English when there are none."""
    function = {
        name: frozenset(words) for name, words in read_table(Path(bundled_folder()) / "evidence" / "function.toml").items()
    }
    counts: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text.casefold()):
            counts[word] += 1
    scores = {name: sum(counts[word] for word in words) for name, words in function.items()}
    best = max(scores.values(), default=0)
    return min((name for name, score in scores.items() if score == best), default=_COMMON) if best else _COMMON
