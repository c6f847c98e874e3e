"""Node rules: rules about elements of a page, applied to the tree before anything else looks at it.

``NodeRule`` is what packs compile to; ``containers`` are bundled names of widgets, read from ``rules/html/containers.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lxml.cssselect import CSSSelector
from lxml.etree import XPath
from lxml.html import HtmlElement

Selector = Callable[[HtmlElement], Sequence[HtmlElement]]
"""From the root of a page to elements in it."""

_CONTAINERS = ("div", "section", "aside", "ul", "ol", "nav", "header", "footer", "form", "p", "ins", "figure", "details")
_REMEMBERED = 20_000
"""Names whose rule is remembered; then memory begins anew."""
_LARGEST = 0.4
"""Share of a page's text above which a bundled container stays."""


class NodeAction(Enum):
    """What happens to an element."""

    REMOVE = "remove"
    """It goes, with all it holds."""
    KEEP = "keep"
    """What it holds is of the article."""
    BODY = "body"
    """What it holds is the article; nothing else is."""


@dataclass(frozen=True, slots=True)
class NodeRule:
    """A rule about elements.

    Attributes:
        name: full name, ``pack.rule``.
        topic: what kind of thing it is about, e.g. ``"share"``.
        selector: finds the elements; ``compiled`` makes one.
        action: what happens to them.
    """

    name: str
    topic: str
    selector: Selector
    action: NodeAction = NodeAction.REMOVE


@dataclass(frozen=True, slots=True)
class Taken:
    """An element that a rule took, already out of its page.

    Attributes:
        rule: name of the rule.
        topic: its topic.
        element: what was taken.
    """

    rule: str
    topic: str
    element: HtmlElement


def compiled(*, css: str | None = None, xpath: str | None = None) -> Selector:
    """A selector of CSS or of XPath 1.0 (with ``re:`` for EXSLT regular expressions); what is no element is left out.

    Raises:
        ValueError: neither or both are given, or it cannot be read; the text says why.
    """
    if (css is None) == (xpath is None):
        raise ValueError("give css or xpath, and one of them only")
    try:
        if css is not None:
            found: Selector = CSSSelector(css, translator="html")
            return found
        path = XPath(xpath, namespaces={"re": "http://exslt.org/regular-expressions"}, smart_strings=False)
    except (SyntaxError, ValueError) as error:
        raise ValueError(str(error)) from error

    def select(tree: HtmlElement) -> list[HtmlElement]:
        found = path(tree)
        return [one for one in found if isinstance(one, HtmlElement)] if isinstance(found, list) else []

    return select


class Containers:
    """Bundled names of containers that go.

    Args:
        rows: the tables of ``containers.toml``.
    """

    def __init__(self, rows: Sequence[Mapping[str, object]]) -> None:
        self._whole: dict[str, dict[str, tuple[str, str]]] = {"class": {}, "id": {}, "role": {}}
        self._begins: dict[str, dict[str, tuple[str, str]]] = {"class": {}, "id": {}, "role": {}}
        for row in rows:
            for attribute, field in (("class", "classes"), ("id", "ids"), ("role", "roles")):
                names = row.get(field, ())
                for name in names if isinstance(names, list) else ():
                    table = self._begins if name.endswith("*") else self._whole
                    table[attribute][name.rstrip("*")] = (f"containers.{row['name']}", str(row["topic"]))
        self._remembered: dict[str, dict[str, tuple[str, str] | None]] = {"class": {}, "id": {}, "role": {}}

    def found(self, tree: HtmlElement) -> Iterator[tuple[HtmlElement, str, str]]:
        """Elements that are such containers, with the name of the rule and its topic; those inside others too."""
        for element in tree.iter(*_CONTAINERS):
            for attribute in ("class", "id", "role"):
                named = element.get(attribute)
                said = self._said(attribute, named.lower()) if named else None
                if said is not None:
                    yield element, *said
                    break

    def _said(self, attribute: str, named: str) -> tuple[str, str] | None:
        remembered = self._remembered[attribute]
        for name in named.split():
            if name not in remembered:
                if len(remembered) > _REMEMBERED:
                    remembered.clear()
                remembered[name] = self._of_name(attribute, name)
            found = remembered[name]
            if found is not None:
                return found
        return None

    def _of_name(self, attribute: str, name: str) -> tuple[str, str] | None:
        begins = self._begins[attribute]
        ends = range(len(name), 1, -1) if begins else ()
        return self._whole[attribute].get(name) or next((begins[name[:end]] for end in ends if name[:end] in begins), None)


def read_containers(path: Path) -> Containers:
    """The containers of a file."""
    return Containers(tomllib.loads(path.read_text(encoding="utf-8"))["container"])


def take_ruled(tree: HtmlElement, rules: Sequence[NodeRule]) -> list[Taken]:
    """Takes what rules remove out of the page, but for what a rule keeps; in order of the rules."""
    kept = {one for rule in rules if rule.action is not NodeAction.REMOVE for one in rule.selector(tree)}
    held = kept | {above for one in kept for above in one.iterancestors()}
    found: list[Taken] = []
    for rule in rules:
        if rule.action is NodeAction.REMOVE:
            for element in rule.selector(tree):
                if element not in held and element.getparent() is not None:
                    found += _taken(element, rule.name, rule.topic)
    return found


def take_containers(tree: HtmlElement, containers: Containers, held: Sequence[HtmlElement] = ()) -> list[Taken]:
    """Takes bundled containers out of the page; one that holds the headline, much of the text, or an element of ``held`` stays."""
    found: list[Taken] = []
    safe = {above for one in held for above in (one, *one.iterancestors())}
    candidates = list(containers.found(tree))
    if not candidates:
        return found
    most = _LARGEST * _size(tree)
    gone: set[HtmlElement] = set()
    for element, rule, topic in candidates:
        if element in safe or element.getparent() is None or any(above in gone for above in element.iterancestors()):
            continue
        if _size(element) > most or element.find(".//h1") is not None:
            continue
        gone.add(element)
        found += _taken(element, rule, topic)
    return found


def _size(element: HtmlElement) -> int:
    return len(element.text_content())


def _taken(element: HtmlElement, rule: str, topic: str) -> list[Taken]:
    element.drop_tree()
    return [Taken(rule, topic, element)]
