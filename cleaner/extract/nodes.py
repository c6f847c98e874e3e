"""Node rules: rules about elements of a page, applied to the tree before anything else looks at it.

``NodeRule`` is what packs compile to (``ruled``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from lxml.html import HtmlElement

from cleaner.rules.selectors import NotTried, Selector

_log = logging.getLogger(__name__)


class NodeAction(Enum):
    """What happens to an element."""

    REMOVE = "remove"
    """It goes, with all it holds."""
    FLAG = "flag"
    """What it holds is flagged where it stands in the text."""
    KEEP = "keep"
    """What it holds is of the article."""
    BODY = "body"
    """It holds the article; nothing else is of it. Of several rules the first that finds anything counts."""
    TITLE = "title"
    """It tells the title. Of several rules the first that finds anything counts; so it is with those below."""
    AUTHOR = "author"
    DATE = "date"


_METADATA = (NodeAction.TITLE, NodeAction.AUTHOR, NodeAction.DATE)


@dataclass(frozen=True, slots=True)
class NodeRule:
    """A rule about elements.

    Attributes:
        name: full name, ``pack.rule``.
        topic: what kind of thing it is about, e.g. ``"share"``.
        selector: finds the elements; ``rules.selectors.compiled`` makes one.
        action: what happens to them.
        level: how near to the user its pack lies; the nearest that says anything about an element decides.
        whole: of a body: all that it holds stays, whatever the weights say.
    """

    name: str
    topic: str
    selector: Selector
    action: NodeAction = NodeAction.REMOVE
    level: int = 0
    whole: bool = False


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


@dataclass(slots=True)
class Ruled:
    """What rules say of a page.

    Attributes:
        bodies: elements that hold the article; empty when no rule names them.
        whole: whether all that the bodies hold stays.
        kept: elements that are of the article.
        flagged: elements to flag, each with its rule.
        taken: elements that went.
        metadata: field -> what was found.
    """

    bodies: list[HtmlElement] = field(default_factory=list)
    whole: bool = False
    kept: list[HtmlElement] = field(default_factory=list)
    flagged: list[tuple[HtmlElement, NodeRule]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)


def apply(tree: HtmlElement, rules: Sequence[NodeRule]) -> Ruled:
    """Takes what rules remove out of the page, and tells what else they say.

    Args:
        tree: the page, scripts and all, for a selector may look at them.
        rules: the nearest level first.
    """
    found = Ruled()
    shields = _Shields()
    for rule in rules:
        if rule.action in _METADATA:
            _read(tree, rule, found)
        elif rule.action is NodeAction.KEEP:
            elements = _elements(tree, rule)
            found.kept += elements
            shields.add(elements, rule.level, whole=True)
        elif rule.action is NodeAction.FLAG:
            elements = _elements(tree, rule)
            found.flagged += [(element, rule) for element in elements]
            # A removal of the same level is stronger than a flag, one of a level further away is weaker.
            shields.add(elements, rule.level - 1, whole=True)
        elif rule.action is NodeAction.BODY and not found.bodies:
            found.bodies, found.whole = _elements(tree, rule), rule.whole
            shields.add(found.bodies, rule.level, whole=False)
    # All are asked before anything goes, so that their order does not matter to selectors that count.
    going = [(element, rule) for rule in rules if rule.action is NodeAction.REMOVE for element in _elements(tree, rule)]
    for element, rule in going:
        if element is not tree and not shields.hold(element, rule.level) and _root(element) is tree:
            found.taken.append(taken(element, rule.name, rule.topic))
    return found


def taken(element: HtmlElement, rule: str, topic: str) -> Taken:
    """Takes an element out of its page."""
    element.drop_tree()
    return Taken(rule, topic, element)


class _Shields:
    """Up to which level elements are held against removal."""

    def __init__(self) -> None:
        self._on: dict[HtmlElement, int] = {}
        self._within: dict[HtmlElement, int] = {}

    def add(self, elements: Sequence[HtmlElement], level: int, *, whole: bool) -> None:
        """Holds elements, and what they stand in; ``whole``: and what stands in them."""
        for element in elements:
            for one in (element, *element.iterancestors()):
                self._on[one] = max(self._on.get(one, level), level)
            if whole:
                self._within[element] = max(self._within.get(element, level), level)

    def hold(self, element: HtmlElement, level: int) -> bool:
        """Whether a rule of a level may not take an element."""
        if not self._on:
            return False
        if self._on.get(element, level - 1) >= level:
            return True
        return bool(self._within) and any(
            self._within.get(one, level - 1) >= level for one in (element, *element.iterancestors())
        )


def _elements(tree: HtmlElement, rule: NodeRule) -> list[HtmlElement]:
    try:
        return rule.selector(tree)
    except NotTried as reason:
        _log.warning("%s was not tried on a page: %s", rule.name, reason)
        return []


def _read(tree: HtmlElement, rule: NodeRule, found: Ruled) -> None:
    """Notes what a rule about metadata finds, unless another has found that field."""
    if rule.action.value in found.metadata:
        return
    try:
        values = rule.selector.values(tree)
    except NotTried as reason:
        _log.warning("%s was not tried on a page: %s", rule.name, reason)
        return
    if values:
        several = rule.action is NodeAction.AUTHOR
        found.metadata[rule.action.value] = "; ".join(dict.fromkeys(values)) if several else values[0]


def _root(element: HtmlElement) -> HtmlElement:
    """What an element stands in at last: the page, unless it was taken out with another."""
    above = list(element.iterancestors())
    return above[-1] if above else element
