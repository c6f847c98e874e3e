"""What is wrong with packs, or may be: each finding with a code, so that a machine can pick."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path

from cleaner.document import Document, RuleFired, Source
from cleaner.errors import Fault
from cleaner.rules.check import advice, check_rules
from cleaner.rules.fold import fold_blanks
from cleaner.rules.model import Action, Kind, Pack, Rule, RuleSet
from cleaner.rules.scope import Page
from cleaner.rules.slow import LIMIT, too_slow
from cleaner.strip import Stripper, left_by
from cleaner.trial.change import What
from cleaner.trial.compare import Comparison, Corpus, Look, compare
from cleaner.trial.risk import is_sentence

_SHORT = 3
"""Letters and digits of a whole line below which it may be anything: initials, a cell of a table."""
_SHORT_PHRASE = 5
_PROSE = 0.4
"""Risk from which a line that goes is told; that of ``risk_of``."""
_PROSE_DOCUMENTS = 3


class Severity(Enum):
    """How grave a finding is."""

    FAULT = "fault"
    ADVICE = "advice"


CODES: dict[str, tuple[Severity, str]] = {
    "R001": (Severity.FAULT, "the pack cannot be loaded"),
    "R002": (Severity.FAULT, "an example of what goes stays"),
    "R003": (Severity.FAULT, "an example of what stays goes"),
    "R101": (Severity.ADVICE, "a pattern has no anchor"),
    "R102": (Severity.ADVICE, "a literal is so short that it may be anything"),
    "R103": (Severity.FAULT, "a pattern takes too long on a line made to mislead it"),
    "R104": (Severity.ADVICE, "two rules say the same"),
    "R105": (Severity.ADVICE, "another rule takes all that a rule's examples show"),
    "R106": (Severity.ADVICE, "a line or a selector of somebody else's file cannot be used"),
    "R201": (Severity.ADVICE, "a rule never fires in the corpus"),
    "R202": (Severity.ADVICE, "a rule takes what reads like prose"),
    "R301": (Severity.ADVICE, "a rule fired in earlier runs and no longer does"),
    "R302": (Severity.ADVICE, "a pack was in force in earlier runs and no longer is"),
}
"""Codes -> how grave they are, and what they mean."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or may be.

    Attributes:
        code: one of ``CODES``.
        fault: where, and what.
        line: line of the file, from 1, where it is known.
    """

    code: str
    fault: Fault
    line: int | None = None

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return CODES[self.code][0]


def lint(rules: RuleSet, checked: RuleSet) -> Iterator[Finding]:
    """What can be told of packs by themselves.

    Args:
        rules: all that are in force.
        checked: the packs to look at.
    """
    for fault in check_rules(checked, _alone):
        yield finding("R002" if ("not matched" in fault.problem or "nothing of it" in fault.problem) else "R003", fault)
    yield from (finding("R101", fault) for fault in advice(checked))
    for pack, rule in checked.rules():
        yield from _short(pack, rule)
        yield from _slow(pack, rule)
    yield from _unusable(rules, checked)
    yield from _duplicates(rules, checked)
    yield from _shadowed(rules, checked)


def _alone(rule: Rule) -> Callable[[str], str]:
    """What one rule leaves of its examples: of lines, or of HTML."""
    if not rule.kind.of_page:
        return left_by(rule)
    from cleaner.extract.examples import left_by as left_of_page

    return left_of_page(rule)


def _unusable(rules: RuleSet, checked: RuleSet) -> Iterator[Finding]:
    """What of others' files cannot be used: it was left out when they were loaded, or will be when a page needs it."""
    from cleaner.rules.selectors import fault_in

    yield from (finding("R106", fault) for fault in rules.notes)
    for pack in checked.packs:
        for rule in pack.rules if pack.imported else ():
            for field, sources in (("css", rule.select.css), ("xpath", rule.select.xpath)):
                for source in sources:
                    if problem := fault_in(**{field: source}):
                        yield finding("R106", Fault(pack.path, rule.id, field, f"{problem}: {_cut(source, 200)}"))


def load_faults(faults: Iterable[Fault]) -> list[Finding]:
    """The findings of packs that cannot be loaded."""
    return [finding("R001", fault) for fault in faults]


def finding(code: str, fault: Fault) -> Finding:
    """A finding, with the line of its file."""
    return Finding(code, fault, line_of(fault))


def line_of(fault: Fault) -> int | None:
    """Where in its file the rule of a fault stands: the line of its id, or of the field at fault."""
    rows = _rows(fault.path)
    if fault.rule is None:
        return 1 if rows else None
    own = re.compile(rf"""\s*id\s*=\s*["']{re.escape(fault.rule)}["']""")
    at = next((number for number, row in enumerate(rows, 1) if own.match(row)), None)
    if at is None or fault.field is None:
        return at
    for number in range(at, len(rows)):
        if rows[number].startswith("[["):
            break
        if re.match(rf"\s*{re.escape(fault.field)}\s*=", rows[number]):
            return number + 1
    return at


@cache
def _rows(path: str) -> tuple[str, ...]:
    try:
        return tuple(Path(path).read_text(encoding="utf-8-sig").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()


def _short(pack: Pack, rule: Rule) -> Iterator[Finding]:
    if rule.action is not Action.REMOVE:
        return
    least = _SHORT_PHRASE if rule.kind is Kind.PHRASE else _SHORT
    anywhere = rule.first is None and rule.last is None
    for literal in rule.match.literals if anywhere else ():
        letters = sum(map(str.isalnum, literal))
        # Signs beside letters tell something, (ap) or by:, and an ideograph says as much as four letters.
        if 0 < letters < least and all(sign.isalnum() and sign < "\u2e80" for sign in literal):
            problem = (
                f'"{literal}" is so short that it may be anything; ask for more of the line, or for its place with first or last'
            )
            yield finding("R102", Fault(pack.path, rule.id, "literal", problem))


def _slow(pack: Pack, rule: Rule) -> Iterator[Finding]:
    for field, condition in (("pattern", rule.match), ("start", rule.start), ("end", rule.end)):
        for pattern in condition.patterns:
            line = too_slow(pattern, rule.removes if rule.action is not Action.KEEP else rule.keeps, rule.max_length)
            if line is not None:
                shown = line.split("\n")[0]
                problem = (
                    f"takes more than {LIMIT:g} s on a line of {len(shown):,} characters like {_cut(shown, 40)}; "
                    f"let no repetition stand in another that can read the same: {_cut(pattern, 200)}"
                )
                yield finding("R103", Fault(pack.path, rule.id, field, problem))


def _duplicates(rules: RuleSet, checked: RuleSet) -> Iterator[Finding]:
    """Literals and patterns that an earlier rule has, which is in force wherever this one is."""
    first: dict[tuple[object, ...], tuple[Pack, Rule]] = {}
    own = {pack.id for pack in checked.packs}
    for pack, rule in rules.rules():
        for field, key, shown in _keys(rule):
            other = first.setdefault(key, (pack, rule))
            if other[1] is rule or pack.id not in own or not _covers(other[0], pack):
                continue
            yield finding("R104", Fault(pack.path, rule.id, field, f"{other[1].name} has it too: {_cut(shown, 80)}"))


def _keys(rule: Rule) -> Iterator[tuple[str, tuple[object, ...], str]]:
    if rule.kind not in (Kind.LINE, Kind.PHRASE):
        return
    same = rule.kind, rule.action, rule.first, rule.last
    for literal in dict.fromkeys(fold_blanks(literal).casefold() for literal in rule.match.literals):
        yield "literal", ("literal", literal, *same), literal
    for pattern in dict.fromkeys(rule.match.patterns):
        yield "pattern", ("pattern", pattern, *same), pattern


def _covers(wide: Pack, narrow: Pack) -> bool:
    """Whether one pack is in force wherever another is."""
    if wide.language and wide.language != narrow.language:
        return False
    if not wide.scoped or wide.id == narrow.id:
        return True
    return bool(wide.hosts) and not wide.paths and bool(narrow.hosts) and all(wide.covers(host, "/") for host in narrow.hosts)


def _shadowed(rules: RuleSet, checked: RuleSet) -> Iterator[Finding]:
    """Rules whose examples all go by the bundled packs alone."""
    own = {pack.id for pack in checked.packs}
    others = RuleSet(tuple(pack for pack in rules.packs if pack.id not in own and not pack.scoped))
    if not others.packs:
        return
    stripper = Stripper(others)
    for pack, rule in checked.rules():
        if rule.action is not Action.REMOVE or not rule.removes or rule.kind.of_page:
            continue
        takers = {name for example in rule.removes for name in _takers(stripper, example, pack)}
        if takers and "" not in takers:
            names = ", ".join(sorted(takers)[:3])
            yield finding(
                "R105", Fault(pack.path, rule.id, None, f"all of its examples go without it already, by {names}; is it needed?")
            )


def _takers(stripper: Stripper, example: str, pack: Pack) -> set[str]:
    """The rules that take an example whole; with an empty name when a part of it stays."""
    document = stripper.strip(Document(Source(""), example), Page(pack.hosts[0] if pack.hosts else ""))
    left = document.clean_text.strip()
    return {mark.cause.rule for mark in document.removals if isinstance(mark.cause, RuleFired)} | ({""} if left else set())


def lint_on(corpus: Corpus, rules: RuleSet, checked: RuleSet, look: Look | None = None) -> Iterator[Finding]:
    """What a corpus tells of packs: rules that never fire, and rules that take prose."""
    own = {pack.id for pack in checked.packs}
    without = replace(rules, packs=tuple(pack for pack in rules.packs if pack.id not in own))
    comparison = compare(corpus, without, rules, look=look)
    fired = {one.rule for one in comparison.counts}
    for pack, rule in checked.rules():
        if rule.kind.of_page:
            continue  # a corpus is compared by its lines
        if rule.name not in fired and rule.action is not Action.KEEP:
            problem = f"never fires in {comparison.documents:,} document" + ("" if comparison.documents == 1 else "s")
            yield finding("R201", Fault(pack.path, rule.id, None, problem))
        elif rule.action is Action.REMOVE:
            yield from _prose(pack, rule, comparison)


def _prose(pack: Pack, rule: Rule, comparison: Comparison) -> Iterator[Finding]:
    risky = [
        group
        for what in (What.GAINED, What.OTHER_RULE)
        for group in comparison.of(what, rule.name)
        if group.risk >= _PROSE and group.documents <= _PROSE_DOCUMENTS and is_sentence(group.change.text)
    ]
    if risky:
        worst = max(risky, key=lambda group: group.risk)
        lines = f"{len(risky):,} line" + ("s" if len(risky) > 1 else "")
        problem = f"takes {lines} like prose, such as {worst.at.document}:{worst.at.line}: {_cut(worst.change.text, 80)}"
        yield finding("R202", Fault(pack.path, rule.id, None, problem))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
