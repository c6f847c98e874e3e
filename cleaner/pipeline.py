"""Documents, from raw to marked: pure, in any process, in any order.

``prepare_all`` takes documents through decode, extract, repair, strip and evidence; evidence weighs several at once, which changes its
speed and nothing else. What looks at more than one document comes after it: near-duplicates, and at last layout, when all other marks
are made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from cleaner.decode import declared_in, decode, require_text
from cleaner.dedup.settings import Policy
from cleaner.document import Document, Means, Media, Raw, Rejection, Removal, RuleFired, Source
from cleaner.errors import InputError
from cleaner.evidence.settings import Keep, Strength
from cleaner.extract import looks_like_page
from cleaner.layout import close_gaps
from cleaner.repair import repair
from cleaner.rules.load import bundled_folder, load_rules
from cleaner.rules.model import RuleSet
from cleaner.rules.scope import Page, page_of
from cleaner.settings import CleanSettings
from cleaner.spans import line_spans
from cleaner.strip import Stripper

if TYPE_CHECKING:
    from cleaner.evidence.assessor import Assessor
    from cleaner.extract import Extracted, Extractor
    from cleaner.extract.extractor import NodeRules
    from cleaner.extract.ruled import PageRules

MAX_LINE = 20_000_000
"""Code points of one line above which a text is not taken for one: ten long novels without a line end."""

_TOPICS_OF = {Keep.CAPTIONS: ("credit",), Keep.COMMENTS: ("comments",)}
"""What rules must leave so that a thing is kept."""


class Pipeline:
    """The stages of cleaning, ready for many documents; safe to share between threads and to hand to other processes.

    Args:
        rules: the packs; None: the bundled ones.
        settings: what makes the clean text.
        clock: what each page is taken out of its HTML under, for runs that stop those that take too long.

    Attributes:
        spared: topics whose rules remove nothing -> the value of ``--keep`` that says so.

    Raises:
        RuleFaults: the bundled packs cannot be loaded (a broken installation).
    """

    def __init__(
        self,
        rules: RuleSet | None = None,
        settings: CleanSettings = CleanSettings(),  # noqa: B008  # frozen
        clock: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self.rules = (load_rules() if rules is None else rules) if settings.rules else RuleSet()
        self.spared = {topic: keep.value for keep in settings.evidence.keep for topic in _TOPICS_OF.get(keep, ())}
        self._stripper = Stripper(self.rules, languages=settings.languages, spared=frozenset(self.spared))
        self._assessor = _assessor(settings)
        self._extractor: Extractor | None = None
        self._page_rules: PageRules | None = None

    def prepare(self, raw: Raw) -> Document | Rejection:
        """A document with its marks, near-duplicates and layout apart; or why it cannot be one. Never raises for what it is given."""
        return self.prepare_all((raw,))[0]

    def prepare_all(self, raws: Sequence[Raw]) -> list[Document | Rejection]:
        """What ``prepare`` makes of each, in order; the same, and faster than one by one."""
        begun = [self._unmarked_or_rejected(raw) for raw in raws]
        pages = [_page(raw) for raw, one in zip(raws, begun, strict=True) if isinstance(one, Document)]
        assessed = iter(self._marked([one for one in begun if isinstance(one, Document)], pages))
        return [next(assessed) if isinstance(one, Document) else one for one in begun]

    def clean(self, text: str | bytes, site: str | None = None) -> Document:
        """One text, through all stages; near-duplicates are those inside it.

        Args:
            text: plain text, or a whole HTML page; bytes are decoded first.
            site: host or URL of the page, when it is known; else text markers tell.

        Raises:
            InputError: the text is not one (control characters), or an HTML page holds no article.
        """
        raw = Raw(Source("text", None, "text"), text, site=site)
        document = self._marked((self._unmarked(raw),), (_page(raw),))[0]
        if self.settings.duplicates.policy is not Policy.OFF:
            from cleaner.dedup.fold import Fold
            from cleaner.dedup.sketch import sketch

            duplicates = self.settings.duplicates
            document = Fold(duplicates).add_all([document], sketch([document], duplicates, across=False))[0]
        return close_gaps(document)

    def _marked(self, unmarked: Sequence[Document], pages: Sequence[Page]) -> list[Document]:
        """Documents with the marks of rules and of evidence, and those of rules that see more once evidence has taken lines."""
        stripped = self._stripper.begin_all(unmarked, pages)
        documents = [one.document for one in stripped]
        if self._assessor is None:
            return documents
        return [one.after(document) for one, document in zip(stripped, self._assessor.assess_all(documents), strict=True)]

    def _unmarked_or_rejected(self, raw: Raw) -> Document | Rejection:
        try:
            return self._unmarked(raw)
        except InputError as error:
            return Rejection(raw.source, error.reason, error.detail)

    def again(self, raw: Raw, known: Document) -> Document | Rejection:
        """What ``prepare`` makes of a document whose marks are known.

        Args:
            raw: the document.
            known: what was made of the same before; source, record and, of plain text, text and repairs may be missing.
        """
        text, repairs = known.text, known.repairs
        if known.media is Media.TEXT:
            try:
                text, repairs = repair(_decoded(raw)[1])
            except InputError as error:
                return Rejection(raw.source, error.reason, error.detail)
        return replace(known, text=text, repairs=repairs, **_own(raw))

    def _unmarked(self, raw: Raw) -> Document:
        """The document as it is before rules about text mark anything.

        Raises:
            InputError: it is no text, or an HTML page without an article.
        """
        return unmarked(raw, self._extracting, lambda: self._node_rules(_page(raw)), self._clock)

    def _node_rules(self, page: Page) -> NodeRules:
        """The rules about elements that may be in force for a page."""
        if self._page_rules is None:
            from cleaner.extract.ruled import PageRules

            self._page_rules = PageRules(self.rules, languages=self.settings.languages, spared=frozenset(self.spared))
        return self._page_rules.of(page)

    def _extracting(self) -> Extractor:
        """The extractor, made when the first page comes."""
        if self._extractor is None:
            self._extractor = extractor(self.settings)
        return self._extractor


def _page(raw: Raw) -> Page:
    """Where a document stood on the web, and what told that."""
    if not raw.site:
        return Page()
    page = page_of(raw.site)
    return page if raw.own_url else replace(page, means=Means.SITE)


def extractor(settings: CleanSettings) -> Extractor:
    """What takes articles out of pages."""
    from cleaner.extract.extractor import Extractor

    return Extractor(bundled_folder() / "html", settings.extract)


def unmarked(
    raw: Raw,
    extracting: Callable[[], Extractor] = lambda: extractor(CleanSettings()),
    node_rules: Callable[[], NodeRules] = tuple,
    clock: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Document:
    """A document as it is before rules about text mark anything: decoded, extracted, repaired.

    Args:
        raw: the document.
        extracting: gives what takes articles out of pages; it is asked only for pages, for it is slow to make.
        node_rules: gives those in force for the page; it is asked only for pages.
        clock: under which a page is taken out of its HTML.

    Raises:
        InputError: it is no text, or an HTML page without an article.
    """
    digest, text, encoding = _decoded(raw)
    media = Media.HTML if raw.media is Media.HTML or looks_like_page(text) else Media.TEXT
    found = None
    if media is Media.HTML and text.strip():
        taking_out = extracting()
        with clock():
            found = taking_out.extract(text, _address(raw), node_rules())
    text = found.text if found else text
    _refuse_endless_line(text)
    text, repairs = repair(text)
    document = Document(text=text, sha256=digest, encoding=encoding, media=media, repairs=repairs, **_own(raw))
    if found is None:
        return document
    kind = (found.seen.kind.value, found.seen.evidence) if found.seen else ()
    flags = _flags(text, found) if found.flagged else ()
    extracted = replace(document, metadata=found.metadata, left_out=found.left_out, page_kind=kind)
    return replace(extracted, flags=flags, protected=found.protected) if flags or found.protected else extracted


def _flags(text: str, found: Extracted) -> tuple[Removal, ...]:
    """Marks on the lines that node rules flag."""
    lines = line_spans(text)
    return tuple(Removal(lines[number - 1], number, RuleFired(rule.name, rule.topic)) for number, rule in found.flagged)


def _address(raw: Raw) -> str | None:
    """The address of a page, if the input tells it."""
    for told in (raw.site, (raw.fields or {}).get("url")):
        if isinstance(told, str) and told.startswith(("http://", "https://")):
            return told
    return None


def _decoded(raw: Raw) -> tuple[str, str, str | None]:
    """Digest of the input, its text, and what that was decoded from.

    Raises:
        InputError: it is no text.
    """
    data = raw.data
    if isinstance(data, bytes):
        text, encoding = decode(data, declared=raw.declared or (declared_in(data) if raw.media is Media.HTML else None))
        return hashlib.sha256(data).hexdigest(), text, encoding
    require_text(data)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest(), data, None


class _Own(TypedDict):
    """What a document has of its input beside its text."""

    source: Source
    fields: Mapping[str, object] | None
    text_field: str
    date: str | None
    language: str | None


def _own(raw: Raw) -> _Own:
    return {
        "source": raw.source,
        "fields": raw.fields,
        "text_field": raw.text_field,
        "date": raw.date,
        "language": raw.language,
    }


def clean(text: str | bytes, site: str | None = None) -> Document:
    r"""One text through the default pipeline; see ``Pipeline.clean``.

    >>> clean("Storm hits the coast\n\nAdvertisement 2\n\nThe storm came at night.\n").clean_text
    'Storm hits the coast\n\nThe storm came at night.\n'
    """
    return _default().clean(text, site)


def _assessor(settings: CleanSettings) -> Assessor | None:
    if not settings.rules or settings.evidence.strength is Strength.RULES:
        return None
    from cleaner.evidence.assessor import Assessor

    return Assessor(settings.evidence)


@cache
def _default() -> Pipeline:
    return Pipeline()


def _refuse_endless_line(text: str) -> None:
    if len(text) <= MAX_LINE:
        return
    longest = max(map(len, text.split("\n")))
    if longest > MAX_LINE:
        detail = f"a line of {longest:,} characters is longer than {MAX_LINE:,}; is this text? Split it into lines"
        raise InputError("endless-line", detail)
