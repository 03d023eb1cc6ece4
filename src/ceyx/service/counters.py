"""What the service counts: requests, answers by status, faults by name, and how often each logical call arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_CALLS = 1_000_000
"""So many ids of calls are kept; what comes after is only counted."""
MOST_MODELS = 1_000
TALLY = "ceyx.tally"
"""In the scope of a request: what is counted of it."""


@dataclass(slots=True)
class Tally:
    """What there is to count of one request."""

    call: str | None = None
    """The `x-ceyx-request` it came with."""
    status: int | None = None
    whole: bool = False
    """Whether the answer was sent to its end."""
    fault: str | None = None
    deployment: str | None = None
    """Which it was for, once that is known to be one."""
    model: str | None = None
    tokens: int = 0
    """All that it took, where its usage does not tell more."""
    usage: Mapping[str, Any] | None = None
    """As the answer tells it."""


@dataclass(slots=True)
class Used:
    """What was asked of a model."""

    requests: int = 0
    failed: int = 0
    input: int = 0
    output: int = 0


@dataclass(slots=True)
class Counters:
    """Counts since the start, or since `reset`."""

    requests: int = 0
    open: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    clean: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    used: dict[str, Used] = field(default_factory=dict)
    """By model."""
    calls_not_kept: int = 0

    def begin(self, call: str | None) -> Tally:
        """A request came, of this logical call if it says so."""
        self.requests += 1
        self.open += 1
        if call is not None:
            if call in self.arrived or len(self.arrived) < MOST_CALLS:
                self.arrived[call] += 1
            else:
                self.calls_not_kept += 1
        return Tally(call)

    def fault(self, tally: Tally, name: str) -> None:
        """A fault is about to happen to the request."""
        tally.fault = name
        self.faults[name] += 1

    def no_fault(self, tally: Tally) -> None:
        """It did not happen after all: there was no answer to damage."""
        if tally.fault is not None and self.faults[tally.fault] > 0:  # it may have been counted before a reset
            self.faults[tally.fault] -= 1
        tally.fault = None

    def end(self, tally: Tally) -> None:
        """The request is over."""
        self.open -= 1
        status = "none" if tally.status is None else str(tally.status)
        self.answers[status] += 1
        if tally.whole and tally.fault is None:
            self.clean[status] += 1
            if tally.call is not None and tally.call in self.arrived and tally.status is not None and tally.status < 300:
                self.answered[tally.call] += 1
        if tally.model is not None:
            self._use(tally, tally.model)

    def _use(self, tally: Tally, model: str) -> None:
        used = self.used.get(model)
        if used is None:
            if len(self.used) >= MOST_MODELS:  # a forwarding service takes any name
                return
            used = self.used[model] = Used()
        used.requests += 1
        if tally.status is None or tally.status >= 400:
            used.failed += 1
            return
        read, written = read_and_written(tally)
        used.input += read
        used.output += written

    def reset(self) -> None:
        """From zero again; requests on their way stay open."""
        self.requests = self.calls_not_kept = 0
        for counter in (self.answers, self.clean, self.faults, self.arrived, self.answered):
            counter.clear()
        self.used.clear()

    def said(self, every_call: bool = False) -> dict[str, Any]:
        """The counts as JSON has them."""
        calls: dict[str, Any] = {
            "distinct": len(self.arrived),
            "not_kept": self.calls_not_kept,
            "repeated": {call: times for call, times in self.arrived.items() if times > 1},
            "answered_again": {call: times for call, times in self.answered.items() if times > 1},
        }
        if every_call:
            calls["arrived"] = dict(self.arrived)
        return {
            "requests": self.requests,
            "open": self.open,
            "answers": dict(self.answers),
            "clean": dict(self.clean),
            "faults": dict(+self.faults),
            "calls": calls,
        }


def read_and_written(tally: Tally) -> tuple[int, int]:
    """The tokens of a request's input and output, in whichever words its usage has them."""
    usage = tally.usage
    if usage is None:
        return tally.tokens, 0
    read = usage.get("prompt_tokens", usage.get("input_tokens"))
    written = usage.get("completion_tokens", usage.get("output_tokens"))
    return read if type(read) is int else 0, written if type(written) is int else 0
