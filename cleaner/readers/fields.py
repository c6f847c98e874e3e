"""Which field of a record holds what: as it was said, else by the names that fields commonly have.

Names are compared without case, blanks, hyphens and underscores, so ``articleBody`` and ``Article body`` are one. Where several fields
could be meant, the order below decides, never the order in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cleaner.document import Media, Raw, Source
from cleaner.errors import InputError
from cleaner.readers.options import ReadOptions

TEXT = (
    "text", "fulltext", "articletext", "articlebody", "maintext", "plaintext", "rawtext", "bodytext", "contenttext", "body", "content",
    "article", "story", "document",
)  # fmt: skip
HTML = ("html", "rawhtml", "pagehtml", "bodyhtml", "contenthtml", "articlehtml", "htmlcontent", "htmlbody", "sourcehtml")
ID = ("id", "docid", "documentid", "articleid", "recordid", "uuid", "guid", "warcrecordid")
URL = ("url", "link", "uri", "articleurl", "pageurl", "sourceurl", "canonicalurl", "permalink", "href", "warctargeturi")
DATE = (
    "date", "published", "publishedat", "datepublished", "publishdate", "publicationdate", "publisheddate", "pubdate", "dateline",
    "createdat", "timestamp", "warcdate",
)  # fmt: skip
LANGUAGE = ("language", "lang", "languagecode", "langcode", "inlanguage", "locale")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the fields that hold something of their own; None: there is no such field."""

    text: str | None
    html: str | None
    id: str | None
    url: str | None
    date: str | None
    language: str | None

    @property
    def readable(self) -> bool:
        """Whether there is anything to clean."""
        return self.text is not None or self.html is not None


def columns_of(names: Iterable[str], wordy: Iterable[str], options: ReadOptions) -> Columns:
    """The fields of a record or a table.

    Args:
        names: all of them.
        wordy: those that can hold text.
        options: which were said.

    >>> columns_of(["ID", "Article Body", "link"], ["Article Body", "link"], ReadOptions())
    Columns(text='Article Body', html=None, id='ID', url='link', date=None, language=None)
    >>> columns_of(["text"], ["text"], ReadOptions(html_field="text")).text is None
    True
    """
    every, wordy = _folded(names), _folded(name for name in wordy if name != options.html_field)
    return Columns(
        options.text_field or _first(TEXT, wordy),
        options.html_field or (_first(HTML, wordy) if options.text_field is None else None),
        options.id_field or _first(ID, every),
        options.url_field or _first(URL, every),
        options.date_field or _first(DATE, every),
        options.language_field or _first(LANGUAGE, every),
    )


def fold_name(name: str) -> str:
    """A name by which fields are known.

    >>> fold_name("Full_Text")
    'fulltext'
    """
    return "".join(sign for sign in name.casefold() if sign not in " -_")


def raw_of(record: Mapping[str, object], source: Source, columns: Columns, options: ReadOptions, size: int) -> Raw:
    """The document of a record: its text; without any, its HTML page.

    Args:
        record: all fields.
        source: where it stands, with a made-up id.
        columns: which field is which.
        options: how inputs are read.
        size: bytes of the whole record.

    Raises:
        InputError: ``no-text``.
    """
    text = _words(record, columns.text)
    page = _words(record, columns.html)
    data, media = (page, Media.HTML) if page and page.strip() and not (text and text.strip()) else (text, Media.TEXT)
    if data is None:
        raise no_text(record, columns)
    own = _plain(record, columns.id)
    if isinstance(own, str | int | float) and not isinstance(own, bool):
        source = Source(source.input, source.record, own)
    url = _plain(record, columns.url)
    return Raw(
        source,
        data,
        media,
        site=options.site or (url if isinstance(url, str) and url else None),
        own_url=not options.site,
        fields=_without_page(record, columns, options) if options.drop_html else record,
        text_field=columns.text or "text",
        date=_said(_plain(record, columns.date)),
        language=_said(_plain(record, columns.language)),
        size=size,
    )


def _without_page(record: Mapping[str, object], columns: Columns, options: ReadOptions) -> Mapping[str, object]:
    """The record without the field for pages, whether there is one in it or not; the field for text stays, whatever it holds."""
    named = options.html_field
    pages = (name for name in record if name == (named or columns.html) or (named is None and fold_name(name) in HTML))
    gone = frozenset(name for name in pages if name != columns.text)
    return {name: value for name, value in record.items() if name not in gone}


def no_text(names: Iterable[str], columns: Columns) -> InputError:
    """Why a record, or a table, has nothing to clean."""
    names = list(names)
    shown = ", ".join(sorted(names)[:8]) or "no fields"
    field = columns.text or columns.html
    if field is None:
        why = "no field with text is called text, content, body or the like"
    else:
        why = f'the field "{field}" ' + ("is missing" if field not in names else "holds no text")
    return InputError("no-text", f"{why}; the record has: {shown}; --text-field (or --html-field) names another")


def _folded(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(fold_name(name), name)
    return found


def _first(common: Iterable[str], names: Mapping[str, str]) -> str | None:
    return next((names[name] for name in common if name in names), None)


def _words(record: Mapping[str, object], field: str | None) -> str | bytes | None:
    value = record.get(field) if field is not None else None
    return value if isinstance(value, str | bytes) else None


def _plain(record: Mapping[str, object], field: str | None) -> object:
    return record.get(field) if field is not None else None


def _said(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" else None
