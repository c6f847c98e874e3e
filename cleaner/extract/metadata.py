"""Title, author, date and the like: what the page declares, and what trafilatura finds where it declares nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from cleaner.extract.declared import Declared

FIELDS = ("title", "author", "date", "language", "site", "url", "tags", "image", "description")
"""What is told of a page, in this order; fields that are not known are left out."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})*$")
_LONGEST = 1000
_MOST_TAGS = 50


def metadata_of(declared: Declared, headline: str, url: str | None) -> dict[str, Any]:
    """What the page declares of itself.

    Args:
        declared: by the page.
        headline: the headline that its text shows, or empty.
        url: where the page was found, if that is known.
    """
    article = next(declared.articles(), {})
    meta = declared.meta
    address = _address(declared.links.get("canonical") or meta("og:url") or _text(article.get("url")), url) or url or ""
    site = meta("og:site_name", "application-name") or _name(article.get("publisher")) or (urlsplit(address).hostname or "")
    found: dict[str, Any] = {
        "title": _text(article.get("headline"))
        or meta("og:title", "twitter:title", "title", "dc.title")
        or headline
        or declared.title,
        "author": _names(article.get("author"))
        or _person(meta("author", "article:author", "dc.creator", "parsely-author", "byl")),
        "date": _date(article.get("datePublished"))
        or _date(meta("article:published_time", "datepublished", "date", "dc.date", "pubdate", "parsely-pub-date")),
        "language": _language(_text(article.get("inLanguage")) or declared.language or meta("og:locale", "language")),
        "site": site,
        "url": address,
        "tags": _tags(declared, article),
        "image": _address(meta("og:image", "twitter:image") or _image(article.get("image")), address or url),
        "description": meta("og:description", "description") or _text(article.get("description")),
    }
    return told(found)


def incomplete(found: Mapping[str, Any]) -> bool:
    """Whether title, author or date are missing."""
    return not all(field in found for field in ("title", "author", "date"))


def completed(found: Mapping[str, Any], tree: HtmlElement, url: str | None) -> dict[str, Any]:
    """The same with what trafilatura finds on the page where title, author or date are missing.

    Args:
        found: what the page declares.
        tree: the whole page, scripts and all; it stays as it is.
        url: where the page was found, if that is known.
    """
    if not incomplete(found):
        return dict(found)
    from trafilatura.metadata import extract_metadata

    try:
        seen = extract_metadata(tree, url, None, extensive=False)
    except Exception:  # noqa: BLE001  # a page must not fail for a date; trafilatura's readers raise many kinds
        return dict(found)
    more = {"title": seen.title, "author": seen.author, "date": seen.date, "language": seen.language, "site": seen.sitename}
    return told({field: found.get(field) or more.get(field) for field in FIELDS})


def with_found(known: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, Any]:
    """The same with what rules of the site find instead; a date that is not ISO 8601 is left as it was.

    >>> with_found({"title": "Storm | Gull", "date": "2024-03-02"}, {"title": "Storm", "date": "yesterday"})
    {'title': 'Storm', 'date': '2024-03-02'}
    """
    if not found:
        return dict(known)
    better = {**found, "author": _person(found.get("author", "")), "date": _date(found.get("date"))}
    return told({**known, **{field: value for field, value in better.items() if value}})


def told(found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are known, in order, white space made one blank.

    >>> told({"date": "2024-03-02", "title": " Storm  hits ", "author": None})
    {'title': 'Storm hits', 'date': '2024-03-02'}
    """
    clean = {field: _clean(found.get(field)) for field in FIELDS}
    return {field: value for field, value in clean.items() if value}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(html.unescape(value).split())[:_LONGEST]
    if isinstance(value, list | tuple):
        return list(dict.fromkeys(filter(None, map(_clean, value))))[:_MOST_TAGS]
    return None


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """The name of a person or an organisation of JSON-LD."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("name")
    return _text(value)


def _names(value: Any) -> str:
    people = value if isinstance(value, list) else [value]
    return "; ".join(dict.fromkeys(name for one in people if (name := _person(_name(one)))))


def _person(name: str) -> str:
    """A name, if it is one: some pages give an address."""
    return "" if name.startswith(("http://", "https://", "@")) else " ".join(name.split())


def _date(value: Any) -> str:
    """ISO 8601, or nothing."""
    found = _DATE.match(_text(value).strip())
    return found[0] if found else ""


def _language(value: str) -> str:
    """A code such as ``en`` or ``pt-BR``."""
    return value.strip().replace("_", "-") if _LANGUAGE.match(value.strip()) else ""


def _tags(declared: Declared, article: Mapping[str, Any]) -> list[str]:
    given = list(declared.metas.get("article:tag", ()))
    keywords = article.get("keywords") or declared.meta("news_keywords", "keywords")
    parts = keywords if isinstance(keywords, list) else _text(keywords).split(",")
    return [*given, *(one.strip() for one in parts if isinstance(one, str))]


def _image(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("url")
    return _text(value)


def _address(value: str, base: str | None) -> str:
    """An absolute address, or nothing."""
    try:
        whole = urljoin(base, value.strip()) if base else value.strip()
        return whole if value and urlsplit(whole).scheme in ("http", "https") else ""
    except ValueError:
        return ""
