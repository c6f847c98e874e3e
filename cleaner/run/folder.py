"""The folder a run writes: whose it is, and the files in it that tell of the run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from cleaner.errors import UsageError
from cleaner.writers.atomic import PARTIAL

CLEAN = "clean"
AUDIT = "audit.jsonl"
REJECTED = "rejected.jsonl"
SIGNATURES = "signatures.jsonl"
RUN = "run.json"
MARK = "cleaner-run"
"""Value of ``run.json``'s ``kind``: by it a folder of ours is known."""

UNFINISHED = RUN + PARTIAL
"""Stands in the folder from the beginning of a run to its end: by it the folder of a run that failed is known."""
_OURS = frozenset(
    [CLEAN, UNFINISHED, *(name + end for name in (AUDIT, REJECTED, SIGNATURES, RUN) for end in ("", PARTIAL))],
)


def claim(folder: Path, *, overwrite: bool) -> None:
    """Makes sure a run may write here: the folder is new, empty, or (with ``overwrite``) holds an earlier run, which goes.

    Raises:
        UsageError: the folder holds a run, or something else; nothing was touched.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; --out must name a folder")
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not names:
        return
    foreign = sorted(names - _OURS)
    unfinished = (folder / UNFINISHED).exists()
    if foreign or not (unfinished or holds_run(folder)):
        what = ", ".join((foreign or sorted(names))[:3])
        raise UsageError(f"{folder} holds other files ({what}); nothing was written. Name a new or empty folder after --out")
    if not overwrite:
        kind = "a run that was not finished" if unfinished else "an earlier run"
        raise UsageError(f"{folder} holds {kind}; nothing was written. Add --overwrite to replace it, or name another folder")
    for name in sorted(names):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def holds_run(folder: Path) -> bool:
    """Whether a finished run's ``run.json`` lies here."""
    try:
        return bool(json.loads((folder / RUN).read_bytes()).get("kind") == MARK)
    except (OSError, ValueError, AttributeError):
        return False


def require_run(folder: Path) -> None:
    """Makes sure a folder holds a finished run.

    Raises:
        UsageError: it does not.
    """
    if not holds_run(folder):
        raise UsageError(
            f"{folder} holds no finished run ({RUN} is missing); name the folder that was given to `cleaner clean --out`"
        )
