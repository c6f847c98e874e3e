"""What a page says of itself: JSON-LD, OpenGraph and other meta elements; read before the scripts are taken away."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml.html import HtmlElement

_LONGEST_SCRIPT = 2_000_000
"""Characters of a JSON-LD script above which it is not read."""
_MOST_NODES = 20_000
"""JSON values of one script that are looked at."""
_TAG = re.compile(r"<[^<>]{0,1000}>")
ARTICLES = (
    "Article",
    "NewsArticle",
    "ReportageNewsArticle",
    "BlogPosting",
    "LiveBlogPosting",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
)
"""Types of schema.org that are articles; any type that ends in Article or Posting counts as well."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a page says of itself.

    Attributes:
        objects: every object of its JSON-LD, nested ones too, in order.
        metas: name or property in lower case -> contents, in order.
        title: of the title element.
        language: of the html element, as it stands.
        links: rel -> href, the first of each.
    """

    objects: tuple[Mapping[str, Any], ...]
    metas: Mapping[str, tuple[str, ...]]
    title: str
    language: str
    links: Mapping[str, str]

    def meta(self, *names: str) -> str:
        """The first content that is not empty of the first of these names that has one."""
        return next((one for name in names for one in self.metas.get(name, ()) if one), "")

    def articles(self) -> Iterator[Mapping[str, Any]]:
        """The objects that are articles."""
        for one in self.objects:
            kinds = one.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str) and (kind in ARTICLES or kind.endswith(("Article", "Posting"))):
                    yield one
                    break

    def with_title(self, title: str) -> Declared:
        """The same of a page that also calls this its title."""
        return replace(self, metas={**self.metas, "title": (title, *self.metas.get("title", ()))})

    def article_body(self) -> str:
        """The longest text that the page's JSON-LD calls the body of its article; empty without one."""
        bodies = (one.get("articleBody") for one in self.objects)
        body = max((one for one in bodies if isinstance(one, str)), key=len, default="")
        return html.unescape(_TAG.sub(" ", body)) if "<" in body or "&" in body else body

    def titles(self) -> list[str]:
        """All that the page calls its title."""
        found = [*self.metas.get("og:title", ()), *self.metas.get("twitter:title", ()), *self.metas.get("title", ()), self.title]
        found += [one["headline"] for one in self.objects if isinstance(one.get("headline"), str)]
        return [one for one in found if one.strip()]

    def descriptions(self) -> list[str]:
        """All that the page calls its description."""
        return [
            one for name in ("og:description", "description", "twitter:description") for one in self.metas.get(name, ()) if one
        ]


def declared_in(tree: HtmlElement) -> Declared:
    """What the page says of itself."""
    objects: list[Mapping[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            objects += _objects(script.text)
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name:
            metas.setdefault(name.strip().lower(), []).append((meta.get("content") or "").strip())
    links: dict[str, str] = {}
    for link in tree.iter("link"):
        if link.get("rel") and link.get("href"):
            links.setdefault(link.get("rel", "").lower(), link.get("href", "").strip())
    title = next((one.text_content() for one in tree.iter("title")), "")
    return Declared(
        tuple(objects),
        {name: tuple(values) for name, values in metas.items()},
        " ".join(title.split()),
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang") or "",
        links,
    )


def _objects(text: str) -> list[Mapping[str, Any]]:
    """All objects of a script, nested ones too; none when it is no JSON."""
    if len(text) > _LONGEST_SCRIPT:
        return []
    try:
        waiting: list[Any] = [json.loads(text.strip().removeprefix("<![CDATA[").removesuffix("]]>"), strict=False)]
    except (ValueError, RecursionError):
        return []
    found: list[Mapping[str, Any]] = []
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        one = waiting.pop()
        if isinstance(one, dict):
            found.append(one)
            waiting.extend(value for value in reversed(one.values()) if isinstance(value, dict | list))
        elif isinstance(one, list):
            waiting.extend(value for value in reversed(one) if isinstance(value, dict | list))
    return found
