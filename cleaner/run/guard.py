"""What a run does about its tripwires: tells of each, remembers it, and stops at a grave one unless that was accepted."""

from __future__ import annotations

from dataclasses import replace

from cleaner.document import Rejection
from cleaner.errors import TripwireError
from cleaner.run.traits import Traits
from cleaner.run.tripwires import Tripwires
from cleaner.run.watch import Alarm, Meter


class Guard:
    """Watches over one run.

    Args:
        wires: judge.
        meter: is told of every alarm.
        accepts: whether grave ones are accepted.
        stops: whether a grave one that is not accepted stops the run; else it is told at the end.

    Attributes:
        alarms: those that were given, in order; ``stops`` is true of the grave ones.
    """

    def __init__(self, wires: Tripwires, meter: Meter, *, accepts: bool, stops: bool) -> None:
        self._wires = wires
        self._meter = meter
        self._accepts = accepts
        self._stops = stops
        self.alarms: list[Alarm] = []

    def add(self, result: Traits | Rejection) -> None:
        """The next result, in input order, after it was written.

        Raises:
            TripwireError: a grave alarm stops the run.
        """
        self._heed(self._wires.add(result))

    def end(self) -> None:
        """All is done."""
        self._heed(self._wires.end())

    @property
    def tripped(self) -> bool:
        """Whether there was a grave alarm that was not accepted."""
        return not self._accepts and any(alarm.stops for alarm in self.alarms)

    def _heed(self, alarms: list[Alarm]) -> None:
        ends = self._stops and not self._accepts
        for alarm in alarms:
            self.alarms.append(alarm)
            self._meter.alarm(replace(alarm, stops=alarm.stops and ends))
        grave = [f"{alarm.about} {alarm.detail}" if alarm.about != "run" else alarm.detail for alarm in alarms if alarm.stops]
        if grave and ends:
            raise TripwireError(tuple(grave))
