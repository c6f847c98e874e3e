"""Rules as they are applied: what holds on a line, and what that claims."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cleaner.rules.model import Action, Level, Rule


class Part(Enum):
    """Which condition of a rule."""

    MATCH = "match"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A rule as it is applied; ``order`` breaks ties between rules of one level.

    Each is like itself alone: a hash over all texts of its rule was a tenth of the cost of stripping.
    """

    rule: Rule
    level: Level
    order: int

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Who decides comes first: the nearest level; within it what removes; then order of loading."""
        return -self.level, self.rule.action is not Action.REMOVE, self.order


@dataclass(frozen=True, slots=True, eq=False)
class RuleHit:
    """A condition of a rule that holds on a line.

    Attributes:
        entry: the rule.
        part: which of its conditions.
        condition: the condition's number.
        size: how many consecutive living lines it read.
    """

    entry: Entry
    part: Part
    condition: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What one match of a rule says of lines, by their indices.

    Attributes:
        entry: the rule.
        lines: the lines it speaks for.
        anchors: those on whose word it does; if a keep rule speaks for one of them, the claim falls.
    """

    entry: Entry
    lines: tuple[int, ...]
    anchors: tuple[int, ...]
