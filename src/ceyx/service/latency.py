"""How long answers take, where they are to take as long as a model's: a while until the first token, then token after token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from random import Random
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service.documents import Table, checked
from ceyx.service.streams import EventStream

TIERS = {"priority": 0.5, "flex": 3.0}
"""How much longer an answer takes in a tier than in the usual one."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an answer takes. Each wait is longer or shorter by up to `jitter` of it, by chance."""

    first_token: float = 0.0
    """Seconds until it begins."""
    tokens_per_second: float | None = None
    """None: as fast as it goes."""
    jitter: float = 0.0
    """From 0, always the same, to 1, from nothing to twice as long."""
    seed: int = 0
    """The same seed has the same requests wait equally long."""

    def __post_init__(self) -> None:
        if not (self.first_token >= 0 and isfinite(self.first_token)):
            raise ValueError(f"first_token is {self.first_token}; it is a number of seconds, such as 0.3")
        if self.tokens_per_second is not None and not self.tokens_per_second > 0:
            raise ValueError(f"tokens_per_second is {self.tokens_per_second}; it is a number above 0, such as 50")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"jitter is {self.jitter}; it is a number from 0 to 1")


def latency_of(table: Table, name: str) -> Latency:
    """A latency: seconds until the answer begins, or a table."""
    given = table.take(name, float, dict)
    if not isinstance(given, dict):
        return checked(table, name, lambda: Latency(float(given or 0)))
    here = table.table(name)
    first, jitter, seed = here.number("first_token", 0), here.number("jitter", 0), here.take("seed", int) or 0
    speed = here.take("tokens_per_second", float)
    here.done()
    return checked(here, "", lambda: Latency(first, speed, jitter, seed))


class Pace:
    """The waits of one deployment's answers."""

    def __init__(self, latency: Latency) -> None:
        self.latency = latency
        self.reset()

    def reset(self) -> None:
        """As at the start: the same requests then wait equally long."""
        self._chance = Random(self.latency.seed)

    def _varied(self, seconds: float) -> float:
        jitter = self.latency.jitter
        return seconds * self._chance.uniform(1 - jitter, 1 + jitter) if jitter else seconds

    async def wait_for(self, response: Response, tier: str | None) -> None:
        """Waits until the answer begins; for the rest of it, too, unless it streams: then its events are told when to come."""
        times = TIERS.get(tier or "", 1.0)
        seconds = self._varied(self.latency.first_token * times)
        if self.latency.tokens_per_second is not None:
            each = times / self.latency.tokens_per_second
            if isinstance(response, EventStream):
                response.waits = self._waits(each)
            else:
                seconds += sum(self._varied(each) for _ in range(_tokens(response)))
        await asyncio.sleep(seconds)

    def _waits(self, each: float) -> Iterator[float]:
        while True:
            yield self._varied(each)


class _Usage(msgspec.Struct):
    completion_tokens: int = 0
    output_tokens: int = 0


class _Counted(msgspec.Struct):
    usage: _Usage | None = None


_counted: Any = msgspec.json.Decoder(_Counted)


def _tokens(response: Response) -> int:
    """How many tokens were generated for an answer, as far as it says so."""
    try:
        usage: _Usage | None = _counted.decode(response.body).usage
    except msgspec.DecodeError:  # a recording, a text
        return 0
    return 0 if usage is None else usage.completion_tokens or usage.output_tokens
