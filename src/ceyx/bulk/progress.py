"""How a run stands: what was counted so far, for who looks on and for the summary at the end."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import Any

from ceyx.bulk.ledger import State

MOST_SHOWN = 5
LATELY = 30.0  # seconds
BUDGET = "the budget is used up"
"""Why a run stops that is as whole as it can be: of `Progress.stopped`."""


@dataclass(slots=True)
class Progress:
    """The counts of one run. Threads and tasks of the run add to it; others only look."""

    read: int = 0
    """Rows of the input so far."""
    whole: bool = False
    """Whether that is all of it."""
    before: int = 0
    """Rows that an earlier run was done with."""
    failed_before: int = 0
    """Of these, the ones that have no answer."""
    possibly_paid: int = 0
    """Rows that an earlier run had sent and got no answer to."""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    in_flight: int = 0
    retries: int = 0
    limited: int = 0
    """429s and the like."""
    input_tokens: int = 0
    output_tokens: int = 0
    nanodollars: int = 0
    unpriced: int = 0
    """Answers that there is no price for."""
    errors: Counter[str] = field(default_factory=Counter)
    """Rows that failed, by kind."""
    failures: list[tuple[int, str]] = field(default_factory=list)
    """The first few rows that failed, and why."""
    slowest: list[tuple[float, int]] = field(default_factory=list)
    """A heap of the seconds of the slowest rows, and their places."""
    started: float = field(default_factory=time.monotonic)
    stopped: str = ""
    """Why the run ended before its input did; empty where it did not."""

    @property
    def finished(self) -> int:
        """Rows that nothing more is done about, in this run and before."""
        return self.before + self.done + self.failed + self.skipped

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def known(self, state: State) -> None:
        """An earlier run has settled this row."""
        self.before += 1
        self.failed_before += state != "done"

    def fail(self, position: int, error: str, kind: str) -> None:
        self.failed += 1
        self.errors[kind] += 1
        if len(self.failures) < MOST_SHOWN:
            self.failures.append((position, error))

    def took(self, position: int, seconds: float) -> None:
        (heappush if len(self.slowest) < MOST_SHOWN else heappushpop)(self.slowest, (seconds, position))

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        return {
            "rows": self.read,
            "before": self.before,
            "failed_before": self.failed_before,
            "done": self.done,
            "failed": self.failed,
            "skipped": self.skipped,
            "possibly_paid": self.possibly_paid,
            "in_flight": self.in_flight,
            "retries": self.retries,
            "limited": self.limited,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.nanodollars / 1e9,
            "unpriced": self.unpriced,
            "errors": dict(self.errors),
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
        }


class Pace:
    """How fast a run goes of late: over the last half minute, or since it began if that is shorter."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._looks = deque([(progress.started, 0, 0)])
        self.rows_per_second = self.tokens_per_minute = 0.0

    def look(self, now: float | None = None) -> None:
        """Take note of how it stands; whoever asks for the pace does this now and then."""
        progress = self._progress
        now = time.monotonic() if now is None else now
        rows, tokens = progress.finished - progress.before, progress.input_tokens + progress.output_tokens
        self._looks.append((now, rows, tokens))
        while len(self._looks) > 2 and self._looks[1][0] <= now - LATELY:
            self._looks.popleft()
        since, rows_then, tokens_then = self._looks[0]
        passed = max(now - since, 0.001)
        self.rows_per_second = (rows - rows_then) / passed
        self.tokens_per_minute = (tokens - tokens_then) / passed * 60

    def seconds_for(self, rows: int) -> float | None:
        """How long so many rows will take at this pace; None while there is none."""
        return max(rows, 0) / self.rows_per_second if self.rows_per_second > 0 else None
