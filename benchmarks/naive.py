"""The same job the obvious way, one library call after the other; ``throughput.py`` times it beside ours.

It does less: blocks are the lines of their ``start`` alone, nothing is decided between levels, containment is not looked for, gaps
are not closed, and no mark can be undone. Patterns, length limits, shingles, permutations and thresholds are those of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import regex

from cleaner.dedup.minhash import PERMUTATIONS, SEED
from cleaner.dedup.sketch import MIN_WORDS, SHINGLE
from cleaner.rules.matcher import phrase_pattern, window
from cleaner.rules.model import Action, Condition, Kind, Rule

Line = tuple[int, str]
"""A line that is left: its number, from 1, and its text."""
_TOKEN = re.compile(r"\w+")


class NaiveRules:
    """Rules, applied one after the other to every line."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._lines: list[tuple[Rule, frozenset[str], list[tuple[regex.Pattern[str], int]]]] = []
        self._phrases: list[tuple[Rule, list[regex.Pattern[str]]]] = []
        for rule in rules:
            if rule.action is not Action.REMOVE:
                continue
            if rule.kind is Kind.PHRASE:
                sources = [*map(phrase_pattern, rule.match.literals), *rule.match.patterns]
                self._phrases.append((rule, [regex.compile(source) for source in sources]))
                continue
            condition: Condition = rule.match or rule.start or rule.end
            literals = frozenset(" ".join(one.split()).casefold() for one in condition.literals)
            self._lines.append((rule, literals, [(regex.compile(source), window(source)) for source in condition.patterns]))

    def strip(self, text: str) -> list[Line]:
        """The non-blank lines that are left."""
        lines = [(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1)]
        lines = [line for line in lines if line[1]]
        left: list[Line] = []
        at = 0
        while at < len(lines):
            taken = self._takes(lines, at)
            if not taken:
                left.append((lines[at][0], self._cut(lines[at][1])))
            at += taken or 1
        return left

    def _takes(self, lines: Sequence[Line], at: int) -> int:
        """How many lines from one on the first rule takes that matches; 0: none does."""
        line = lines[at][1]
        folded = line.casefold()
        for rule, literals, patterns in self._lines:
            if folded in literals:
                return 1
            if len(line) > rule.max_length:
                continue
            for pattern, size in patterns:
                view = line if size == 1 else "\n".join(text for _, text in lines[at : at + size])
                if pattern.search(view):
                    return size
        return 0

    def _cut(self, line: str) -> str:
        for rule, patterns in self._phrases:
            if len(line) <= rule.max_length:
                for pattern in patterns:
                    line = pattern.sub("", line)
        return line


def fix(text: str) -> str:
    """The text as ftfy repairs it, with the switches of ``cleaner.repair``."""
    import ftfy

    config = ftfy.TextFixerConfig(
        uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, fix_line_breaks=False
    )
    return ftfy.fix_text(text, config)


def signatures(lines: Sequence[Line]) -> list[tuple[int, frozenset[str], Any]]:
    """Line number, shingles and ``MinHash`` of every line long enough to be compared."""
    from datasketch import MinHash

    found = []
    for number, line in lines:
        tokens = _TOKEN.findall(line.casefold())
        if len(tokens) < MIN_WORDS:
            continue
        shingles = frozenset(" ".join(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1))
        minhash = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
        for shingle in shingles:
            minhash.update(shingle.encode())
        found.append((number, shingles, minhash))
    return found


class NaiveFold:
    """Near-duplicates among all passages so far, by ``MinHashLSH``, verified exactly."""

    def __init__(self, threshold: float) -> None:
        from datasketch import MinHashLSH

        self._threshold = threshold
        self._lsh = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
        self._shingles: dict[tuple[str, int], frozenset[str]] = {}

    def add(self, name: str, passages: Iterable[tuple[int, frozenset[str], Any]]) -> list[int]:
        """Numbers of the lines that are like an earlier one; all are remembered."""
        flagged = []
        for number, shingles, minhash in passages:
            others = (self._shingles[key] for key in self._lsh.query(minhash))
            if any(len(shingles & other) >= self._threshold * len(shingles | other) for other in others):
                flagged.append(number)
            self._lsh.insert((name, number), minhash)
            self._shingles[name, number] = shingles
        return flagged


def encode(name: str, text: str, left: Sequence[Line], flagged: Sequence[int]) -> tuple[bytes, bytes]:
    """The clean text, and one line of an audit."""
    clean = "\n".join(line for _, line in left)
    kept = {number for number, _ in left}
    removed = [{"line": number, "text": line} for number, line in enumerate(text.split("\n"), 1) if number not in kept]
    told = {"id": name, "removed": removed, "duplicates": list(flagged)}
    return clean.encode("utf-8", "surrogatepass"), json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
