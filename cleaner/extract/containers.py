"""Bundled names of widgets and the like, read from ``rules/html/containers.toml``: what they name goes with all it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lxml.html import HtmlElement

from cleaner.extract.nodes import Taken, taken

_CONTAINERS = ("div", "section", "aside", "ul", "ol", "nav", "header", "footer", "form", "p", "ins", "figure", "details")
_REMEMBERED = 20_000
"""Names whose rule is remembered; then memory begins anew."""
_LARGEST = 0.4
"""Share of a page's text above which a bundled container stays."""


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


def take_containers(
    tree: HtmlElement, containers: Containers, held: Sequence[HtmlElement] = (), whole: Sequence[HtmlElement] = ()
) -> list[Taken]:
    """Takes bundled containers out of the page; one that holds the headline or much of the text stays.

    Args:
        tree: the page.
        containers: their names.
        held: what holds an element of these stays.
        whole: the same, and what stands in an element of these stays too.
    """
    found: list[Taken] = []
    safe = {above for one in (*held, *whole) for above in (one, *one.iterancestors())}
    within = frozenset(whole)
    candidates = list(containers.found(tree))
    if not candidates:
        return found
    most = _LARGEST * _size(tree)
    gone: set[HtmlElement] = set()
    for element, rule, topic in candidates:
        if element in safe or element.getparent() is None or any(above in gone for above in element.iterancestors()):
            continue
        if within and any(above in within for above in element.iterancestors()):
            continue
        if _size(element) > most or element.find(".//h1") is not None:
            continue
        gone.add(element)
        found.append(taken(element, rule, topic))
    return found


def _size(element: HtmlElement) -> int:
    return len(element.text_content())
