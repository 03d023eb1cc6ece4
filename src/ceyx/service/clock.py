"""The time as a service has it: that of the machine, and ahead of it where a test asked for that.

Each request, and the work it leaves behind, runs with the clock of its service; whoever asks `time` need not know which that is.
"""

from __future__ import annotations

import time as of_machine
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """A clock that can be put forward, not back."""

    ahead: float = 0.0
    """By how many seconds."""

    def time(self) -> float:
        """Unix time."""
        return of_machine.time() + self.ahead

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return of_machine.monotonic() + self.ahead


_current: ContextVar[Clock] = ContextVar("clock", default=Clock())  # noqa: B039  nobody puts that one forward


def use(clock: Clock) -> None:
    """From here on, in this task and those it starts, it is as late as this clock says."""
    _current.set(clock)


def time() -> float:
    """Unix time, as the service has it."""
    return _current.get().time()
