"""From the package's errors to what a person reads and a shell sees."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.columns import on_terminal
from cleaner.errors import CleanerError, RunError, TripwireError

if TYPE_CHECKING:
    from cleaner.report import RunReport

DONE = 0
REJECTED = 1
"""Done, but some inputs were rejected."""
WRONG = 2
"""Wrong usage or wrong rules; nothing was written."""
TRIPPED = 3
"""A tripwire stopped it: a rule, a pack or the run removed implausibly much or little."""
STOPPED = 4
"""The machine stopped it on the way: a full disk, a folder that may not be written, a worker process that was killed."""
INTERRUPTED = 130
"""The user stopped it (Ctrl-C), as shells have it."""
TERMINATED = 143
"""It was told to stop (SIGTERM), as shells have it."""
FAULT = 70
"""A fault in this program, as ``sysexits.h`` has it."""


class _Wrong(click.ClickException):
    """A message that ends the command with exit status 2."""

    exit_code = WRONG


class _Tripped(click.ClickException):
    """A message that ends the command with exit status 3."""

    exit_code = TRIPPED


class _Stopped(click.ClickException):
    """A message that ends the command with exit status 4."""

    exit_code = STOPPED


def status_of(report: RunReport, *, tripped: bool) -> int:
    """The exit status of a run that came to its end."""
    return TRIPPED if tripped else REJECTED if report.rejections else DONE


def fitted(error: click.ClickException) -> click.ClickException:
    """The error, its message in rows that fit the terminal it is shown on."""
    label = "Error: "  # stands before the first row already
    message = on_terminal(label + error.format_message(), sys.stderr).removeprefix(label)
    if isinstance(error, click.UsageError) and not isinstance(error, click.exceptions.NoArgsIsHelpError):
        return click.UsageError(message, error.ctx)
    return type(error)(message) if isinstance(error, _Wrong | _Tripped | _Stopped) else error


@contextmanager
def told() -> Iterator[None]:
    """Turns the package's errors, and what the disk refuses, into a message on standard error and an exit status."""
    try:
        yield
    except TripwireError as error:
        raise _Tripped(str(error)) from error
    except RunError as error:
        raise _Stopped(str(error)) from error
    except CleanerError as error:
        raise _Wrong(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _Stopped(_of_machine(error)) from error


def _of_machine(error: OSError, out: Path | None = None) -> str:
    """What the system refused, and what to do.

    Args:
        error: of the system.
        out: the folder of a run that had begun, or None.
    """
    from cleaner.run.folder import UNFINISHED

    place = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(out or "")
    cause = f"{place}: {error.strerror or error}" if place else str(error.strerror or error)
    remedy = f"{cause}; check the path, its permissions and the space on its disk"
    if out is not None and (out / UNFINISHED).exists():
        remedy += f"\nWhat was done so far is kept: the same command with --resume goes on in {out}"
    return remedy


class _Terminated(KeyboardInterrupt):
    """The process was told to stop."""


@contextmanager
def resumable(out: Path | None) -> Iterator[None]:
    """Where a run may be stopped from outside: it ends tidily, and is told how to go on.

    Args:
        out: the folder of the run; None: nothing is written.
    """

    def terminate(*_: object) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except TripwireError as error:
        raise _Tripped(
            f"{error}\nWhat was done is kept in {out}. If all is as it should be, the same command with --resume --accept-tripwire goes on; "
            "else set it right first: with other rules, --resume does all again"
        ) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _Stopped(_of_machine(error, out)) from error
    except KeyboardInterrupt as error:
        how = f"; what was done so far is kept: the same command with --resume goes on in {out}" if out is not None else ""
        click.echo(f"stopped before the end{how}", err=True)
        raise SystemExit(TERMINATED if isinstance(error, _Terminated) else INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, before)
