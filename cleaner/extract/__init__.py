"""HTML to text: the only door to trafilatura."""

from __future__ import annotations

import re

from cleaner.errors import InputError

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,3}<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)


def looks_like_page(text: str) -> bool:
    """Whether a text is a whole HTML page, whatever its name says.

    >>> looks_like_page("<!DOCTYPE html><html><body>Hi</body></html>"), looks_like_page("The <html> tag is old.")
    (True, False)
    """
    return _PAGE.match(text[:5000]) is not None


def extract(html: str) -> str:
    """The main text of a page, one line a paragraph, without comments and page furniture.

    ``deduplicate`` stays off: it remembers pages process-wide, so the fifth identical page would come out shorter.

    Raises:
        InputError: ``no-article`` when nothing that reads like an article is found.
    """
    import trafilatura

    text = trafilatura.extract(html, favor_precision=True, include_comments=False, include_tables=True, deduplicate=False)
    if not text or not text.strip():
        raise InputError(
            "no-article", "no article text was found in this HTML page; is it a page that needs JavaScript or a login?"
        )
    return text.removesuffix("\n") + "\n"
