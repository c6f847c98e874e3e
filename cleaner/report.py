"""What a run did, in counts that can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cleaner.audit import name_of
from cleaner.document import Cause, Document, DuplicateOf, Evidence, Layout, Rejection, Removal, RuleFired

TOO_SLOW = "page-too-slow"
"""Reason for which a page is rejected that was stopped by the clock."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Counts of a run or of a part of it; parts add up with ``+``.

    Attributes:
        documents: how many were written.
        empty: of them, those that held nothing but white space.
        emptied: those that held more, of which nothing but white space is left.
        untouched: those that came out as they were decoded.
        chars_in: code points of their repaired texts.
        chars_out: code points of their clean texts.
        media: what inputs held -> documents.
        encodings: Python's name of the encoding -> documents that were decoded from it.
        topics: kind of boilerplate, ``evidence`` or ``duplicate`` -> lines removed.
        rules: full name, ``evidence`` or ``duplicate`` -> lines removed.
        rule_characters: the same, or ``layout`` -> code points removed.
        rule_documents: the same -> documents that lost something to it.
        characters: as ``topics``, or ``layout`` -> code points removed.
        confidence: how sure evidence was, in tenths rounded down, e.g. ``"0.9"`` -> lines it removed.
        reasons: strongest reason of evidence -> lines it removed.
        flagged: kind of boilerplate, or ``evidence`` -> lines that stay though a rule or evidence points at them.
        duplicates: relation -> near-duplicates flagged.
        duplicate_units: passage or document -> near-duplicates flagged.
        repairs: lines whose encoding was repaired.
        repaired: documents that have such lines.
        packs: scoped pack -> documents it was in force for.
        told_by: what told that a scoped pack was in force: ``"url"``, ``"marker"``, ``"site option"`` -> documents.
        nodes: rule about elements of pages -> elements with text that it took.
        rejections: reason -> inputs or records.
        skipped: rule -> documents for which it was set aside.
    """

    documents: int = 0
    empty: int = 0
    emptied: int = 0
    untouched: int = 0
    chars_in: int = 0
    chars_out: int = 0
    media: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    rule_characters: Counter[str] = field(default_factory=Counter)
    rule_documents: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    duplicate_units: Counter[str] = field(default_factory=Counter)
    repairs: int = 0
    repaired: int = 0
    packs: Counter[str] = field(default_factory=Counter)
    told_by: Counter[str] = field(default_factory=Counter)
    nodes: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def of(result: Document | Rejection) -> RunReport:
        """The report of one document or rejection."""
        tally = Tally()
        tally.add(result)
        return tally.report

    def __add__(self, other: RunReport) -> RunReport:
        summed: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in (*_NUMBERS, *_COUNTS)}
        return RunReport(**summed)

    @property
    def deterministic(self) -> bool:
        """Whether a second run must give the same: no rule was set aside by the clock, and no page stopped by it."""
        return not self.skipped and not self.rejections[TOO_SLOW]

    def described(self) -> Mapping[str, Any]:
        """The counts as plain JSON values, names sorted by count."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        counts = {name: _ordered(getattr(self, name)) for name in _COUNTS}
        return {
            "documents": numbers.pop("documents"),
            "rejected": self.rejections.total(),
            **numbers,
            **counts,
            "rule_packs": _ordered(_by_pack(self.rules)),
            "rule_packs_characters": _ordered(_by_pack(self.rule_characters)),
        }


_NUMBERS = tuple(one.name for one in fields(RunReport) if one.default == 0)
_COUNTS = tuple(one.name for one in fields(RunReport) if one.name not in _NUMBERS)


class Tally:
    """A report that grows in place: adding a document costs the same however much there is already."""

    def __init__(self) -> None:
        self._numbers = dict.fromkeys(_NUMBERS, 0)
        self._counts = {name: Counter[str]() for name in _COUNTS}

    def add(self, result: Document | Rejection) -> None:
        """Adds one document or rejection."""
        if isinstance(result, Rejection):
            self._counts["rejections"][result.reason] += 1
            return
        self.add_marks(result)
        self.add_duplicates(result)

    def add_marks(self, result: Document) -> None:
        """Adds one document, but for its near-duplicates."""
        counts, numbers = self._counts, self._numbers
        gone = self._remove(result.removals)
        numbers["documents"] += 1
        numbers["chars_in"] += len(result.text)
        numbers["chars_out"] += len(result.text) - gone
        blank = not result.text or result.text.isspace()
        numbers["empty"] += blank
        numbers["emptied"] += bool(result.removals) and not blank and not result.clean_text.strip()
        numbers["untouched"] += not result.removals and not result.repairs
        numbers["repairs"] += len(result.repairs)
        numbers["repaired"] += bool(result.repairs)
        counts["media"][result.media.value] += 1
        if result.encoding is not None:
            counts["encodings"][result.encoding] += 1
        for flag in result.flags:
            counts["flagged"][topic_of(flag.cause)] += 1
        for pack in result.packs:
            counts["packs"][pack] += 1
        for means in {one.means for one in result.told_by}:
            counts["told_by"][means.value] += 1
        for left in result.left_out:
            if left.rule:
                counts["nodes"][left.rule] += 1
        for rule in {one.rule for one in result.skipped}:
            counts["skipped"][rule] += 1

    def add_duplicates(self, document: Document) -> None:
        """Adds the near-duplicates of one document."""
        for found in document.duplicates:
            self._counts["duplicates"][found.relation.value] += 1
            self._counts["duplicate_units"][found.unit.value] += 1

    def include(self, report: RunReport) -> None:
        """Adds the counts of a part."""
        for name in _NUMBERS:
            self._numbers[name] += getattr(report, name)
        for name in _COUNTS:
            self._counts[name].update(getattr(report, name))

    def _remove(self, removals: Iterable[Removal]) -> int:
        """Adds what a document lost; gives how many code points that are."""
        counts = self._counts
        total = 0
        names = set()
        for removal in removals:
            cause = removal.cause
            topic, name = topic_of(cause), name_of(cause)
            size = removal.span.end - removal.span.start
            total += size
            names.add(name)
            counts["characters"][topic] += size
            counts["rule_characters"][name] += size
            if isinstance(cause, Layout):
                continue
            counts["topics"][topic] += 1
            counts["rules"][name] += 1
            if isinstance(cause, Evidence):
                counts["confidence"][f"{int(cause.confidence * 10) / 10:.1f}"] += 1
                counts["reasons"][_without_words(cause.reasons[0]) if cause.reasons else "none"] += 1
        for name in names:
            counts["rule_documents"][name] += 1
        return total

    @property
    def rejected(self) -> int:
        """How many inputs and records were rejected so far."""
        return self._counts["rejections"].total()

    @property
    def report(self) -> RunReport:
        """The report so far; what is added later does not change it."""
        counts = {name: Counter(count) for name, count in self._counts.items()}
        return RunReport(**self._numbers, **counts)  # type: ignore[arg-type]  # the names are those of its fields


def _without_words(reason: str) -> str:
    """A reason without the words of the page it quotes: there are as many of them as pages.

    >>> _without_words("under “More on this story”"), _without_words("a date")
    ('under “…”', 'a date')
    """
    opening, quote, _ = reason.partition("“")
    return f"{opening}“…”" if quote else reason


def _by_pack(rules: Mapping[str, int]) -> Counter[str]:
    """Sums of rules by their pack; what is no rule is left out.

    >>> sorted(_by_pack({"site.a": 2, "site.b": 1, "evidence": 5}).items())
    [('site', 3)]
    """
    found: Counter[str] = Counter()
    for name, count in rules.items():
        pack, dot, _ = name.partition(".")
        if dot:
            found[pack] += count
    return found


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def topic_of(cause: Cause) -> str:
    """What a removal counts as in summaries: a rule's topic, else the name of its cause.

    >>> topic_of(RuleFired("site.notice", "site")), topic_of(Layout())
    ('site', 'layout')
    """
    match cause:
        case RuleFired():
            return cause.topic
        case Evidence() | DuplicateOf() | Layout():
            return name_of(cause)
