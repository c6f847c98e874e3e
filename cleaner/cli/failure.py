"""From the package's errors to what a person reads and a shell sees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cleaner.errors import CleanerError, RunError

DONE = 0
REJECTED = 1
"""Done, but some inputs were rejected."""
WRONG = 2
"""Wrong usage or wrong rules; nothing was written."""
STOPPED = 4
"""The machine stopped it on the way: a full disk, a folder that may not be written, a worker process that was killed."""
INTERRUPTED = 130
"""The user stopped it (Ctrl-C), as shells have it."""
FAULT = 70
"""A fault in this program, as ``sysexits.h`` has it."""


class _Wrong(click.ClickException):
    """A message that ends the command with exit status 2."""

    exit_code = WRONG


class _Stopped(click.ClickException):
    """A message that ends the command with exit status 4."""

    exit_code = STOPPED


@contextmanager
def told() -> Iterator[None]:
    """Turns the package's errors, and what the disk refuses, into a message on standard error and an exit status."""
    try:
        yield
    except RunError as error:
        raise _Stopped(str(error)) from error
    except CleanerError as error:
        raise _Wrong(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        raise _Stopped(f"{place}{error.strerror or error}; check the path, its permissions and the space on its disk") from error
