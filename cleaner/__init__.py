r"""Scraped news in, clean text out: every removal explained, every near-duplicate flagged, everything restorable.

>>> import cleaner
>>> document = cleaner.clean("Storm hits the coast\n\nAdvertisement 2\n\nThe storm came at night.\n")
>>> document.clean_text
'Storm hits the coast\n\nThe storm came at night.\n'
>>> document.removals[0].line, document.removals[0].cause.topic
(3, 'advertising')

Names are imported from their rooms when they are first used, so that ``cleaner --help`` does not wait for what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__

if TYPE_CHECKING:
    from cleaner.dedup.settings import DuplicateSettings, Policy
    from cleaner.document import (
        Document,
        Duplicate,
        DuplicateOf,
        Evidence,
        Layout,
        Media,
        Raw,
        Rejection,
        Relation,
        Removal,
        Repair,
        RuleFired,
        Source,
        Unit,
        UnitRef,
    )
    from cleaner.errors import CleanerError, Fault, InputError, RuleFaults, UsageError
    from cleaner.evidence.settings import Doubtful, EvidenceSettings, Keep, Strength
    from cleaner.pipeline import Pipeline, clean
    from cleaner.rules.load import load_rules
    from cleaner.rules.model import RuleSet
    from cleaner.settings import CleanSettings
    from cleaner.spans import Span

__all__ = [
    "CleanSettings",
    "CleanerError",
    "Document",
    "Doubtful",
    "Duplicate",
    "DuplicateOf",
    "DuplicateSettings",
    "Evidence",
    "EvidenceSettings",
    "Fault",
    "InputError",
    "Keep",
    "Layout",
    "Media",
    "Pipeline",
    "Policy",
    "Raw",
    "Rejection",
    "Relation",
    "Removal",
    "Repair",
    "RuleFaults",
    "RuleFired",
    "RuleSet",
    "Source",
    "Span",
    "Strength",
    "Unit",
    "UnitRef",
    "UsageError",
    "__version__",
    "clean",
    "load_rules",
]

_ROOMS = {
    "dedup.settings": ("DuplicateSettings", "Policy"),
    "errors": ("CleanerError", "Fault", "InputError", "RuleFaults", "UsageError"),
    "evidence.settings": ("Doubtful", "EvidenceSettings", "Keep", "Strength"),
    "pipeline": ("Pipeline", "clean"),
    "rules.load": ("load_rules",),
    "rules.model": ("RuleSet",),
    "settings": ("CleanSettings",),
    "spans": ("Span",),
}
"""Where each exported name lives; all others are the nouns of ``document``."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = next((room for room, names in _ROOMS.items() if name in names), "document")
    value = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
