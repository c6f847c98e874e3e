"""Every error the package raises on purpose.

    CleanerError
    ├── RuleFaults       rules that cannot be used; lists every fault at once
    ├── UsageError       a call or a command that cannot be carried out as asked
    ├── RunError         a run that had to stop on the way
    │   └── TripwireError    it removed implausibly much or little
    └── InputError       one input or record that cannot be read (becomes a ``Rejection``)

A bad input never stops a run: ``InputError`` is caught at the edge of the pipeline and written to ``rejected.jsonl``.
"""

from __future__ import annotations

from dataclasses import dataclass


class CleanerError(Exception):
    """Root of the tree: catch this to catch everything ``cleaner`` raises on purpose."""


class UsageError(CleanerError):
    """What was asked cannot be done; the text names the place, the cause and the remedy."""


class RunError(CleanerError):
    """A run had to stop on the way; the text says what was written."""


class TripwireError(RunError):
    """A run stopped itself, because a rule, a pack or the run as a whole removed implausibly much or little.

    What was written stays, and the run can be gone on with.

    Attributes:
        alarms: what is implausible, a sentence each; never empty.
    """

    def __init__(self, alarms: tuple[str, ...]) -> None:
        super().__init__("stopped by a tripwire: " + "; ".join(alarms))
        self.alarms = alarms

    def __reduce__(self) -> tuple[type[TripwireError], tuple[tuple[str, ...]]]:
        return type(self), (self.alarms,)


class InputError(CleanerError):
    """One input cannot be read.

    Attributes:
        reason: a short, stable word for programs, e.g. ``"not-text"``.
        detail: a sentence for people: cause and remedy.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        return type(self), (self.reason, self.detail)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one rule file.

    Attributes:
        path: the file, as it was named.
        rule: the id of the rule, ``"rule 3"`` when it has none, or None for the pack or the file itself.
        field: the field at fault, or None when it is the whole rule or file.
        problem: cause and remedy, one sentence.
    """

    path: str
    rule: str | None
    field: str | None
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.rule, self.field, self.problem) if part)


class RuleFaults(CleanerError):  # noqa: N818  # it is a list of faults, not one error
    """Rules that cannot be used.

    Attributes:
        faults: every fault of every file, in order of file and place; never empty.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        count = len(faults)
        heading = "1 fault in the rules" if count == 1 else f"{count} faults in the rules"
        super().__init__("\n  ".join([heading + ":", *map(str, faults)]))
        self.faults = faults

    def __reduce__(self) -> tuple[type[RuleFaults], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)
