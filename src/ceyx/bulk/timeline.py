"""A job over time: how many rows were settled in each stretch of it, and what they used. Pauses between runs are left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ceyx.bulk.digest import Moments

STRETCHES = 60  # that a job is divided into
SHORTEST = 0.25  # seconds
LEAST_PAUSE = 60.0  # seconds
UNUSUAL = 50  # times as long as rows usually are apart


@dataclass(slots=True)
class Timeline:
    """Stretches of the time that a job was at work, all of one length."""

    stretch: float
    """Seconds."""
    pauses: list[tuple[float, float]]
    """At which second of the time at work nothing went on, and for how long."""
    began: float
    """Seconds since 1970."""
    answered: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    input_tokens: list[int] = field(default_factory=list)
    output_tokens: list[int] = field(default_factory=list)
    nanodollars: list[int] = field(default_factory=list)
    """Of all rows until then."""

    @property
    def seconds(self) -> float:
        return self.stretch * len(self.answered)

    @classmethod
    def of(cls, moments: Moments) -> Timeline | None:
        """The timeline of these rows; None where there are none."""
        if not len(moments):
            return None
        at = [moment.at for moment in moments.ordered()]
        apart = [later - earlier for earlier, later in pairwise(at)]
        longest = max(LEAST_PAUSE, UNUSUAL * median(apart)) if apart else LEAST_PAUSE
        pauses: list[tuple[float, float]] = []
        at_work = [0.0]  # seconds of it, for each row
        for gap in apart:
            if gap > longest:
                pauses.append((at_work[-1], gap))
                gap = 0.0
            at_work.append(at_work[-1] + gap)
        stretch = max(at_work[-1] / STRETCHES, SHORTEST)
        count = int(at_work[-1] / stretch) + 1 if at_work[-1] < STRETCHES * SHORTEST else STRETCHES
        line = cls(stretch, pauses, at[0])
        for each in (line.answered, line.failed, line.input_tokens, line.output_tokens, line.nanodollars):
            each.extend([0] * count)
        for moment, when in zip(moments.ordered(), at_work, strict=True):
            n = min(int(when / stretch), count - 1)
            (line.answered if moment.done else line.failed)[n] += 1
            line.input_tokens[n] += moment.input_tokens
            line.output_tokens[n] += moment.output_tokens
            line.nanodollars[n] += moment.nanodollars
        for n in range(1, count):
            line.nanodollars[n] += line.nanodollars[n - 1]
        return line
