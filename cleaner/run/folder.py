"""The folder a run writes: whose it is, and the files in it that tell of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from cleaner.errors import UsageError
from cleaner.writers.atomic import PARTIAL, AtomicFile

CLEAN = "clean"
AUDIT = "audit.jsonl"
REJECTED = "rejected.jsonl"
SIGNATURES = "signatures.jsonl"
RUN = "run.json"
MARK = "cleaner-run"
"""Value of ``run.json``'s ``kind``: by it a folder of ours is known."""

ENTRY = "index_entry"
"""Key of ``run.json``: what the index calls what the run entered."""
UNFINISHED = RUN + PARTIAL
"""Stands in the folder from the beginning of a run to its end, with its settings: by it the folder of a run that failed is known."""
JOURNAL = "journal" + PARTIAL
"""What was prepared so far; it stands there until the run is done."""
_OURS = frozenset(
    [
        CLEAN,
        UNFINISHED,
        UNFINISHED + PARTIAL,
        JOURNAL,
        *(name + end for name in (AUDIT, REJECTED, SIGNATURES, RUN) for end in ("", PARTIAL)),
    ],
)


class Standing(Enum):
    """How a folder stands to a run that is to be written there."""

    FREE = "free"
    """It is new or empty, or what was there has gone."""
    CUT_OFF = "cut off"
    """It holds what a run that was cut off has prepared."""
    WRITTEN = "written"
    """It holds all that a run was to write; whether its entry in an index was made has to be seen."""
    DONE = "done"
    """It holds the finished run."""


def standing_of(folder: Path, asked: Mapping[str, Any], *, overwrite: bool, resume: bool) -> Standing:
    """How a folder stands to a run; it may be new or empty, hold an earlier run, which goes with ``overwrite``, or one to go on with.

    Args:
        folder: to write to.
        asked: settings on which the outputs depend, as plain JSON values.
        overwrite: whether an earlier run may go.
        resume: whether one that was cut off is gone on with.

    Raises:
        UsageError: the folder holds a run, one with other settings, or something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; --out must name a folder")
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    foreign = sorted(names - _OURS)
    unfinished = bool(names & {UNFINISHED, UNFINISHED + PARTIAL})
    if foreign or (names and not (unfinished or holds_run(folder))):
        what = ", ".join((foreign or sorted(names))[:3])
        raise UsageError(f"{folder} holds other files ({what}); nothing was written. Name a new or empty folder after --out")
    if not names or overwrite:
        return Standing.FREE
    if resume:
        if not unfinished:
            return Standing.DONE
        _refuse_other_settings(folder, asked)
        return Standing.WRITTEN if _told(folder).get("kind") == MARK else Standing.CUT_OFF
    if unfinished:
        raise UsageError(
            f"{folder} holds a run that was not finished; nothing was written. Add --resume to go on with it, --overwrite to replace it"
        )
    raise UsageError(f"{folder} holds an earlier run; nothing was written. Add --overwrite to replace it, or name another folder")


def begin(folder: Path, asked: Mapping[str, Any], *, fresh: bool) -> None:
    """Makes room for a run, and notes what it was asked for.

    Args:
        folder: ours, new or empty.
        asked: as above.
        fresh: whether what was prepared for an earlier run goes, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # First of all: were it cut off on the way, what is left of an earlier run must not look like a whole one.
    with AtomicFile(folder / UNFINISHED) as begun:
        begun.write(json.dumps({"settings": asked}, indent=2).encode())
    (folder / RUN).unlink(missing_ok=True)
    stays = {UNFINISHED} if fresh else {UNFINISHED, JOURNAL}
    for path in sorted(folder.iterdir()):
        if path.name not in stays:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def note_written(folder: Path, told: Mapping[str, Any]) -> None:
    """Notes that all of a run is written, and what is to be said of it; ``finish`` makes it count."""
    # What stands there from the beginning must not go before this is whole: without either, nobody would know the folder for ours.
    with AtomicFile(folder / UNFINISHED) as run:
        run.write(json.dumps({"kind": MARK, **told}, indent=2).encode() + b"\n")


def finish(folder: Path) -> None:
    """A run that is written counts as done from now on."""
    (folder / JOURNAL).unlink(missing_ok=True)
    (folder / UNFINISHED).replace(folder / RUN)


def entry_of(folder: Path) -> str | None:
    """The entry in an index that a run which is written was to make; None when there is none."""
    found = _told(folder).get(ENTRY)
    return found if isinstance(found, str) else None


def _told(folder: Path) -> dict[str, Any]:
    """What an unfinished run tells of itself so far."""
    try:
        found = json.loads((folder / UNFINISHED).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refuse_other_settings(folder: Path, asked: Mapping[str, Any]) -> None:
    """A run that was cut off is gone on with as it was begun, or not at all."""
    begun = _told(folder).get("settings")
    if not isinstance(begun, dict):
        return  # it was cut off before it was noted: nothing of it is taken over but by content
    other = [
        f"{name} was {json.dumps(begun[name])}, now {json.dumps(asked[name])}"
        for name in sorted(begun.keys() & asked.keys())
        if begun[name] != asked[name]
    ]
    if other:
        raise UsageError(
            f"{folder} holds a run that was begun with other settings ({'; '.join(other)}); give the same with --resume, or --overwrite"
        )


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
