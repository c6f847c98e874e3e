"""What is shown on standard error while a run goes on: a bar on a terminal, a line a minute in a log, JSON for machines, or nothing.

The only door to tqdm, which knows the width of terminals, the speed of late, and how to leave a clean line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from cleaner.document import Rejection
from cleaner.report import RunReport
from cleaner.run.watch import Alarm, Began, Event, Noted, Standing

if TYPE_CHECKING:
    from tqdm import tqdm

Clock = Callable[[], float]

BAR_EVERY = 0.1
"""Seconds between two looks of the bar, at least."""
LINE_EVERY = 60.0
"""Seconds between two lines of a log."""
JSON_EVERY = 10.0
"""Seconds between two objects that tell how far a run is."""
_DELAY = 0.5
"""Seconds for which a run is not worth a bar."""
_ECHO = 3
"""Columns that stay free: what a terminal shows of a Ctrl-C must not begin a second line."""
_LEAST_BAR = 6
"""Cells below which a bar shows nothing."""


class Display:
    """Shows nothing but what must be seen: tripwires, and what it is told to note."""

    def __call__(self, event: Event) -> None:
        """Something happened in the run."""
        match event:
            case Standing():  # the most frequent first
                self.stands(event)
            case Began():
                self.began(event)
            case Rejection():
                self.rejected(event)
            case Alarm():
                self.alarmed(event)
            case Noted():
                self.note(event.detail)

    def began(self, event: Began) -> None:
        """The inputs are known."""

    def stands(self, event: Standing) -> None:
        """The run got on."""

    def rejected(self, rejection: Rejection) -> None:
        """Something could not be read."""

    def alarmed(self, alarm: Alarm) -> None:
        """A tripwire."""
        self.note(f"tripwire: {alarm.about}: {alarm.detail}")

    def note(self, line: str) -> None:
        """A line for a person."""
        click.echo(line, err=True)

    def close(self) -> None:
        """The run is over, one way or the other."""

    def ended(self, status: int, report: RunReport, seconds: float) -> None:
        """The run came to its end, after ``close``."""


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


class Lines(Display):
    """A line a minute, and one at the end."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._begun = self._said = clock()
        self._size: int | None = None
        self._last: Standing | None = None
        self._read = 0

    def began(self, event: Began) -> None:
        """Remembers how much there is to read."""
        self._size = event.size

    def stands(self, event: Standing) -> None:
        """Shows how far it is, unless it did just now."""
        self._last = event
        now = self._clock()
        if now - self._said >= LINE_EVERY:
            self._say((event.read - self._read) / (now - self._said))
            self._said, self._read = now, event.read

    def close(self) -> None:
        """Tells the last."""
        elapsed = self._clock() - self._begun
        if self._last is not None and elapsed > 0:
            self._say(self._last.read / elapsed, done=True)
            self._last = None

    def _say(self, speed: float, *, done: bool = False) -> None:
        if self._last is not None:
            parts = parts_of(self._last, None if done else self._size, speed)
            self.note(f"[{clock_time(self._clock() - self._begun)}] " + ", ".join(filter(None, parts)))


class JsonLines(Display):
    """An object a line, for machines; ``docs/commands.md`` names the fields.

    Args:
        about: what the first object tells of the run.
        every: seconds between two that tell how far it is; None: there are none.
    """

    def __init__(self, about: Mapping[str, Any], every: float | None = JSON_EVERY, clock: Clock = time.monotonic) -> None:
        self._about = about
        self._every = every
        self._clock = clock
        self._begun = self._said = clock()
        self._size: int | None = None

    def began(self, event: Began) -> None:
        """Remembers how much there is to read."""
        self._size = event.size
        say_json("start", **self._about, files=event.files, bytes_total=event.size)

    def stands(self, event: Standing) -> None:
        """Shows how far it is, unless it did just now."""
        now = self._clock()
        if self._every is None or now - self._said < self._every:
            return
        self._said = now
        elapsed = now - self._begun
        speed = event.read / elapsed if elapsed > 0 else 0.0
        say_json(
            "progress",
            documents=event.documents,
            rejected=event.rejected,
            bytes=event.read,
            bytes_total=self._size,
            seconds=round(elapsed, 3),
            seconds_left=round((self._size - event.read) / speed, 1) if self._size and speed else None,
        )

    def rejected(self, rejection: Rejection) -> None:
        """Tells what was rejected."""
        source = rejection.source
        say_json("rejection", input=source.input, record=source.record, reason=rejection.reason, detail=rejection.detail)

    def alarmed(self, alarm: Alarm) -> None:
        """Tells of a tripwire."""
        say_json("tripwire", about=alarm.about, detail=alarm.detail, stops=alarm.stops)

    def note(self, line: str) -> None:
        """Tells a line."""
        say_json("note", message=line)

    def ended(self, status: int, report: RunReport, seconds: float) -> None:
        """Tells the counts."""
        say_json("end", status=status, seconds=round(seconds, 3), counts=dict(report.described()))


def say_json(event: str, **values: Any) -> None:
    """One object on standard error; what is None is left out."""
    told = {name: value for name, value in values.items() if value is not None}
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    click.echo(json.dumps({"event": event, "time": stamp, **told}), err=True)


@contextmanager
def displayed(asked: bool | None, *, pipe: bool, log_json: Mapping[str, Any] | None) -> Iterator[Display]:
    """What suits a run.

    Args:
        asked: ``--progress``, ``--no-progress``, or neither.
        pipe: whether texts go to standard output: unasked, nothing is shown then, for another program may write to the same terminal.
        log_json: what the first object tells, if machines read.
    """
    display: Display
    if log_json is not None:
        display = JsonLines(log_json, None if asked is False else JSON_EVERY)
    elif sys.stderr.isatty():
        display = Bar() if asked or (asked is None and not pipe) else Display()
    else:
        display = Lines() if asked else Display()
    try:
        yield display
    finally:
        display.close()


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


def parts_of(event: Standing, size: int | None, speed: float) -> list[str]:
    """Percent, MB, MB a second, time left, documents, rejected: in words, "" for what is not known."""
    read = event.read / 1e6
    left = clock_time((size - event.read) / speed) + " left" if size and speed > 0 else ""
    return [
        f"{event.read / size:4.0%}".strip() if size else "",
        f"{read:,.1f} of {size / 1e6:,.1f} MB" if size else f"{read:,.1f} MB",
        f"{speed / 1e6:,.1f} MB/s" if speed >= 1e6 else f"{speed / 1e3:,.0f} kB/s" if speed >= 500 else "",
        left,
        f"{event.documents:,} document" + ("" if event.documents == 1 else "s"),
        f"{event.rejected:,} rejected",
    ]


def clock_time(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock_time(75), clock_time(3 * 3600 + 62), clock_time(1e9)
    ('1:15', '3:01:02', 'days')
    """
    if seconds >= 100 * 3600:
        return "days"
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


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
