"""Where a run's inputs come from and its results go, as the options of ``cleaner clean`` say it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner._version import __version__
from cleaner.audit import Detail
from cleaner.cli import configured
from cleaner.dedup.settings import Policy
from cleaner.settings import RunSettings

if TYPE_CHECKING:
    from cleaner.cli.progress import Display


@dataclass(frozen=True, slots=True)
class Places:
    """Where things go, as the options say it."""

    out: str | None
    audit: str | None
    rejected: str | None
    overwrite: bool
    resume: bool
    accept_tripwire: bool
    dry_run: bool
    progress: bool | None
    log_json: bool


def listed_in(files_from: str | None, inputs: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of the list that ``--files-from`` names.

    Raises:
        click.UsageError: it cannot be read, or there is nothing to clean at all.
    """
    if files_from is None:
        if not inputs:
            raise click.UsageError(
                "Missing argument 'INPUT...'; name files, folders, archives, globs or -, or a list with --files-from"
            )
        return ()
    if files_from == "-" and "-" in inputs:
        raise click.UsageError("- (standard input) cannot be both the input and the list of --files-from")
    from cleaner.readers.tree import listed_paths

    try:
        data = sys.stdin.buffer.read() if files_from == "-" else Path(files_from).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--files-from {files_from} cannot be read: {error.strerror}") from error
    paths = listed_paths(data)
    if not (paths or inputs):
        raise click.UsageError(f"--files-from {files_from}: the list is empty, so there is nothing to clean")
    return tuple(paths)


def detail_of(places: Places, inputs: tuple[str, ...]) -> Detail:
    """How much the audit tells; in a pipe ``--audit`` names its file instead.

    Raises:
        click.UsageError: it says neither full, spans nor none.
    """
    if places.audit is None or ("-" in inputs and not places.out):
        return Detail.FULL
    try:
        return Detail(places.audit)
    except ValueError:
        raise click.UsageError(f'--audit "{places.audit}": with --out it says how much is told: full, spans or none') from None


def check_pipe(inputs: tuple[str, ...], places: Places, settings: RunSettings) -> None:
    """Makes sure that a pipe can do what is asked.

    Raises:
        click.UsageError: it cannot.
    """
    if len(inputs) > 1:
        raise click.UsageError("- (standard input) goes alone; name the other inputs in a run of their own")
    if settings.clean.duplicates.policy is Policy.KEEP_LONGEST:
        raise click.UsageError(
            "--duplicates keep-longest reads everything twice, which standard input does not allow; use keep-first, or files"
        )
    if settings.clean.duplicates.signatures:
        raise click.UsageError("--signatures writes to the folder of --out; name files and a folder")
    if places.audit in {detail.value for detail in Detail}:
        raise click.UsageError(f"in a pipe --audit names a file; for a file of that name write ./{places.audit}")


def check_folder(inputs: tuple[str, ...], places: Places) -> None:
    """Makes sure that it is said where a run over files writes.

    Raises:
        click.UsageError: it is not, or it contradicts itself.
    """
    if "-" in inputs:
        raise click.UsageError("- (standard input) writes to standard output; leave --out away, or name files")
    if places.rejected:
        raise click.UsageError("--rejected is for pipes; with --out, rejects go to rejected.jsonl in that folder")
    if places.overwrite and places.resume:
        raise click.UsageError("--overwrite replaces what --resume would go on with; choose one")
    if not places.out and not places.dry_run:
        raise click.UsageError("say where the clean files go: --out DIR (or --dry-run, or - to clean standard input)")


def displayed_at(places: Places, inputs: tuple[str, ...]) -> AbstractContextManager[Display]:
    """Progress, on the screen or for machines, while the block lasts."""
    from cleaner.cli.progress import displayed

    about = {"version": __version__, "inputs": list(inputs), "out": places.out, **configured.origin(click.get_current_context())}
    return displayed(places.progress, pipe=inputs == ("-",), log_json=about if places.log_json else None)
