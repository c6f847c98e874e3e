"""A limit of time for one page, by the clock: what takes longer is stopped where it stands, and the run goes on.

The system's alarm interrupts Python between two of its steps, so in the main thread of a process and on systems that have such an alarm;
elsewhere there is no limit. It cannot interrupt libxml2, which works in one step; ``extract.tree`` refuses what would take that long.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

from cleaner.errors import InputError
from cleaner.report import TOO_SLOW

_AGAIN = 0.5
"""Seconds after which the alarm rings once more, where what it raised was swallowed."""


class _TimeIsUp(BaseException):
    """Not an ``Exception``, for those are caught on the way by libraries that go on whatever happens."""


class PageClock:
    """Makes limits for one page after another; called, it gives one to be entered.

    Args:
        seconds: how long a page may take; 0: as long as it likes.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self) -> AbstractContextManager[None]:
        """A limit.

        Raises:
            InputError: ``page-too-slow``, on leaving it, when time was up.
        """
        return self._limit()

    @contextmanager
    def _limit(self) -> Iterator[None]:
        if not self._seconds or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, _ring)
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except _TimeIsUp:
            detail = f"the page took more than {self._seconds:g} seconds; give it more with --max-seconds, or leave it out"
            raise InputError(TOO_SLOW, detail) from None
        finally:
            # Once more, for it may have rung just before it was turned off.
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _ring(_: int, __: FrameType | None) -> None:
    raise _TimeIsUp
