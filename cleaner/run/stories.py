"""The stories of a finished run: which documents carry the same one, who was first, how much of it each has, and what each changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from cleaner.dedup.changes import Changes, changes
from cleaner.dedup.clusters import clusters
from cleaner.dedup.stories import SHARE, Candidate, Member, Shares, Story, Words, shares, stories, words_of
from cleaner.errors import UsageError
from cleaner.run.flagged import Flagged, Place, Told, read_flagged, require_compared
from cleaner.run.texts import Texts
from cleaner.run.written import holds_records

DATE_FIELDS = ("date", "published", "published_at", "date_published", "pubdate")
"""Fields of a record in which its date is looked for, in this order."""
_LONGEST_DAY = len("2026-05-21")
_HELD = 4096
"""Documents whose words are held in memory, those that were asked for last."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A document that carries a story.

    Attributes:
        place: where it is.
        site: host of the page, or None.
        date: ISO date, or date and time, of its record, or None.
        words: how many words it has; None for a document of an earlier run.
        has: share of the first one's words that it has too, 0..1; None when the first one is of an earlier run.
        own: share of its own words that are the first one's, 0..1; by its flagged passages when the first one is of an earlier run.
        of: the document it was found by, when that is not the first one.
        changes: what it changed against that one; None when there is no text to compare with.
    """

    place: Place
    site: str | None
    date: str | None
    words: int | None
    has: float | None = 1.0
    own: float = 1.0
    of: Place | None = None
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class FoundStory:
    """A story of a run.

    Attributes:
        by_date: whether the first one is the first by date; else by the order of the inputs.
        opening: first passage of the first document of this run.
        first: the document that had it first.
        others: the documents that carry it too, in the same order.
    """

    by_date: bool
    opening: str
    first: Carrier
    others: tuple[Carrier, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """When a document appeared: to sort by, and as an ISO date for people."""

    moment: datetime
    shown: str


def find_stories(run: Path, share: float = SHARE, date_field: str | None = None) -> list[FoundStory]:
    """The stories that two documents or more of a finished run carry, those first that came first in the inputs.

    Args:
        run: folder of the run.
        share: of the shorter one's words, from which two documents carry the same story; 0..1.
        date_field: field of the records that holds their date; None: the common names are tried.

    Raises:
        UsageError: the folder holds no finished run, or no audit, or nothing was compared, or the outputs were changed; no record has
            a date in that field.
    """
    flagged = read_flagged(run)
    require_compared(run, flagged)
    reader = _Reader(flagged, Texts(run, flagged.settings))
    candidates = _candidates(flagged)
    dates = {number: date for number in candidates if (date := reader.date(number, date_field))}
    if date_field is not None and not dates and any(number >= 0 for number in candidates):
        raise UsageError(
            f"--date-field {date_field}: no document that may carry a story has a date in this field; "
            "name a field of the records in the run's outputs that holds ISO dates or those of mail (RFC 2822)"
        )
    order = sorted(candidates, key=lambda number: _order(number, dates))
    found = stories((candidates[number] for number in order), reader.compare, share)
    return [_story(story, candidates, reader, dates) for story in sorted(found, key=lambda story: story.first)]


def read_date(value: object) -> Dated | None:
    """When something appeared: ISO 8601, or a date of mail and RSS (RFC 2822); None for what cannot be read so.

    What names no zone is taken for UTC. A day is sorted by its end: nothing shows that it came before a time on that day.

    >>> read_date("2026-05-21").shown, read_date("Thu, 21 May 2026 09:30:00 +0200").shown
    ('2026-05-21', '2026-05-21T09:30:00+02:00')
    >>> read_date("yesterday"), read_date(20260521)
    (None, None)
    """
    if not isinstance(value, str):
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value.strip())
            utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if parse == datetime.fromisoformat and len(value.strip()) <= _LONGEST_DAY:
            return Dated(utc.replace(hour=23, minute=59, second=59), moment.date().isoformat())
        return Dated(utc, moment.isoformat(timespec="seconds"))
    return None


class _Reader:
    """Documents as stories need them; the words of the last few thousand are held."""

    def __init__(self, flagged: Flagged, texts: Texts) -> None:
        self.documents = flagged.documents
        self._texts = texts
        self._words: OrderedDict[int, Words] = OrderedDict()

    def date(self, number: int, name: str | None) -> Dated | None:
        """The date of a record."""
        told = self.documents[number]
        if told.earlier or not holds_records(told.output):
            return None
        record = self._texts.record(told)
        dates = (read_date(record.get(field)) for field in ((name,) if name is not None else DATE_FIELDS))
        return next((date for date in dates if date), None)

    def paragraphs(self, number: int) -> list[str]:
        """What was kept of a document."""
        return self._texts.paragraphs(self.documents[number])

    def words(self, number: int) -> Words:
        """The words of a document."""
        if number in self._words:
            self._words.move_to_end(number)
        else:
            self._words[number] = words_of(self.paragraphs(number))
            if len(self._words) > _HELD:
                self._words.popitem(last=False)
        return self._words[number]

    def compare(self, one: int, other: int) -> Shares:
        """What two documents share."""
        return shares(self.words(one), self.words(other))


def _candidates(flagged: Flagged) -> dict[int, Candidate]:
    """The documents that share passages with others, or are as a whole like others."""
    chars = {(flag.pair.unit, flag.pair.key): flag.chars for flag in flagged.flags}
    passages: dict[int, dict[int, int]] = {}
    for number, cluster in enumerate(clusters(flag.pair for flag in flagged.flags)):
        sizes = {copy.key: chars[cluster.unit, copy.key] for copy in cluster.copies}
        # The original bears no flag, so nothing tells its length; it is like that of the others.
        sizes.setdefault(cluster.original, max(sizes.values()))
        if len({key[0] for key in sizes}) > 1:
            for key, size in sizes.items():
                own = passages.setdefault(key[0], {})
                own[number] = own.get(number, 0) + size
    return {
        number: Candidate(number, told.chars, passages[number], text=not told.earlier)
        for number, told in sorted(flagged.documents.items())
        if number in passages
    }


def _order(number: int, dates: Mapping[int, Dated]) -> tuple[bool, bool, float, int]:
    """What documents are sorted by: earlier runs, then dates, then those without a date; then the order of the inputs."""
    date = dates.get(number)
    return number >= 0, date is None, date.moment.timestamp() if date else 0.0, number


def _story(story: Story, candidates: Mapping[int, Candidate], reader: _Reader, dates: Mapping[int, Dated]) -> FoundStory:
    told = reader.documents[story.first]
    of_run = story.first if not told.earlier else story.members[0].number
    others = tuple(_carrier(member, story, candidates, reader, dates) for member in story.members)
    first = _described(told, dates, None if told.earlier else reader.words(story.first).count)
    return FoundStory(of_run in dates, next(iter(reader.paragraphs(of_run)), ""), first, others)


def _described(told: Told, dates: Mapping[int, Dated], words: int | None, **more: Any) -> Carrier:
    date = dates.get(told.number)
    return Carrier(told.place, told.site, date.shown if date else None, words, **more)


def _carrier(
    member: Member, story: Story, candidates: Mapping[int, Candidate], reader: _Reader, dates: Mapping[int, Dated]
) -> Carrier:
    told, words = reader.documents[member.number], reader.words(member.number)
    of = reader.documents[member.of]
    has: float | None
    if reader.documents[story.first].earlier:
        has, own = None, _by_flags(candidates[story.first], candidates[member.number])
    else:
        has, own, _ = reader.compare(story.first, member.number)
    return _described(
        told,
        dates,
        words.count,
        has=has,
        own=own,
        of=of.place if member.of != story.first else None,
        changes=None if of.earlier else changes(reader.paragraphs(member.of), reader.paragraphs(member.number)),
    )


def _by_flags(first: Candidate, other: Candidate) -> float:
    common = sum(chars for passage, chars in other.passages.items() if passage in first.passages)
    return min(1.0, common / other.chars) if other.chars else 0.0
