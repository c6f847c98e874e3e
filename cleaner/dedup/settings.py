"""What is compared for near-duplicates, how like is like, and what then happens. Imports nothing heavy: ``--help`` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cleaner.document import Unit
from cleaner.errors import UsageError


class Policy(Enum):
    """What becomes of a near-duplicate."""

    OFF = "off"
    """Nothing is compared."""
    FLAG = "flag"
    """It is flagged; nothing is removed."""
    KEEP_FIRST = "keep-first"
    """The first in input order stays."""
    KEEP_LONGEST = "keep-longest"
    """Of documents that are alike the longest stays; this needs a second pass over the run."""


@dataclass(frozen=True, slots=True)
class DuplicateSettings:
    """Settings of near-duplicate detection.

    Attributes:
        policy: what becomes of a near-duplicate.
        units: what is compared; never empty.
        threshold: Jaccard similarity of two shingle sets, .5 to 1, from which two units are the same.
        containment: share of the smaller unit's shingles, .5 to 1, from which it is inside the other; None: that is not asked.
        signatures: whether whole MinHash signatures are made, for use elsewhere.

    Raises:
        UsageError: a number out of its range, no unit, or ``KEEP_LONGEST`` without documents among the units.
    """

    policy: Policy = Policy.FLAG
    units: frozenset[Unit] = frozenset({Unit.PASSAGE})
    threshold: float = 0.8
    containment: float | None = 0.9
    signatures: bool = False

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value}: give a number from .5 to 1"
            for name, value in (("threshold", self.threshold), ("containment", self.containment))
            if value is not None and not 0.5 <= value <= 1
        ]
        if not self.units:
            faults.append("units is empty: name passage, document or both")
        elif self.policy is Policy.KEEP_LONGEST and Unit.DOCUMENT not in self.units:
            faults.append("keep-longest chooses among documents: compare documents (unit document or both)")
        if faults:
            raise UsageError("duplicates: " + "; ".join(faults))
