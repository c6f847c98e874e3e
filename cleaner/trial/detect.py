"""Which documents two sets of rules can treat differently: a quick test that is never wrong when it says no.

Only rules that one of the sets has, and the other has not, make a difference, and a rule makes one only where its condition holds on a
line as it stands; or as phrases that were cut out leave it. So a document where neither holds anywhere comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cleaner.rules.fold import fold_lines
from cleaner.rules.literals import required
from cleaner.rules.matcher import Limited, Matcher, window
from cleaner.rules.model import Action, Condition, Kind, Pack, Rule, RuleSet
from cleaner.rules.scope import Page


class Detector:
    """Tells documents that may come out differently.

    Args:
        before: the rules in force.
        after: the new ones.
    """

    def __init__(self, before: RuleSet, after: RuleSet) -> None:
        self.changed = frozenset(rule.name for _, rule in _changed(before, after))
        by_pack: dict[tuple[str, ...], tuple[Pack, list[Rule]]] = {}
        for pack, rule in _changed(before, after):
            by_pack.setdefault((pack.id, *pack.hosts, "", *pack.paths), (pack, []))[1].append(rule)
        self._packs = [(pack, _Conditions(rules)) for pack, rules in by_pack.values()]
        # A phrase of any rule, where it is cut, makes another line of the one it stands in.
        phrases = {rule.name: rule for rules in (before, after) for _, rule in rules.rules() if _cuts(rule)}
        self._phrases = _Conditions(list(phrases.values()))

    def may_differ(self, views: Sequence[str], page: Page) -> bool:
        """Whether the two sets can differ on a document.

        Args:
            views: its non-blank lines, blanks folded.
            page: where it stood.
        """
        in_force = [
            conditions for pack, conditions in self._packs if not (pack.hosts and page.host) or pack.covers(page.host, page.path)
        ]
        if not in_force:
            return False
        return any(conditions.hold(views) for conditions in in_force) or self._phrases.hold(views)


class _Conditions:
    """What must hold for some rules to do anything."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._always = False
        self._needles: set[str] = set()
        single: dict[int, Limited] = {}
        for rule in rules:
            condition = rule.end if rule.kind is Kind.HEAD else rule.match or rule.start
            patterns = tuple(pattern for pattern in condition.patterns if window(pattern) == 1)
            single[len(single)] = Limited(
                Condition(condition.literals, patterns), rule.max_length, phrase=rule.kind is Kind.PHRASE
            )
            for pattern in set(condition.patterns) - set(patterns):
                needles = required(pattern)
                self._always = self._always or needles is None
                self._needles |= needles or frozenset()
        self._matcher = Matcher(single)

    def hold(self, views: Sequence[str]) -> bool:
        if self._always:
            return True
        slow: dict[int, int] = {}
        if self._matcher.hits(views, slow) or slow:
            return True
        if not self._needles:
            return False
        text = fold_lines(views)
        return any(needle in text for needle in self._needles)


def _cuts(rule: Rule) -> bool:
    return rule.kind is Kind.PHRASE and rule.action is Action.REMOVE


def _changed(before: RuleSet, after: RuleSet) -> Iterator[tuple[Pack, Rule]]:
    """Rules that one side has and the other has not, as they stand there; of packs whose scope differs, all."""
    sides = ({pack.id: pack for pack in before.packs}, {pack.id: pack for pack in after.packs})
    disabled: set[str] = set()
    for one, other in (sides, sides[::-1]):
        for pack in one.values():
            twin = other.get(pack.id)
            if twin is pack:
                continue
            if twin is not None and _scope(twin) == _scope(pack):
                same = set(twin.rules)
                yield from ((pack, rule) for rule in pack.rules if rule not in same)
            else:
                yield from ((pack, rule) for rule in pack.rules)
                disabled.update(pack.disable)
    for side in (before, after):
        yield from ((Pack("", "", "", pack.level, ""), rule) for pack, rule in side.rules() if rule.name in disabled)


def _scope(pack: Pack) -> tuple[object, ...]:
    return pack.level, pack.language, pack.hosts, pack.subdomains, pack.paths, pack.markers, pack.markers_needed, pack.disable
