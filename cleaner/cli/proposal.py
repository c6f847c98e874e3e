"""A rule that is proposed, for the person who is asked: where it goes, what it takes, what comes near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cleaner.cli.changes import WIDTH, counted, group_rows
from cleaner.cli.columns import cut, folded

if TYPE_CHECKING:
    from cleaner.rules.model import Action, Rule
    from cleaner.trial.compare import Comparison
    from cleaner.trial.general import Any as General
    from cleaner.trial.target import Target

_MOST = 5
"""Lines that are shown of those that go, and of those that come near."""


def head_rows(target: Target) -> list[str]:
    """The pack, and where it is in force."""
    pack = target.pack
    where = (
        f"in force on {', '.join(pack.hosts)}"
        if pack.hosts
        else "in force by its markers"
        if pack.markers
        else "in force everywhere"
    )
    state = "new" if target.new else counted(len(pack.rules), "rule") + " so far"
    return [click.style(str(target.path), bold=True), f"  {state}, {where}"]


def tried_rows(comparison: Comparison, rule: Rule, action: Action) -> list[str]:
    """What the rule does in the corpus, and what comes near."""
    from cleaner.rules.model import Action
    from cleaner.trial.change import What

    what = What.GAINED if action is Action.REMOVE else What.FLAGGED if action is Action.FLAG else What.LOST
    groups = comparison.of(what)
    counts = [one for one in comparison.counts if one.what is what]
    lines = sum(one.lines for one in counts)
    of = counted(comparison.documents, "document")
    verb = {What.GAINED: "It takes", What.FLAGGED: "It flags", What.LOST: "It saves"}[what]
    rows = [
        "",
        f"{verb} {counted(lines, 'line')} in {sum(one.documents for one in counts):,} of {of}:"
        if lines
        else f"{verb} nothing in {of}.",
    ]
    rows += group_rows(groups, _MOST, around=True, colour="red")
    others = sum(one.lines for one in comparison.counts if one.what is What.OTHER_RULE)
    rows += [f"{counted(others, 'line')} went already by other rules, and now by this one."] if others else []
    if comparison.rejected:
        rows.append(f"{counted(comparison.rejected, 'input')} could not be read.")
    near = comparison.near[:_MOST]
    rows += ["", "These come near, and stay:"] if near else []
    for one in near:
        rows.append("  " + cut(one.text, WIDTH - 2))
        detail = _stopped(rule, one.text)
        rows.append(
            " " * 4
            + click.style(cut(f"{cut(one.document, 30)}:{one.line}" + (f", {detail}" if detail else ""), WIDTH - 4), dim=True)
        )
    return rows


def _stopped(rule: Rule, line: str) -> str:
    """What stopped the rule there."""
    from cleaner.rules.model import Level, Pack
    from cleaner.rules.near import LineInPage, near_misses

    pack = Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,))
    misses = near_misses([pack], LineInPage(line, frozenset()))
    return misses[0].detail.partition(": ")[0] if misses else ""


def hint_rows(rule: Rule, general: frozenset[General], comparison: Comparison | None) -> list[str]:
    """What might be wanted instead."""
    from cleaner.rules.fold import fold_blanks
    from cleaner.rules.model import Kind, Level, Pack, RuleSet
    from cleaner.trial.change import What
    from cleaner.trial.general import holds
    from cleaner.trial.lint import lint

    own = RuleSet((Pack(rule.pack, "1", "", Level.USER, rule.topic, rules=(rule,)),))
    rows = [row for one in lint(own, own) for row in folded(f"Beware: {one.fault.field} {one.fault.problem}", WIDTH, "")]
    could = holds(fold_blanks(rule.removes[0])) - general
    if could and rule.kind is not Kind.PHRASE:
        names = sorted(one.value for one in could)
        rows.append(f"It holds a {' and a '.join(names)}; {', '.join('--any-' + name for name in names)} takes its like too.")
    if (
        comparison
        and rule.kind is Kind.LINE
        and not comparison.lines(What.GAINED)
        and any(one.rank == 3 for one in comparison.near)
    ):
        rows.append("It never stands alone on a line here; --kind phrase cuts it out of lines that hold it.")
    return ["", *rows] if rows else []
