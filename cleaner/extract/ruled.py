"""Which rules about elements are in force for a page, compiled when a page first needs them.

Thousands of rules may be in force everywhere (lists of advertisements), and a page has some hundred names: so a rule that needs a class,
an id or a text in an attribute is asked only of pages that have it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.html import HtmlElement

from cleaner.errors import InputError
from cleaner.extract.blocks import blocks_of
from cleaner.extract.names import Names
from cleaner.extract.needs import Needs, needs_of
from cleaner.extract.nodes import NodeAction, NodeRule
from cleaner.rules.matcher import TIME_LIMIT
from cleaner.rules.model import Action, Kind, Pack, Rule, RuleSet
from cleaner.rules.scope import Page, Scope
from cleaner.rules.selectors import Selector, compiled

_log = logging.getLogger(__name__)
_ACTIONS = {
    Kind.BODY: NodeAction.BODY,
    Kind.TITLE: NodeAction.TITLE,
    Kind.AUTHOR: NodeAction.AUTHOR,
    Kind.DATE: NodeAction.DATE,
}


class _Asked(NamedTuple):
    """One selector of a rule, and where it stands among all."""

    order: int
    level: int
    rule: Rule
    css: str | None
    xpath: str | None


@dataclass(slots=True)
class _Shelf:
    """The selectors of a pack, by what a page must have for them.

    Attributes:
        by_host: of rules that name hosts.
        by_name: of rules for all pages, by a class or id.
        by_text: the same, by an attribute, each with a text that must stand in it.
        others: all others.
    """

    by_host: dict[str, list[_Asked]] = field(default_factory=dict)
    by_name: dict[str, list[_Asked]] = field(default_factory=dict)
    by_text: dict[str, list[tuple[str, _Asked]]] = field(default_factory=dict)
    others: list[_Asked] = field(default_factory=list)


class PageRules:
    """The rules about elements of all packs of a run.

    Args:
        rules: the packs.
        languages: two-letter codes; packs of other languages are not in force. None: all are.
        spared: topics whose rules remove nothing.
    """

    def __init__(self, rules: RuleSet, *, languages: frozenset[str] | None = None, spared: frozenset[str] = frozenset()) -> None:
        packs = [pack for pack in rules.packs if languages is None or pack.language is None or pack.language in languages]
        self._spared = spared
        self._packs = [pack for pack in packs if any(rule.kind.of_page for rule in pack.rules)]
        self._numbers = {pack.id: number for number, pack in enumerate(packs)}
        self._disabling = [pack for pack in packs if pack.disable]
        self._everywhere = [pack for pack in self._packs if not pack.scoped]
        self._of_host: dict[str, list[Pack]] = {}
        for pack in self._packs:
            for host in pack.hosts:
                self._of_host.setdefault(host, []).append(pack)
        self._marked = [pack for pack in self._packs if pack.markers]
        self._scope: Scope | None = None
        self._shelves: dict[str, _Shelf] = {}
        self._compiled: dict[tuple[str, str | None, str | None], Selector | None] = {}

    def __getstate__(self) -> dict[str, object]:
        """All but what cannot be handed to another process: it is compiled there."""
        return {**self.__dict__, "_compiled": {}}

    def of(self, page: Page) -> Callable[[HtmlElement], Sequence[NodeRule]] | tuple[()]:
        """What gives the rules for a page when it is shown the tree, the nearest level first; empty when none can be in force."""
        packs = self._everywhere + [pack for pack in self._candidates(page.host) if pack.covers(page.host, page.path)]
        marked = [pack for pack in self._marked if not (pack.hosts and page.host)]
        if not packs and not marked:
            return ()
        return lambda tree: self._shown(tree, page, packs, marked)

    def _candidates(self, host: str) -> Iterator[Pack]:
        """Packs of a host or of what it is a sub-domain of."""
        while host:
            yield from self._of_host.get(host, ())
            host = host.partition(".")[2]

    def _shown(self, tree: HtmlElement, page: Page, packs: list[Pack], marked: Sequence[Pack]) -> list[NodeRule]:
        if marked:
            if self._scope is None:
                self._scope = Scope(self._marked, time_limit=TIME_LIMIT)
            told = {one.pack.id for one in self._scope.in_force(page, _lines(tree), {})}
            packs = packs + [pack for pack in marked if pack.id in told]
        in_force = {pack.id for pack in packs}
        off = frozenset(
            name
            for pack in self._disabling
            if pack.id in in_force or not pack.scoped or (pack.hosts and pack.covers(page.host, page.path))
            for name in pack.disable
        )
        found = [one for pack in {pack.id: pack for pack in packs}.values() for one in self._asked(pack, page.host, tree)]
        found.sort(key=lambda one: (-one.level, one.order))
        rules = (self._node_rule(one) for one in found if one.rule.name not in off and one.rule.covers(page.host))
        return [rule for rule in rules if rule is not None]

    def _asked(self, pack: Pack, host: str, tree: HtmlElement) -> Iterator[_Asked]:
        """The selectors of a pack that may find something."""
        if pack.id not in self._shelves:
            self._shelves[pack.id] = _shelf(pack, self._numbers[pack.id])
        shelf = self._shelves[pack.id]
        yield from shelf.others
        while shelf.by_host and host:
            yield from shelf.by_host.get(host, ())
            host = host.partition(".")[2]
        if shelf.by_name:
            for name in _names(tree):
                yield from shelf.by_name.get(name, ())
        if shelf.by_text:
            texts = _values(tree, shelf.by_text)
            yield from (one for name, asked in shelf.by_text.items() for text, one in asked if text in texts[name])

    def _node_rule(self, one: _Asked) -> NodeRule | None:
        rule = one.rule
        if rule.action is Action.REMOVE and rule.kind is Kind.NODE and rule.topic in self._spared:
            return None
        key = (rule.name, one.css, one.xpath)
        if key not in self._compiled:
            try:
                self._compiled[key] = compiled(css=one.css, xpath=one.xpath)
            except ValueError as error:
                # Packs are checked when they are loaded; what was adopted is not, for that would take longer than reading it.
                _log.warning("%s is left out: %s: %s", rule.name, error, one.css or one.xpath)
                self._compiled[key] = None
        selector = self._compiled[key]
        if selector is None:
            return None
        action = _ACTIONS.get(rule.kind) or NodeAction(rule.action.value)
        return NodeRule(rule.name, rule.topic, selector, action, one.level, rule.whole)


def _shelf(pack: Pack, number: int) -> _Shelf:
    shelf = _Shelf()
    order = number << 32
    for rule in pack.rules:
        if not rule.kind.of_page:
            continue
        for css, xpath in _selectors(rule):
            order += 1
            one = _Asked(order, pack.level, rule, css, xpath)
            needs = needs_of(css) if css is not None and not pack.hosts else Needs()
            if rule.hosts:
                for host in rule.hosts:
                    shelf.by_host.setdefault(host, []).append(one)
            elif needs.name:
                shelf.by_name.setdefault(needs.name, []).append(one)
            elif needs.text:
                shelf.by_text.setdefault(needs.attribute, []).append((needs.text, one))
            else:
                shelf.others.append(one)
    return shelf


def _selectors(rule: Rule) -> Iterable[tuple[str | None, str | None]]:
    yield from ((css, None) for css in rule.select.css)
    yield from ((None, xpath) for xpath in rule.select.xpath)


def _names(tree: HtmlElement) -> set[str]:
    """Classes and ids of a page."""
    found: set[str] = set()
    for element in tree.iter():
        get = element.get
        if named := get("class"):
            found.update(named.split())
        if named := get("id"):
            found.add(named)
    return found


def _values(tree: HtmlElement, names: Iterable[str]) -> dict[str, str]:
    """The values of some attributes on a page, a line each."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name in found:
                found[name].add(value)
    return {name: "\n".join(values) for name, values in found.items()}


def _lines(tree: HtmlElement) -> list[str]:
    """Lines of a page, for markers."""
    try:
        return blocks_of(tree, Names({})).texts
    except InputError:
        return []
