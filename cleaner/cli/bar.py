"""A bar on a terminal.

The only door to tqdm, which knows the width of terminals, the speed of late, and how to leave a clean line.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

import click

from cleaner.cli.amounts import parts_of
from cleaner.cli.progress import Clock, Display
from cleaner.run.watch import Began, Standing

if TYPE_CHECKING:
    from tqdm import tqdm

BAR_EVERY = 0.1
"""Seconds between two looks of the bar, at least."""
_DELAY = 0.5
"""Seconds for which a run is not worth a bar."""
_ECHO = 3
"""Columns that stay free: what a terminal shows of a Ctrl-C must not begin a second line."""
_LEAST_BAR = 6
"""Cells below which a bar shows nothing."""


class Bar(Display):
    """A bar that fits the terminal, and is gone in the end."""

    def __init__(self, stream: TextIO | None = None, clock: Clock = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._bar: tqdm[Any] | None = None
        self._drawn = clock()
        self._size: int | None = None

    def began(self, event: Began) -> None:
        """Remembers how much there is to read."""
        self._size = event.size
        self._bar = _new_bar(event.size, self._stream)
        self._drawn = self._clock() + _DELAY - BAR_EVERY

    def stands(self, event: Standing) -> None:
        """Shows how far it is, unless it did just now."""
        now = self._clock()
        if self._bar is None or now - self._drawn < BAR_EVERY:
            return
        self._drawn = now
        bar = self._bar
        known = bar.format_dict
        bar.ncols = _columns(self._stream) - _ECHO
        speed = known["rate"] or (bar.n / known["elapsed"] if known["elapsed"] else 0.0)
        bar.bar_format = layout(event, self._size, speed, bar.ncols)
        bar.update(event.read - bar.n)

    def note(self, line: str) -> None:
        """Tells a line, above the bar."""
        if self._bar is not None:
            self._bar.clear()
        click.echo(line, err=True)

    def close(self) -> None:
        """Wipes the bar."""
        if self._bar is not None:
            shown = self._bar.bar_format is not None
            self._bar.close()
            self._bar = None
            if shown:
                # All of the line, for a Ctrl-C stands behind it.
                self._stream.write("\r" + " " * (_columns(self._stream) - 1) + "\r")
                self._stream.flush()


def layout(event: Standing, size: int | None, speed: float, width: int) -> str:
    """The line for a terminal, as tqdm's ``bar_format``: as much as fits, what matters most first.

    Args:
        event: how far the run is.
        size: bytes there are to read, or None.
        speed: bytes a second.
        width: columns.
    """
    percent, amount, rate, left, documents, rejected = parts_of(event, size, speed)
    short = documents.replace("documents", "docs").replace("document", "doc")
    lines = [
        [percent, amount, rate, left, documents, rejected],
        [percent, rate, left, documents, rejected],
        [percent, left, short, rejected],
        [percent, left, rejected],
        [percent or short, rejected],
    ]
    texts = [", ".join(filter(None, line)) for line in lines]
    if percent and len(texts[0]) + _LEAST_BAR + 2 <= width:
        return "{percentage:3.0f}% |{bar}| " + ", ".join(filter(None, lines[0][1:]))
    return next((text for text in texts if len(text) <= width), texts[-1])


def _columns(stream: TextIO) -> int:
    """How wide a terminal is, now."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _new_bar(size: int | None, stream: TextIO) -> tqdm[Any]:
    import threading

    from tqdm import tqdm

    # No thread that watches, no lock between processes: workers are forked, and there is one bar.
    tqdm.monitor_interval = 0
    tqdm.set_lock(threading.RLock())
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return tqdm(
        total=size,
        file=stream,
        leave=False,
        ncols=80,
        # Our own clock decides: each update() draws, and none draws before the first.
        mininterval=0,
        miniters=0,
        delay=1e-3,
        smoothing=0.1,
        colour=None if plain else "cyan",
    )
