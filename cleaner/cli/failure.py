"""From the package's errors to what a person reads and a shell sees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cleaner.errors import CleanerError

DONE = 0
REJECTED = 1
"""Done, but some inputs were rejected."""
WRONG = 2
"""Wrong usage or wrong rules; nothing was written."""


class _Failure(click.ClickException):
    """A message that ends the command with exit status 2."""

    exit_code = WRONG


@contextmanager
def told() -> Iterator[None]:
    """Turns the package's errors, and what the disk refuses, into a message on standard error and exit status 2."""
    try:
        yield
    except CleanerError as error:
        raise _Failure(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        raise _Failure(f"{place}{error.strerror or error}; check the path, its permissions and the space on its disk") from error
