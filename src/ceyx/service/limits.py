"""What is left of a deployment's minute: counted and told in headers, not yet enforced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

REQUESTS_A_MINUTE = 10_000
TOKENS_A_MINUTE = 2_000_000


class Left(NamedTuple):
    """What a deployment has left, and after how many seconds it has all of it again."""

    requests: int
    tokens: int
    seconds: float


@dataclass(slots=True)
class _Minute:
    began: float
    requests: int = 0
    tokens: int = 0


class Limits:
    """Requests and tokens of each deployment within the minute that its first request began."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._minutes: dict[str, _Minute] = {}

    def count(self, deployment: str, tokens: int) -> Left:
        """Notes one request of so many tokens; what is left after it."""
        now = self._clock()
        minute = self._minutes.get(deployment)
        if minute is None or now - minute.began >= 60:
            minute = self._minutes[deployment] = _Minute(now)
        minute.requests += 1
        minute.tokens += tokens
        left = minute.began + 60 - now
        return Left(max(REQUESTS_A_MINUTE - minute.requests, 0), max(TOKENS_A_MINUTE - minute.tokens, 0), left)
