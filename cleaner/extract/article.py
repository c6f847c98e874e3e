"""The text of a part that is all article: the door to trafilatura, which knows headings, lists, tables and white space."""

from __future__ import annotations

from lxml.html import HtmlElement

from cleaner.extract.settings import ExtractSettings


def text_of(page: HtmlElement, settings: ExtractSettings) -> str:
    """The text of a page made by ``cut_out``: one line a paragraph, or Markdown; empty when trafilatura finds nothing to read.

    ``deduplicate`` stays off: it remembers pages process-wide, so the fifth identical page would come out shorter. ``fast`` saves its
    comparison with other algorithms, which are there to find the article: here it is found.
    """
    import trafilatura

    text = trafilatura.extract(
        page,
        output_format="markdown" if settings.markdown else "txt",
        include_comments=False,
        include_tables=True,
        include_links=settings.markdown,
        include_formatting=settings.markdown,
        deduplicate=False,
        fast=True,
    )
    return text or ""
