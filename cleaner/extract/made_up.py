"""The smallest piece of HTML in which a selector finds something, made of the selector itself; and one in which it finds nothing.

Only what is plain is made: tags, classes, ids, attributes, one element in or behind another. Whoever uses the pieces must try them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

WORDS = "Words of this page"
_VOID = frozenset(["img", "meta", "input", "br", "hr", "link", "source", "embed"])
_STEP = re.compile(r"(?P<name>\*|[A-Za-z][\w-]*)?(?P<rest>(?:\[.*\])?)$")
_LITERAL = r"""(?:'([^']*)'|"([^"]*)")"""
_EQUALS = re.compile(rf"@([\w-]+)\s*=\s*{_LITERAL}")
_HOLDS = re.compile(
    rf"(?:contains|starts-with)\(\s*(?:concat\([^@]*)?(?:normalize-space\(\s*)?@([\w-]+)[^'\"]*(?:['\"]\s*['\"]\s*\)\s*)?,\s*{_LITERAL}"
)
_SAYS = re.compile(rf"contains\(\s*(?:\.|text\(\))\s*,\s*{_LITERAL}")
_HAS = re.compile(r"@([\w-]+)\s*(?:\]|and\b|or\b|$)")


@dataclass(slots=True)
class _Made:
    """An element.

    Attributes:
        tag: its name.
        attributes: of it; classes are one of them.
        words: what it says.
        inside: whether the next stands in it, and not behind it.
    """

    tag: str = "div"
    attributes: dict[str, str] = field(default_factory=dict)
    words: str = WORDS
    inside: bool = True

    def add(self, name: str, value: str) -> None:
        """Adds an attribute; of classes, one more."""
        old = self.attributes.get(name, "")
        self.attributes[name] = f"{old} {value}".strip() if name == "class" else value

    def opened(self) -> str:
        """Its start tag."""
        return f"<{self.tag}" + "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items()) + ">"


def matching(css: str | None, xpath: str | None) -> str | None:
    """A piece of HTML in which a selector should find its last element; None when it is too involved.

    >>> print(matching("main > .promo a[rel=nofollow]", None))
    <main><div class="promo"><a rel="nofollow">Words of this page</a></div></main>
    >>> print(matching(None, "//div[contains(@class, 'share')]/p[1]"))
    <div class="share"><p>Words of this page</p></div>
    """
    chain = _of_css(css) if css is not None else _of_xpath(xpath or "")
    return _written(chain) if chain else None


def near_misses(css: str | None, xpath: str | None) -> Iterator[str]:
    """Pieces of HTML that look alike, and in which a selector may find nothing."""
    chain = _of_css(css) if css is not None else _of_xpath(xpath or "")
    if chain:
        last = chain[-1]
        for name in last.attributes:
            changed = {**last.attributes, name: "article-text"}
            yield _written([*chain[:-1], _Made(last.tag, changed, "A sentence that stays.")])
        yield _written([_Made(last.tag, {}, "A sentence that stays.")])
    yield "<p>A sentence that stays.</p>"


def _written(chain: list[_Made]) -> str:
    before, after = "", ""
    for number, one in enumerate(chain):
        if number == len(chain) - 1:
            inner = "" if one.tag in _VOID else f"{escape(one.words)}</{one.tag}>"
            return before + one.opened() + inner + after
        before += one.opened()
        if one.inside:
            after = f"</{one.tag}>" + after
        elif one.tag not in _VOID:
            before += f"</{one.tag}>"
    return before + after


def _of_css(css: str) -> list[_Made]:
    from cssselect import SelectorError, parse
    from cssselect.parser import CombinedSelector

    try:
        tree: Any = parse(css)[0].parsed_tree
    except (SelectorError, RecursionError):
        return []
    chain: list[_Made] = []
    inside = True
    while True:
        combined = isinstance(tree, CombinedSelector)
        made = _compound(tree.subselector if combined else tree)
        made.inside = inside
        chain.insert(0, made)
        if not combined:
            return chain
        inside = tree.combinator in (" ", ">")
        tree = tree.selector


def _compound(tree: Any) -> _Made:
    from cssselect.parser import Attrib, Class, Element, Hash

    made = _Made()
    names: list[tuple[str, str]] = []
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            names.append(("class", tree.class_name))
        elif isinstance(tree, Hash):
            names.append(("id", tree.id))
        elif isinstance(tree, Attrib):
            names.append((tree.attrib, (tree.value.value if tree.value is not None else None) or "x"))
        tree = tree.selector
    made.tag = tree.element or "div"
    for name, value in reversed(names):
        made.add(name, value)
    return made


def _of_xpath(xpath: str) -> list[_Made]:
    path = re.split(r"(?<=[^\s|])\s*\|\s*(?=/)", xpath)[0].strip()
    asked = re.search(r"/@([\w-]+)$", path)
    path = path[: asked.start()] if asked else path
    if not path.startswith("/"):
        return []
    chain: list[_Made] = []
    for step in _steps(path):
        found = _STEP.match(step)
        if found is None:
            return []
        chain.append(_from_predicates(found["name"] or "*", found["rest"]))
    if asked and chain:
        chain[-1].attributes.setdefault(asked[1], "2024-03-02" if asked[1] == "datetime" else WORDS)
    return [one for one in chain if one.tag != "html"]


def _steps(path: str) -> Iterator[str]:
    """The steps of a path, cut at its slashes outside of brackets."""
    depth, step = 0, ""
    for sign in path:
        depth += (sign in "[(") - (sign in "])")
        if sign == "/" and not depth:
            if step:
                yield step
            step = ""
        else:
            step += sign
    if step:
        yield step


def _from_predicates(name: str, rest: str) -> _Made:
    made = _Made("div" if name == "*" else name.lower())
    first = re.split(r"\bor\b", rest)[0]
    for found in _EQUALS.finditer(first):
        made.add(found[1], found[2] or found[3] or "")
    for found in _HOLDS.finditer(first):
        made.add(found[1], (found[2] or found[3] or "").strip())
    for found in _SAYS.finditer(first):
        made.words = found[1] or found[2]
    for found in _HAS.finditer(first):
        if found[1] not in made.attributes:
            made.add(found[1], "https://a.example/" if found[1] in ("href", "src") else "x")
    return made
