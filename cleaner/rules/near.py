"""Why a rule did not take a line: the rules whose words stand in it, and what stopped each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import regex

from cleaner.rules.fold import fold_blanks, fold_case
from cleaner.rules.literals import required
from cleaner.rules.matcher import TIME_LIMIT, phrase_pattern, window
from cleaner.rules.model import Action, Condition, Kind, Pack, Rule
from cleaner.rules.pieces import Known

_TELLING = 4
"""Letters of a rule that must stand in a line before it is said to have come near: "by" stands everywhere."""


class Stop(Enum):
    """What stopped a rule."""

    SCOPE = "scope"
    LENGTH = "length"
    ANCHOR = "anchor"
    WORDS = "words"
    PLACE = "place"
    KEEP = "keep"
    DISABLED = "disabled"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule (or a pack, by its marker) whose words stand in a line, but that did not take it.

    Attributes:
        name: full name of the rule; of a pack its id.
        stop: what stopped it.
        detail: the same in words.
        words: how much of the line it knows, code points; the more, the nearer it came.
    """

    name: str
    stop: Stop
    detail: str
    words: int


@dataclass(frozen=True, slots=True)
class LineInPage:
    """A line and what is known of the page around it.

    Attributes:
        line: as it stands in the text.
        in_force: ids of the scoped packs in force.
        following: the non-blank lines after it, blanks folded, for patterns that read several.
        protected: whether a keep rule speaks for the line.
        spared: topics whose rules remove nothing -> the value of ``--keep`` that says so.
    """

    line: str
    in_force: frozenset[str]
    following: Sequence[str] = ()
    protected: bool = False
    spared: Mapping[str, str] = field(default_factory=dict)


class _Looked:
    """The line, as it is looked at for every rule; and what was read of patterns for it."""

    def __init__(self, at: LineInPage) -> None:
        self.at = at
        self.view = fold_blanks(at.line)
        self.whole = self.view.casefold()
        self._folded = fold_case(self.view)
        self._known: Known = {}

    def known_words(self, pattern: str) -> int:
        """How long the longest string is that the pattern needs and the line holds, from the beginning of a word; 0 for none."""
        needles = (needle.strip() for needle in required(pattern, self._known) or ())
        return max((len(needle) for needle in needles if self._begins_a_word(needle)), default=0)

    def _begins_a_word(self, needle: str) -> bool:
        at = self._folded.find(needle)
        if not needle[:1].isalnum():
            return at >= 0
        while at > 0 and regex.match(r"\w", self._folded, pos=at - 1):
            at = self._folded.find(needle, at + 1)
        return at >= 0


def near_misses(packs: Sequence[Pack], at: LineInPage) -> list[NearMiss]:
    """Rules and markers that came near a line and did not take it, the nearest first."""
    active = [pack for pack in packs if not pack.scoped or pack.id in at.in_force]
    disabled = frozenset(name for pack in active for name in pack.disable)
    found: list[NearMiss] = []
    line = _Looked(at)
    for pack in packs:
        found += _markers(pack, line)
        for rule in pack.rules:
            if rule.action is not Action.KEEP:
                found += _rule(pack, rule, line, disabled)
    return sorted(found, key=lambda miss: (miss.stop is not Stop.OPTION, -miss.words, miss.name))


def _markers(pack: Pack, line: _Looked) -> Iterator[NearMiss]:
    if pack.id in line.at.in_force:
        return
    for marker in pack.markers:
        words = line.known_words(marker)
        if not words:
            continue
        if not _found(marker, line.view):
            stop, why = Stop.ANCHOR, "its words stand here, but not as the marker demands"
        elif len(line.view) > pack.marker_length:
            stop, why = Stop.LENGTH, f"in a line of more than {pack.marker_length} characters a marker does not count"
        elif pack.markers_needed > 1:
            stop, why = Stop.SCOPE, f"{pack.markers_needed} different markers of the pack are needed in a page"
        else:
            stop, why = Stop.SCOPE, "the page is known to be of another site"
        yield NearMiss(pack.id, stop, f"marker {marker}: {why}", words)


def _rule(pack: Pack, rule: Rule, line: _Looked, disabled: frozenset[str]) -> Iterator[NearMiss]:
    best: tuple[int, str | None, bool] | None = None
    for condition in (rule.match, rule.start, rule.end):
        for words, pattern, holds in _tried(condition, rule, line):
            if (holds or words >= _TELLING) and (best is None or (holds, words) > (best[2], best[0])):
                best = (words, pattern, holds)
    if best is not None:
        words, source, holds = best
        stop, why = _stopped_outside(pack, rule, line.at, disabled) or _stopped_inside(rule, line, source, holds=holds)
        yield NearMiss(rule.name, stop, why, words)


def _tried(condition: Condition, rule: Rule, line: _Looked) -> Iterator[tuple[int, str | None, bool]]:
    """For every literal and pattern: how many of its words stand in the line, its pattern, and whether it holds as it is."""
    for literal in condition.literals:
        whole = fold_blanks(literal).casefold()
        holds = _found(phrase_pattern(literal), line.view) if rule.kind is Kind.PHRASE else line.whole == whole
        yield (len(whole) if whole in line.whole else 0), None, holds
    for pattern in condition.patterns:
        words = line.known_words(pattern)
        yield words, pattern, bool(words) and _found(pattern, "\n".join([line.view, *line.at.following][: window(pattern)]))


def _stopped_outside(pack: Pack, rule: Rule, at: LineInPage, disabled: frozenset[str]) -> tuple[Stop, str] | None:
    """What kept a rule from looking at the page at all."""
    if rule.name in disabled:
        return Stop.DISABLED, "a pack in force turns it off"
    if pack.scoped and pack.id not in at.in_force:
        where = ", ".join(pack.hosts) or "pages with its markers"
        return Stop.SCOPE, f"its pack is in force for {where} only"
    return None


def _stopped_inside(rule: Rule, line: _Looked, pattern: str | None, *, holds: bool) -> tuple[Stop, str]:
    """What kept a rule that looked at the page from taking the line."""
    if pattern is not None and len(line.view) > rule.max_length:
        return Stop.LENGTH, f"the line has {len(line.view)} characters; it looks at lines of {rule.max_length} at most"
    if holds and rule.action is Action.REMOVE and rule.topic in line.at.spared:
        return Stop.OPTION, f"--keep {line.at.spared[rule.topic]} leaves what this rule would take"
    if holds:
        return (Stop.KEEP, "a keep rule protects the line") if line.at.protected else (Stop.PLACE, _place(rule))
    if pattern is None:
        return Stop.ANCHOR, "it takes a whole line that says this and nothing else"
    if _found(_without_anchors(pattern), line.view):
        return Stop.ANCHOR, f"its words are not where its anchors (^ $) demand: {pattern}"
    return Stop.WORDS, f"only some of its words stand here: {pattern}"


def _place(rule: Rule) -> str:
    if rule.first is not None:
        return f"it looks at the first {rule.first} lines only"
    if rule.last is not None:
        return f"it looks at the last {rule.last} lines only"
    if rule.kind is Kind.BLOCK:
        return f"the other end of the block is not within {rule.max_lines} lines"
    if rule.kind in (Kind.TAIL, Kind.HEAD):
        return f"it takes {rule.max_lines} lines at most, and here there are more"
    return "a nearer pack decides otherwise"


def _without_anchors(pattern: str) -> str:
    return regex.sub(r"^((?:\(\?i\))?)\^|\$$", r"\1", pattern)


def _found(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, timeout=TIME_LIMIT) is not None
    except TimeoutError:
        return False
