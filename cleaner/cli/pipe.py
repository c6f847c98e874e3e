"""``cleaner clean -``: standard input to standard output."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from cleaner.cli import summary
from cleaner.cli.failure import DONE, status_of
from cleaner.cli.places import Places, displayed_at
from cleaner.document import Rejection
from cleaner.settings import RunSettings

if TYPE_CHECKING:
    from cleaner.cli.progress import Display
    from cleaner.rules.model import RuleSet


def clean_pipe(rules: RuleSet, settings: RunSettings, places: Places) -> int:
    """Cleans standard input; gives the exit status.

    Raises:
        click.UsageError: the audit's or the rejects' file cannot be written.
    """
    from cleaner.run.bulk import Outcome
    from cleaner.run.guard import Guard
    from cleaner.run.stream import Taps, clean_stream
    from cleaner.run.tripwires import Tripwires
    from cleaner.run.watch import Meter

    clock = time.perf_counter()
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(displayed_at(places, ("-",)))
        audit_file = _opened(stack, places.audit) if not places.dry_run else None
        rejected_file = _opened(stack, places.rejected) if not places.dry_run else None
        sink = sys.stdout.buffer if not places.dry_run else stack.enter_context(Path(os.devnull).open("wb"))

        def rejected(rejection: Rejection) -> None:
            _tell_rejection(rejection, rejected_file, None if places.log_json else display)

        def audited(line: bytes) -> None:
            if audit_file is not None:
                audit_file.write(line)

        try:
            meter = Meter(display)
            guard = Guard(Tripwires(rules, cleans=settings.clean.rules), meter, accepts=places.accept_tripwire, stops=False)
            taps = Taps(audited, rejected, remember=not places.dry_run, meter=meter, guard=guard)
            report = clean_stream(sys.stdin.buffer, sink, rules, settings, taps)
        except BrokenPipeError:
            # The reader (head, less) has what it wanted. Standard output must not be flushed again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
    status, seconds = status_of(report, tripped=guard.tripped), time.perf_counter() - clock
    display.ended(status, report, seconds)
    if places.dry_run:
        click.echo(summary.summary(Outcome(report, Counter(), seconds, alarms=tuple(guard.alarms)), None))
    return status


def _opened(stack: contextlib.ExitStack, path: str | None) -> BinaryIO | None:
    if path is None:
        return None
    try:
        return stack.enter_context(Path(path).open("wb"))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error


def _tell_rejection(rejection: Rejection, file: BinaryIO | None, display: Display | None) -> None:
    """A rejection to its file, else to people; ``display`` is None when machines were told already."""
    from cleaner.audit import to_json
    from cleaner.run.outputs import rejection_object

    if file is not None:
        file.write(to_json(rejection_object(rejection)))
    elif display is not None:
        place = f"record {rejection.source.record}" if rejection.source.record is not None else "standard input"
        display.note(f"rejected: {place}: {rejection.reason}: {rejection.detail}")
