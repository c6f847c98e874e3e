"""What ``run.json`` tells: all that a person asks the next day."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__
from cleaner.readers.tree import InputFile
from cleaner.rules.model import Level, RuleSet

if TYPE_CHECKING:
    from cleaner.run.bulk import Job, Outcome

_LIBRARIES = ("ahocorasick_rs", "charset-normalizer", "datasketch", "ftfy", "lxml", "numpy", "regex", "trafilatura")
"""Whose version can change a result."""


def told(job: Job, outcome: Outcome, files: Sequence[InputFile], began: datetime) -> Mapping[str, Any]:
    """A run, in plain JSON values.

    Args:
        job: what was asked for.
        outcome: what was done.
        files: the inputs.
        began: when, with its zone.
    """
    report, seconds = outcome.report, outcome.seconds
    return {
        "schema": 1,
        "version": __version__,
        "versions": versions(),
        "machine": _machine(),
        **job.origin,
        "inputs": [str(Path(argument).absolute()) for argument in job.arguments],
        "listed": len(job.listed),
        "out": str(job.out.absolute()) if job.out is not None else None,
        "files": dict(sorted(Counter(file.format.value for file in files).items())),
        "left_aside": dict(sorted(outcome.left_aside.items())),
        "settings": dict(job.settings.described()),
        "rules": _rules(job.rules),
        "counts": dict(report.described()),
        "deterministic": report.deterministic,
        "alarms": [{"about": one.about, "detail": one.detail, "accepted": one.stops} for one in outcome.alarms],
        "began": began.isoformat(timespec="seconds"),
        "ended": (began + timedelta(seconds=seconds)).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "reused": outcome.reused,
        "resumed": _resumed(outcome),
        "bytes_in": outcome.bytes_in,
        "documents_per_second": _rate(report.documents, seconds),
        "bytes_per_second": _rate(outcome.bytes_in, seconds),
        "peak_memory": peak_memory(),
    }


def versions(libraries: Iterable[str] = _LIBRARIES) -> dict[str, str]:
    """Of Python and of libraries."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def peak_memory() -> Mapping[str, int | None]:
    """Bytes that this process, and the largest of its workers that ended, held at most; None where the system does not tell."""
    if sys.platform == "win32":
        return {"process": None, "largest_worker": None}
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    own, workers = (resource.getrusage(who).ru_maxrss * unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # Linux hands the peak of the program that started this one down to it; its own stands elsewhere.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        own = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        pass
    return {"process": own, "largest_worker": workers or None}


def _resumed(outcome: Outcome) -> Mapping[str, Any] | None:
    """How much of what a run that was cut off had prepared was of use; None when there was none."""
    held = outcome.held
    if not (held.documents or held.damage):
        return None
    again = outcome.report.documents - outcome.reused
    return {
        "held": held.documents,
        "reused": outcome.reused,
        "prepared": again,
        "changed": list(held.changed),
        "damage": held.damage,
    }


def _machine() -> Mapping[str, Any]:
    import platform

    return {"host": platform.node(), "system": platform.platform(), "processors": os.cpu_count()}


def _rules(rules: RuleSet) -> Mapping[str, Any]:
    """Which packs there were, and where those lie that did not come with the program."""
    own = {pack.id: str(Path(pack.path).absolute()) for pack in rules.packs if pack.level in (Level.PROJECT, Level.USER)}
    return {"fingerprint": rules.fingerprint, "packs": {pack.id: pack.version for pack in rules.packs}, "own": own}


def _rate(amount: int, seconds: float) -> float:
    """So many a second, to three digits that count.

    >>> _rate(1000, 3.0), _rate(5, 0.0)
    (333.0, 0.0)
    """
    return float(f"{amount / seconds:.3g}") if seconds > 0 else 0.0
