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


def looks_like_page(text: str) -> bool:
    """Whether a text is a whole HTML page, whatever its name says.

    >>> looks_like_page("<!DOCTYPE html><html><body>Hi</body></html>"), looks_like_page("The <html> tag is old.")
    (True, False)
    """
    return _PAGE.match(text[:5000]) is not None


def __getattr__(name: str) -> object:
    if name in ("Extractor", "Extracted"):
        from cleaner.extract import extractor

        return getattr(extractor, name)
    raise AttributeError(name)
