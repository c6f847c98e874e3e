"""A rule that was learned, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cleaner.learn import toml
from cleaner.rules.model import Action, Rule


@dataclass(frozen=True, slots=True)
class Learned:
    """A rule that was learned.

    Attributes:
        rule: as it is loaded.
        confidence: of the least sure of its findings, 0..1.
        about: what is fixed in what it takes; near misses hold it, too.
        notes: for each of its literals, where it was seen.
    """

    rule: Rule
    confidence: float
    about: tuple[str, ...]
    notes: tuple[str, ...] = ()


def written(learned: Learned) -> str:
    """A rule as TOML."""
    rule = learned.rule
    rows = [
        "[[rule]]",
        f"id = {toml.quoted(rule.id)}",
        f"why = {toml.quoted(_sentence(learned))}",
        f"kind = {toml.quoted(rule.kind.value)}",
    ]
    if rule.action is not Action.REMOVE:
        rows.append(f"action = {toml.quoted(rule.action.value)}")
    if rule.match.literals:
        rows.append(f"literal = {toml.listed([*map(toml.quoted, rule.match.literals)], learned.notes)}")
    conditions: Mapping[str, tuple[str, ...]] = {
        "pattern": rule.match.patterns,
        "start": rule.start.patterns,
        "end": rule.end.patterns,
    }
    for name, patterns in conditions.items():
        if patterns:
            rows.append(f"{name} = {toml.raw(patterns[0]) if len(patterns) == 1 else toml.listed([*map(toml.raw, patterns)])}")
    rows += [f"max_lines = {rule.max_lines}"] if rule.max_lines else []
    rows += [f"max_length = {rule.max_length}"] if rule.match.patterns or rule.start.patterns else []
    rows += [f"{name} = {value}" for name, value in (("first", rule.first), ("last", rule.last)) if value is not None]
    rows += [
        f"removes = {toml.listed([*map(toml.quoted, rule.removes)])}",
        f"keeps = {toml.listed([*map(toml.quoted, rule.keeps)])}",
    ]
    return "\n".join(rows) + "\n"


def _sentence(learned: Learned) -> str:
    return f"{learned.rule.why}; confidence {learned.confidence:.2f}"
