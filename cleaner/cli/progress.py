"""What is shown on standard error while a run goes on: a bar on a terminal, a line a minute in a log, JSON for machines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from cleaner.cli.amounts import clock_time, parts_of
from cleaner.document import Rejection
from cleaner.report import RunReport
from cleaner.run.watch import Alarm, Began, Event, Noted, Standing

Clock = Callable[[], float]

LINE_EVERY = 60.0
"""Seconds between two lines of a log."""
JSON_EVERY = 10.0
"""Seconds between two objects that tell how far a run is."""


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
        from cleaner.cli.bar import Bar

        display = Bar() if asked or (asked is None and not pipe) else Display()
    else:
        display = Lines() if asked else Display()
    try:
        yield display
    finally:
        display.close()
