"""A rule about elements of pages against small pieces of HTML: what it leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cleaner.errors import InputError
from cleaner.extract.tree import parsed
from cleaner.rules.model import Rule
from cleaner.rules.selectors import NotTried, Selector, compiled

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def left_by(rule: Rule) -> Callable[[str], str]:
    """What one rule, alone and on any site, leaves of a piece of HTML; of all kinds but ``node``, what it does not speak for.

    A piece of which it finds nothing is left as it is; of others the text is left that stands in no element it finds.

    Raises:
        ValueError: a selector of it cannot be read.

    >>> from cleaner.rules.model import Action, Kind, Selection
    >>> left = left_by(Rule("p", "box", "A box", Kind.NODE, Action.REMOVE, "ad", select=Selection(css=(".ad",))))
    >>> left('<p class="ad">Buy</p>'), left('<p class="ad">Buy</p><p>Read</p>'), left("<p>Read</p>")
    ('', 'Read', '<p>Read</p>')
    """
    select = rule.select
    selectors = [*(compiled(css=one) for one in select.css), *(compiled(xpath=one) for one in select.xpath)]

    def left(example: str) -> str:
        try:
            tree = parsed(example)
            return _of_metadata(tree, selectors, example) if rule.kind.of_metadata else _of_elements(tree, selectors, example)
        except (InputError, NotTried):
            return example

    return left


def _of_metadata(tree: HtmlElement, selectors: list[Selector], example: str) -> str:
    return "" if any(one.values(tree) for one in selectors) else example


def _of_elements(tree: HtmlElement, selectors: list[Selector], example: str) -> str:
    found = [element for one in selectors for element in one(tree)]
    if not found:
        return example
    for element in found:
        if element is tree:
            return ""
        if element.getparent() is not None:
            element.drop_tree()
    return " ".join(tree.text_content().split())
