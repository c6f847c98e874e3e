"""How much evidence may remove."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Strength(Enum):
    """How sure evidence must be before a line goes; ``rules/evidence/model.toml`` holds the score each asks for."""

    RULES = "rules"
    """Evidence is not asked: only what a rule names goes."""
    CAREFUL = "careful"
    """Half of the boilerplate, and next to nothing of any article."""
    DEFAULT = "default"
    """Most of the boilerplate, and one or two thousandths of the articles."""
    THOROUGH = "thorough"
    """Nearly all of it, and up to a hundredth of the articles."""


class Doubtful(Enum):
    """What happens to lines that are more likely boilerplate than not, but not surely enough to go."""

    FLAG = "flag"
    """They stay, and the audit lists them."""
    KEEP = "keep"
    """They stay."""
    REMOVE = "remove"
    """They go."""


class Keep(Enum):
    """Things that readers may want, though the strength would take them."""

    CAPTIONS = "captions"
    """What stands under a picture, with its credit."""
    TABLES = "tables"
    """Tables in the article of an HTML page."""
    COMMENTS = "comments"
    """What readers wrote below the article of an HTML page."""


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """What evidence decides.

    Attributes:
        strength: how sure it must be.
        doubtful: what happens to the doubtful middle.
        keep: what stays in any case, also from rules.
    """

    strength: Strength = Strength.DEFAULT
    doubtful: Doubtful = Doubtful.FLAG
    keep: frozenset[Keep] = frozenset()
