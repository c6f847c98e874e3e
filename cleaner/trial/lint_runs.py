"""What the counts of earlier runs tell of packs: a site that changes its pages is noticed by rules that stop firing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.errors import Fault, UsageError
from cleaner.rules.model import Action, Pack, RuleSet
from cleaner.trial.lint import Finding, finding

_EXPECTED = 5
"""Lines that a rule should have taken in a run, as it fired before, so that none is news."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What ``run.json`` tells of rules."""

    folder: Path
    began: str
    documents: int
    rules: dict[str, int]
    packs: dict[str, int]


def lint_runs(folders: Sequence[Path], checked: RuleSet) -> Iterator[Finding]:
    """What earlier runs tell: rules that fired, and in the last of these runs no longer did.

    Args:
        folders: of finished runs; the last is that which began last.
        checked: the packs to look at.

    Raises:
        UsageError: a folder holds no finished run, or there is but one.
    """
    runs = sorted((_run(folder) for folder in folders), key=lambda run: run.began)
    if len(runs) < 2:
        raise UsageError("--runs compares the last of several runs with those before it; name two or more")
    *earlier, last = runs
    for pack in checked.packs:
        before = sum(_in_force(pack, run) for run in earlier)
        now = _in_force(pack, last)
        if pack.scoped and before >= _EXPECTED and not now and last.documents:
            problem = (
                f"was in force for {before:,} documents of earlier runs, and for none of {last.documents:,} in {last.folder}"
            )
            yield finding("R302", Fault(pack.path, None, None, problem))
            continue
        for rule in pack.rules:
            fired = sum(run.rules.get(rule.name, 0) for run in earlier)
            if rule.action is Action.REMOVE and before and not last.rules.get(rule.name) and fired / before * now >= _EXPECTED:
                things = "elements" if rule.kind.of_page else "lines"
                problem = f"took {fired:,} {things} of {before:,} documents in earlier runs, and none of {now:,} in {last.folder}; has the site changed?"
                yield finding("R301", Fault(pack.path, rule.id, None, problem))


def _in_force(pack: Pack, run: _Run) -> int:
    return run.packs.get(pack.id, 0) if pack.scoped else run.documents


def _run(folder: Path) -> _Run:
    path = folder / "run.json" if folder.is_dir() else folder
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        counts = told["counts"]
        return _Run(
            folder,
            str(told["began"]),
            int(counts["documents"]),
            {**counts["rules"], **counts.get("nodes", {})},
            dict(counts["packs"]),
        )
    except OSError as error:
        raise UsageError(f"--runs {folder}: holds no finished run: {path} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--runs {folder}: {path} was not written by `cleaner clean`: {error!r}") from error
