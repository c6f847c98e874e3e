"""A rule against its own examples: what must go goes, what must stay stays, by this rule alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cleaner.errors import Fault
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import Action, Kind, Pack, Rule, RuleSet

Marks = Callable[[Rule], Callable[[str], str]]
"""Makes of a rule what it alone leaves of a text; for flag and keep rules, what it does not touch."""


def check_rules(rules: RuleSet, alone: Marks) -> Iterator[Fault]:
    """Every example that does not come out as its rule says, in order.

    Args:
        rules: the packs to check.
        alone: applies one rule, alone and whatever its scope, to texts.
    """
    for pack, rule in rules.rules():
        yield from _check_rule(pack, rule, alone)


def _check_rule(pack: Pack, rule: Rule, alone: Marks) -> Iterator[Fault]:
    if not rule.removes and not rule.keeps:
        return  # of a pack that was imported; nobody has made examples
    left_of = alone(rule)
    finds = rule.action is Action.KEEP or (rule.kind.of_page and rule.kind is not Kind.NODE)
    touched, untouched = ("keeps", "removes") if finds else ("removes", "keeps")
    for example in getattr(rule, touched):
        left = left_of(example)
        if rule.kind is Kind.PHRASE and rule.action is not Action.KEEP:
            if left == example:
                yield Fault(pack.path, rule.id, touched, f"nothing of it is matched: {_short(example)}")
        elif left.strip():
            yield Fault(pack.path, rule.id, touched, f"is not matched: {_short(example)}")
    for example in getattr(rule, untouched):
        if left_of(example) != example:
            yield Fault(pack.path, rule.id, untouched, f"is matched, but must not be: {_short(example)}")


def advice(rules: RuleSet) -> Iterator[Fault]:
    """What is allowed but has cost others whole paragraphs: patterns without an anchor.

    Only rules that remove whole lines are looked at; the text is advice, not a fault.
    """
    for pack, rule in rules.rules():
        if rule.action is Action.REMOVE and rule.kind is not Kind.PHRASE:
            for field, condition in (("pattern", rule.match), ("start", rule.start)):
                for pattern in condition.patterns:
                    if not (pattern.startswith(("^", "(?i)^", r"\A")) or pattern.endswith(("$", r"\Z"))):
                        yield Fault(pack.path, rule.id, field, f"has no anchor; begin it with ^ or end it with $: {pattern}")


def _short(example: str) -> str:
    folded = fold_blanks(example)
    return folded if len(folded) <= 100 else folded[:97] + "..."
