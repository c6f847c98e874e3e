"""What extraction decides."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SECONDS = 60.0
"""How long a page may take; the slowest within the limits of ``tree`` take three."""


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """How an article is taken out of a page.

    Attributes:
        fast: blocks are chosen by their weights alone; trafilatura is not asked.
        markdown: the text keeps headings, lists, links, tables, quotations as Markdown.
        captions: what stands under pictures stays.
        tables: tables in the article stay, whatever the weights say of their cells.
        comments: readers' comments are put below the article.
        metadata: title, author, date and the like are read.
        left_out: what is left out is told.
        max_seconds: a page that takes longer is stopped, where a run sees to it; 0: none is.
    """

    fast: bool = False
    markdown: bool = False
    captions: bool = False
    tables: bool = False
    comments: bool = False
    metadata: bool = True
    left_out: bool = True
    max_seconds: float = MAX_SECONDS
