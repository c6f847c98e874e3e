"""What a run did, in counts that can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cleaner.audit import name_of
from cleaner.document import Cause, Document, DuplicateOf, Evidence, Layout, Rejection, RuleFired


@dataclass(frozen=True, slots=True)
class RunReport:
    """Counts of a run or of a part of it; parts add up with ``+``.

    Attributes:
        documents: how many were written.
        chars_in: code points of their repaired texts.
        chars_out: code points of their clean texts.
        topics: kind of boilerplate, ``evidence`` or ``duplicate`` -> lines removed.
        rules: full name, ``evidence`` or ``duplicate`` -> lines removed.
        characters: as ``topics``, or ``layout`` -> code points removed.
        flagged: kind of boilerplate, or ``evidence`` -> lines that stay though a rule or evidence points at them.
        duplicates: relation -> near-duplicates flagged.
        repairs: lines whose encoding was repaired.
        packs: scoped pack -> documents it was in force for.
        rejections: reason -> inputs or records.
        skipped: rule -> documents for which it was set aside.
    """

    documents: int = 0
    chars_in: int = 0
    chars_out: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    repairs: int = 0
    packs: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, result: Document | Rejection) -> RunReport:
        """The report of one document or rejection."""
        if isinstance(result, Rejection):
            return cls(rejections=Counter([result.reason]))
        topics: Counter[str] = Counter()
        rules: Counter[str] = Counter()
        characters: Counter[str] = Counter()
        for removal in result.removals:
            topic = topic_of(removal.cause)
            characters[topic] += removal.span.end - removal.span.start
            if not isinstance(removal.cause, Layout):
                topics[topic] += 1
                rules[name_of(removal.cause)] += 1
        return cls(
            documents=1,
            chars_in=len(result.text),
            chars_out=len(result.text) - characters.total(),
            topics=topics,
            rules=rules,
            characters=characters,
            flagged=Counter(topic_of(flag.cause) for flag in result.flags),
            duplicates=Counter(found.relation.value for found in result.duplicates),
            repairs=len(result.repairs),
            packs=Counter(result.packs),
            skipped=Counter(one.rule for one in result.skipped),
        )

    def __add__(self, other: RunReport) -> RunReport:
        return RunReport(
            self.documents + other.documents,
            self.chars_in + other.chars_in,
            self.chars_out + other.chars_out,
            self.topics + other.topics,
            self.rules + other.rules,
            self.characters + other.characters,
            self.flagged + other.flagged,
            self.duplicates + other.duplicates,
            self.repairs + other.repairs,
            self.packs + other.packs,
            self.rejections + other.rejections,
            self.skipped + other.skipped,
        )

    @property
    def deterministic(self) -> bool:
        """Whether a second run must give the same: no rule was set aside by the clock."""
        return not self.skipped

    def described(self) -> Mapping[str, Any]:
        """The counts as plain JSON values, names sorted by count."""
        ordered = {
            name: dict(sorted(getattr(self, name).items(), key=lambda item: (-item[1], item[0])))
            for name in ("topics", "characters", "rules", "flagged", "duplicates", "packs", "rejections", "skipped")
        }
        return {
            "documents": self.documents,
            "rejected": self.rejections.total(),
            "chars_in": self.chars_in,
            "chars_out": self.chars_out,
            "repairs": self.repairs,
            **ordered,
        }


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
