"""The one noun of the package: a ``Document`` whose text is fixed and whose losses are marks over it.

A document's text is fixed once, after decode, extract and repair. From then on nobody edits it: stages return a new document
with more marks, and the clean text is what no mark of ``removals`` covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from cleaner.spans import Span


class Media(Enum):
    """What the bytes or the text of an input hold."""

    TEXT = "text"
    HTML = "html"


class Unit(Enum):
    """What is compared when near-duplicates are looked for."""

    PASSAGE = "passage"
    DOCUMENT = "document"


class Relation(Enum):
    """How a unit stands to the earlier one it is like."""

    SAME = "same"
    """Their Jaccard similarity reaches the threshold."""
    INSIDE = "inside"
    """The other unit contains this one."""
    HOLDS = "holds"
    """This unit contains the other one."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from; ``input`` and ``record`` together are its key within a run.

    Attributes:
        input: path relative to the folder that was named (a file that was named: its name), with ``/``; ``"-"`` is standard input.
        record: number of the record in its input, from 1; None when the input is one document.
        id: what people are shown: the record's own id field, else made of input and record. May repeat, may be a number.
    """

    input: str
    record: int | None = None
    id: str | int | float = ""

    @property
    def key(self) -> tuple[str, int]:
        """What tells this document from all others of a run."""
        return self.input, self.record or 0


@dataclass(frozen=True, slots=True)
class Raw:
    """One document as it was read: nothing decoded, nothing repaired.

    Attributes:
        source: where it came from.
        data: bytes of a file, or text that a container format (JSON) has already decoded.
        media: text or HTML; plain text that turns out to be a whole HTML page is treated as one.
        site: host or URL of the page when it is known, else None.
        own_url: whether ``site`` is the URL that the page itself came with; else somebody named the site.
        fields: the whole record it stands in, for formats that have records; its text field included.
        text_field: name of the field of ``fields`` that holds the text.
        declared: encoding that a server named, or None.
        date: when it was published, as its record says it, or None.
        language: its language, as its record says it, or None.
        size: bytes of the whole record, where they are known.
    """

    source: Source
    data: bytes | str
    media: Media = Media.TEXT
    site: str | None = None
    own_url: bool = False
    fields: Mapping[str, object] | None = None
    text_field: str = "text"
    declared: str | None = None
    date: str | None = None
    language: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Repair:
    """One line whose encoding was repaired.

    Attributes:
        line: number of the line, from 1; the same before and after, for a repair never adds or removes a line.
        before: the line as decoded, without its line end.
        after: the line as repaired, without its line end.
    """

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A passage or a whole document that another is like.

    Attributes:
        source: the document it stands in.
        line: its first line, from 1, in that document's repaired text; None for a whole document.
        earlier: whether an earlier run cleaned that document; a lasting index remembers it.
    """

    source: Source
    line: int | None
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class RuleFired:
    """A rule is the cause.

    Attributes:
        rule: full name, ``pack.rule``.
        topic: what kind of thing the rule is about, for summaries, e.g. ``"advertising"``.
        block: number, from 1 within the document, shared by all lines that one match of a rule of several lines took; else None.
    """

    rule: str
    topic: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The weight of evidence is the cause: where a line stands, what stands around it, how it is written, what it shares with the article.

    Attributes:
        confidence: how sure it is that the line is boilerplate, 0..1: of lines with this confidence that share is.
        reasons: the strongest reasons in words, strongest first, three at most, e.g. ``"after the article's end"``.
        block: number, from 1 within the document, shared by adjacent lines that evidence took together; else None.
    """

    confidence: float
    reasons: tuple[str, ...]
    block: int | None = None


@dataclass(frozen=True, slots=True)
class DuplicateOf:
    """A duplicate policy is the cause: the unit is like ``of``, which is kept."""

    of: UnitRef


@dataclass(frozen=True, slots=True)
class Layout:
    """White space that had its place only beside something removed."""


Cause = RuleFired | Evidence | DuplicateOf | Layout
"""Why a span goes: a closed choice, so that every reader of an audit can tell all cases apart."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One mark: a span of the text, on one line, and why it goes (or, among ``flags``, why it would).

    Attributes:
        span: code points of the repaired text.
        line: number of the line it stands on, from 1.
        cause: a rule, evidence, a duplicate policy, or layout.
    """

    span: Span
    line: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was set aside for the rest of a document because a line took it longer than the time limit."""

    rule: str
    line: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What a bundled generic rule says of a whole line, whatever nearer rules say of it: one of the things that evidence weighs.

    Attributes:
        line: number of the line, from 1.
        topic: kind of boilerplate the rule is about.
    """

    line: int
    topic: str


@dataclass(frozen=True, slots=True)
class Closest:
    """The most similar of the units that a flagged one is like, when it is another than the flag names.

    Attributes:
        of: the earliest of the most similar.
        jaccard: exact Jaccard similarity, 0..1.
        containment: share of the smaller unit's shingles that the other has too, 0..1.
        larger: whether the flagged unit has more shingles than ``of``.
    """

    of: UnitRef
    jaccard: float
    containment: float
    larger: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A near-duplicate that was found and verified; a flag, which by itself removes nothing.

    Attributes:
        unit: passage or document.
        span: code points of the repaired text; None for a document.
        line: first line of the passage, from 1; None for a document.
        of: the unit it is like.
        relation: how it stands to ``of``.
        jaccard: exact Jaccard similarity of the two shingle sets, 0..1.
        containment: share of the contained unit's shingles that the other has too, 0..1.
        larger: whether it has more shingles than ``of``.
        closest: what it is most like, when that is not ``of``: at a higher threshold it is like this one still.
    """

    unit: Unit
    span: Span | None
    line: int | None
    of: UnitRef
    relation: Relation
    jaccard: float
    containment: float
    larger: bool = False
    closest: Closest | None = None


class Means(Enum):
    """What may tell that a site's pack is in force."""

    URL = "url"
    SITE = "site option"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class ToldBy:
    r"""What told that a site's pack is in force.

    Attributes:
        pack: id of the pack.
        means: its kind.
        markers: patterns of the pack that the text holds, as many as the pack asks for; empty for other means.

    >>> str(ToldBy("paper", Means.MARKER, ("^Dear readers", "^QIOSK$"))), str(ToldBy("paper", Means.URL))
    ('marker: ^Dear readers; marker: ^QIOSK$', 'url')
    """

    pack: str
    means: Means
    markers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(f"marker: {marker}" for marker in self.markers) or self.means.value


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of an HTML page that is not in its text.

    Attributes:
        text: white space made one blank; neighbours that are left out for the same reason are lines of one text.
        reason: a node rule's name, or in words, e.g. ``"outside the main text"``.
        rule: full name of the rule of a pack that took it; empty when none did.
        topic: what kind of thing that rule is about.
    """

    text: str
    reason: str
    rule: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An input or a record that could not be read, for ``rejected.jsonl``.

    Attributes:
        source: where it stood.
        reason: short stable word, e.g. ``"not-text"``.
        detail: cause and remedy, one sentence.
    """

    source: Source
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text and the marks over it.

    Attributes:
        source: where it came from.
        text: the repaired text; it is never edited.
        sha256: hex digest of the input's bytes (of the UTF-8 form, for text that came decoded).
        encoding: Python's name of the encoding it was decoded from; ``"utf-8-sig"`` tells of a byte order mark; None when it came decoded.
        media: what the input held; text of HTML is what was extracted.
        site: host whose packs are in force, or None.
        packs: ids of the scoped packs that were in force (generic packs always are), sorted.
        told_by: what told each of them, in the same order.
        repairs: lines whose encoding was repaired, in order.
        removals: what goes, sorted by span, never overlapping.
        flags: what rules with ``action = "flag"`` found and what evidence leaves in doubt, sorted by span; it stays.
        skipped: rules that were set aside, in order.
        duplicates: near-duplicates, documents first, then by span.
        protected: numbers of the lines that a keep rule protects, also from evidence and duplicate policies; sorted.
        signals: what generic rules say of lines; sorted.
        fields: the record it stands in, when the format has records.
        text_field: name of the record's field that holds the text.
        date: when it was published, as its record says it, or None.
        language: its language, as its record says it, or None.
        metadata: what an HTML page says of itself: title, author, date, language, site, url, tags, image, description; those known.
        left_out: what of an HTML page is not in the text, and why.
        page_kind: what an HTML page is that is no article, e.g. ``"login"``, and what told it; empty for all others.
    """

    source: Source
    text: str
    sha256: str = ""
    encoding: str | None = None
    media: Media = Media.TEXT
    site: str | None = None
    packs: tuple[str, ...] = ()
    told_by: tuple[ToldBy, ...] = ()
    repairs: tuple[Repair, ...] = ()
    removals: tuple[Removal, ...] = ()
    flags: tuple[Removal, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    protected: tuple[int, ...] = ()
    signals: tuple[Signal, ...] = ()
    fields: Mapping[str, object] | None = field(default=None, repr=False)
    text_field: str = "text"
    date: str | None = None
    language: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict, repr=False)
    left_out: tuple[LeftOut, ...] = field(default=(), repr=False)
    page_kind: tuple[str, ...] = ()

    @property
    def kept_spans(self) -> list[Span]:
        """What of ``text`` no removal covers, sorted."""
        kept: list[Span] = []
        at = 0
        for removal in self.removals:  # sorted
            start, end = removal.span
            if start > at and end > start:
                kept.append(Span(at, start))
            at = max(at, end)
        if at < len(self.text):
            kept.append(Span(at, len(self.text)))
        return kept

    @property
    def last_block(self) -> int:
        """The highest number of a block so far, of those that go and those that are flagged; 0 without one."""
        return max((getattr(mark.cause, "block", None) or 0 for mark in (*self.removals, *self.flags)), default=0)

    @property
    def clean_text(self) -> str:
        r"""The text without what was removed; every character of it stands so in ``text``.

        >>> Document(Source("a.txt"), "one\ntwo\n", removals=(Removal(Span(0, 4), 1, Layout()),)).clean_text
        'two\n'
        """
        if not self.removals:
            return self.text
        return "".join(self.text[start:end] for start, end in self.kept_spans)
