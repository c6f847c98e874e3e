"""HTML to text: the only room that opens lxml and trafilatura.

``Extractor`` takes the article out of a page; ``looks_like_page`` tells a page from plain text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.extract.extractor import Extracted, Extractor

__all__ = ["Extracted", "Extractor", "looks_like_page"]

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,3}<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_BREAK = re.compile(
    r"</(?:p|div|h[1-6]|li|blockquote|figure|section|article|table)\s*>|<br\s*/?>|<p(?:\s[^<>]{0,200})?>", re.IGNORECASE
)
"""A tag that ends or begins a line of the layout."""
_FIRST = re.compile(
    r"\s*<(?:p|div|h[1-6]|[uo]l|blockquote|figure|section|article|table|img|span|strong|em|b|i|a)[\s>/]", re.IGNORECASE
)
HEAD = 20_000
"""Characters of a text in which tags are looked for."""


def looks_like_page(text: str) -> bool:
    r"""Whether a text is HTML, whatever its name says: a whole page, or the part of one that a field of a record often holds.

    A part holds tags that break lines. It begins with a tag, or such tags are at least as many as its lines: an article that shows
    some HTML is plain text, and so are paragraphs in lines of their own with links in them, for HTML knows no line ends.

    >>> looks_like_page("<!DOCTYPE html><html><body>Hi</body></html>"), looks_like_page("The <html> tag is old.")
    (True, False)
    >>> looks_like_page("<p>Storm hits.</p><p>It rained.</p>"), looks_like_page("Storm hits.<br><br>It rained.<br><br>It ends.")
    (True, True)
    >>> looks_like_page("Write <p> before,\nand </p> behind,\nso that browsers know."), looks_like_page("<b>Storm</b>\nIt rained.")
    (False, False)
    """
    if "<" not in text:
        return False
    head = text[:HEAD]
    if _PAGE.match(head) is not None:
        return True
    breaks, lines = len(_BREAK.findall(head)), sum(not line.isspace() for line in head.splitlines() if line)
    return breaks >= max(2, lines / 2) if _FIRST.match(head) else breaks >= max(4, lines)


def __getattr__(name: str) -> object:
    if name in ("Extractor", "Extracted"):
        from cleaner.extract import extractor

        return getattr(extractor, name)
    raise AttributeError(name)
