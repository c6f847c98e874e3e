"""CSS selectors and XPath that find elements of a page: vetted, bounded, and compiled when they are first asked.

A door to lxml. What is refused: functions that XPath 1.0 does not have (``document()``, and EXSLT's regular expressions, which
backtrack), variables, namespaces. What is bounded: axes that look at every other element. libxml2 cannot be stopped once it works, and
``//li/following-sibling::li`` takes it six seconds on a list of 3,000, so such steps are walked here, one element after the other, up to
a number of results; and predicates that look across the page are tried only on pages of a stated size. Both depend on the page alone,
never on a clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cleaner.rules.xpath import Marks, steps

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST = 2_000
"""Characters of a selector above which it is refused."""
LARGEST_PAGE = 10_000
"""Elements of a page above which predicates that look across it are not tried; at this size the worst takes two seconds."""
MOST_RESULTS = 200_000
"""Elements that one step may come upon."""
MOST_LOOKS = 50_000_000
"""Elements from which a step across the page starts, times the elements of the page: half a second."""

_BY_ID = re.compile(r"(^|[|(]\s*)id\(\s*('[^']*'|\"[^\"]*\")\s*\)")
_NOT_SEVERAL = re.compile(r":not\(([^()\[\]'\"]*,[^()\[\]'\"]*)\)")


class NotTried(Exception):  # noqa: N818  # no error: the page is cleaned without this selector
    """A selector is not tried on a page, or fails on it; the text says why."""


class Selector:
    """A CSS selector or an XPath expression, ready to be asked; called with the root of a page it gives its elements.

    Args:
        source: what was written.
        paths: XPath of each alternative, in steps: of each step the paths that one element after the other is asked.
        heavy: whether a predicate looks across the page.
    """

    __slots__ = ("_compiled", "_heavy", "_paths", "source")

    def __init__(self, source: str, paths: Sequence[Sequence[str]], *, heavy: bool) -> None:
        self.source = source
        self._heavy = heavy
        self._paths = paths
        self._compiled = [[_xpath(step) for step in path] for path in paths]

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """The elements it finds, in order of the page within each alternative.

        Raises:
            NotTried: the page is too large for it.
        """
        return [one for one in self._found(tree) if _is_element(one)]

    def values(self, tree: HtmlElement) -> list[str]:
        """The texts of what it finds, white space made one blank: of elements, attributes, or what a function gives; none empty.

        Raises:
            NotTried: the page is too large for it.
        """
        texts = (one if isinstance(one, str) else one.text_content() for one in self._found(tree))
        return [text for text in (" ".join(one.split()) for one in texts) if text]

    def _found(self, tree: HtmlElement) -> list[Any]:
        from lxml.etree import XPathError

        across = self._heavy or any(len(path) > 1 for path in self._compiled)
        size = sum(1 for _ in tree.iter()) if across else 0
        if self._heavy and size > LARGEST_PAGE:
            raise NotTried(f"a page of more than {LARGEST_PAGE:,} elements")
        found: dict[Any, None] = {}
        for path in self._compiled:
            here: list[Any] = [tree]
            for number, step in enumerate(path):
                if number and len(here) * size > MOST_LOOKS:
                    raise NotTried(f"a step across a page of {size:,} elements from {len(here):,} of them")
                try:
                    here = _each(step, here)
                except XPathError as error:
                    raise NotTried(str(error)) from error
            found.update(dict.fromkeys(here))
        return list(found)


def _each(step: Any, elements: Sequence[Any]) -> list[Any]:
    """What a step finds from each of some elements, once each."""
    found: dict[Any, None] = {}
    come_upon = 0
    for element in elements:
        if not _is_element(element):
            continue
        result = step(element)
        results = result if isinstance(result, list) else [result] if isinstance(result, str) else []
        found.update(dict.fromkeys(one for one in results if isinstance(one, str) or _is_element(one)))
        come_upon += len(results)
        if come_upon > MOST_RESULTS:
            raise NotTried(f"more than {MOST_RESULTS:,} elements come upon")
    return list(found)


def _is_element(one: object) -> bool:
    """Whether it is an element, and neither a text nor a comment."""
    return isinstance(getattr(one, "tag", None), str)


def _xpath(path: str) -> Any:
    from lxml.etree import XPath

    return XPath(path, smart_strings=False, regexp=False)


def compiled(*, css: str | None = None, xpath: str | None = None) -> Selector:
    """A selector of CSS, or of XPath 1.0.

    Raises:
        ValueError: neither or both are given, it cannot be read, or it is refused; the text says why.
    """
    if (css is None) == (xpath is None):
        raise ValueError("give css or xpath, and one of them only")
    source = (css if css is not None else xpath or "").strip()
    if len(source) > LONGEST:
        raise ValueError(f"a selector of {len(source):,} characters is longer than {LONGEST:,}")
    path = _of_css(source) if css is not None else _BY_ID.sub(r"\1//*[@id=\2]", source)
    marks = Marks(path)
    if fault := marks.fault():
        raise ValueError(fault)
    try:
        return Selector(source, [list(steps(one)) for one in marks.alternatives()], heavy=marks.looks_across())
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"cannot be read: {error}") from error


def fault_in(*, css: str | None = None, xpath: str | None = None) -> str | None:
    """Why a selector cannot be used, or None.

    >>> fault_in(css="div.share"), fault_in(xpath="document('a')")
    (None, 'document() is no function of XPath 1.0')
    """
    try:
        compiled(css=css, xpath=xpath)
    except ValueError as error:
        return str(error)
    return None


def _of_css(css: str) -> str:
    """XPath of CSS.

    Raises:
        ValueError: it cannot be read.
    """
    from cssselect import HTMLTranslator, SelectorError

    # cssselect reads one selector in :not(), browsers a list.
    plain = _NOT_SEVERAL.sub(lambda found: "".join(f":not({one.strip()})" for one in found[1].split(",")), css)
    try:
        return HTMLTranslator().css_to_xpath(plain)
    except SelectorError as error:
        raise ValueError(f"cannot be read: {error}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
