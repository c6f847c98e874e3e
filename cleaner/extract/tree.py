"""HTML to a tree, within limits: a door to lxml.

What is beyond a limit is refused before anything recursive touches it: libxml2 cannot be stopped from Python once it works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from cleaner.errors import InputError

MAX_CHARS = 10_000_000
"""Code points of a page; the largest of 5,000 news pages had one million."""
MAX_DEPTH = 400
"""Elements within elements. What copies, writes or frees a tree in C does so recursively; a browser stops at 512."""
MAX_ELEMENTS = 60_000
"""Elements of a page, scripts and the like apart; the largest of 500 news pages had 20,000."""

DEAD = (
    *("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "applet", "audio", "video", "canvas", "map"),
    *("select", "option", "datalist", "button", "input", "textarea", "link", "meta", "source", "track", "dialog", "progress"),
    *("meter", "head", "noframes", "frameset", "frame", "amp-ad", "amp-analytics", "amp-iframe", "amp-consent"),
)
"""Elements that hold nothing to read."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}>")


def parsed(html: str) -> HtmlElement:
    """The tree of a page, with everything that it holds.

    Raises:
        InputError: ``page-too-large``: the limit is passed; ``no-article``: there is no element at all.
    """
    if len(html) > MAX_CHARS:
        detail = f"a page of {len(html):,} characters is longer than {MAX_CHARS:,}; is this one news page?"
        raise InputError("page-too-large", detail)
    text = _DECLARATION.sub("", _FORBIDDEN.sub("", html), count=1)
    if not text.strip():
        raise InputError("no-article", "the page is empty")
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        tree: HtmlElement = document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, ValueError, AssertionError) as error:
        raise InputError("no-article", f"this is no HTML that can be read ({error})") from error
    return tree


def strip_dead(tree: HtmlElement) -> None:
    """Takes away what holds nothing to read."""
    etree.strip_elements(tree, *DEAD, with_tail=False)


def walk(tree: HtmlElement) -> Iterator[tuple[bool, HtmlElement]]:
    """Every element in document order, twice: True where it begins, False where it ends; not recursive.

    Raises:
        InputError: ``page-too-deep`` or ``page-too-complex``: a limit is passed.
    """
    depth = count = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            depth += 1
            count += 1
            if depth > MAX_DEPTH:
                detail = f"elements stand more than {MAX_DEPTH} deep in one another, as no browser would show them"
                raise InputError("page-too-deep", detail)
            if count > MAX_ELEMENTS:
                raise InputError("page-too-complex", f"the page has more than {MAX_ELEMENTS:,} elements; is this one news page?")
            yield True, element
        else:
            depth -= 1
            yield False, element
