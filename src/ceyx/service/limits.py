"""What a deployment may be asked in a minute, and what is left of that: enforced where limits are set, else only told.

Both providers count requests and tokens, each in its way. OpenAI's are buckets that fill again all the time. Azure's are windows:
requests within ten seconds (as part of a minute's), tokens within the minute that the first of them began. A request is taken for
the tokens it may cost; OpenAI's count is set right once the answer is there, Azure's stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import Any, Literal, NamedTuple, TypeAlias

from ceyx.service.documents import Table, checked
from ceyx.service.errors import Provider, Refusal

REQUESTS_A_MINUTE = 10_000
TOKENS_A_MINUTE = 2_000_000
Dimension: TypeAlias = Literal["requests", "tokens"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a deployment may be asked in a minute; None: as much as anybody likes."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    window: float = 10.0
    """The seconds within which Azure wants its share of a minute's requests not to be exceeded; 60: it does not look."""
    enqueued_tokens: int | None = None
    """What the prompts of all batches that are under way may come to; a batch that is too much for that fails."""

    def __post_init__(self) -> None:
        for name in ("requests_per_minute", "tokens_per_minute", "enqueued_tokens"):
            given = getattr(self, name)
            if given is not None and given < 1:
                raise ValueError(f"{name} is {given}; it is a whole number above 0")
        if not 0 < self.window <= 60:
            raise ValueError(f"window is {self.window}; it is a number of seconds up to 60")


def limit_of(here: Table) -> Limit:
    """A limit as it is written in a file."""
    requests, tokens = here.whole("requests_per_minute", 1), here.whole("tokens_per_minute", 1)
    window, enqueued = here.number("window", 0, 10.0), here.whole("enqueued_tokens", 1)
    here.done()
    return checked(here, "window", lambda: Limit(requests, tokens, window, enqueued))


class Left(NamedTuple):
    """What a deployment may be asked, what it has left, and after how many seconds it has all of it again."""

    requests: int
    tokens: int
    requests_in: float
    tokens_in: float
    most_requests: int = REQUESTS_A_MINUTE
    most_tokens: int = TOKENS_A_MINUTE


class Exceeded(NamedTuple):
    """Why a request is refused."""

    dimension: Dimension
    limit: int
    used: int
    requested: int
    seconds: float | None
    """When to come again; None: never, it asks for more than a minute has."""


@dataclass(slots=True)
class Bucket:
    """So much, filling again over a minute."""

    size: int
    level: float
    at: float

    def fill(self, now: float) -> None:
        self.level = min(self.level + (now - self.at) * self.size / 60, self.size)
        self.at = now

    def until(self, cost: float) -> float:
        """Seconds until there is so much in it."""
        return max(cost - self.level, 0) * 60 / self.size


@dataclass(slots=True)
class Window:
    """So much within so many seconds, which begin with the first of it."""

    size: int
    seconds: float
    began: float = float("-inf")
    used: int = 0

    def turn(self, now: float) -> None:
        if now - self.began >= self.seconds:
            self.began, self.used = now, 0

    def until(self, now: float) -> float:
        """Seconds until it is over."""
        return max(self.began + self.seconds - now, 0)


class Meter:
    """The limits of one deployment."""

    def __init__(self, limit: Limit, provider: Provider, now: float) -> None:
        self.limit = limit
        self.enforced = limit.requests_per_minute is not None or limit.tokens_per_minute is not None
        requests, tokens = limit.requests_per_minute or REQUESTS_A_MINUTE, limit.tokens_per_minute or TOKENS_A_MINUTE
        self.requests, self.tokens = Bucket(requests, requests, now), Bucket(tokens, tokens, now)
        self.share = Window(max(ceil(requests * limit.window / 60), 1), limit.window)
        self.minute, self.minute_of_tokens = Window(requests, 60), Window(tokens, 60)
        self.provider: Provider = provider

    def admit(self, tokens: int, now: float) -> Exceeded | None:
        """Takes a request of so many tokens, at most; or says why not, and takes nothing."""
        if self.provider == "azure":
            return self._admit_to_windows(tokens, now)
        for dimension, bucket, cost in (("requests", self.requests, 1), ("tokens", self.tokens, tokens)):
            bucket.fill(now)
            if bucket.level < cost:
                name: Dimension = "requests" if dimension == "requests" else "tokens"
                seconds = None if cost > bucket.size else bucket.until(cost)
                return Exceeded(name, bucket.size, ceil(bucket.size - bucket.level), cost, seconds)
        self.requests.level -= 1
        self.tokens.level -= tokens
        return None

    def _admit_to_windows(self, tokens: int, now: float) -> Exceeded | None:
        for window in (self.share, self.minute, self.minute_of_tokens):
            window.turn(now)
            if window is self.minute_of_tokens:
                # A request is let through as long as anything is left, however large: Azure refuses the ones after it.
                if window.used >= window.size:
                    return Exceeded("tokens", window.size, window.used, tokens, window.until(now))
            elif window.used >= window.size:
                return Exceeded("requests", self.minute.size, self.minute.used, 1, window.until(now))
        self.share.used += 1
        self.minute.used += 1
        self.minute_of_tokens.used += tokens
        return None

    def settle(self, admitted: int, tokens: int) -> None:
        """The answer has taken so many tokens, in place of those it was admitted with."""
        if self.provider == "openai":
            self.tokens.level = min(self.tokens.level + admitted - tokens, self.tokens.size)

    def used(self, now: float) -> tuple[int, int]:
        """The requests and tokens that are not there again yet."""
        if self.provider == "azure":
            windows = self.minute, self.minute_of_tokens
            requests, tokens = (each.used if each.until(now) else 0 for each in windows)
            return requests, tokens
        for bucket in (self.requests, self.tokens):
            bucket.fill(now)
        return ceil(self.requests.size - self.requests.level), ceil(self.tokens.size - self.tokens.level)

    def left(self, now: float) -> Left:
        if self.provider == "azure":
            requests, tokens = self.minute, self.minute_of_tokens
            rest = max(requests.size - requests.used, 0), max(tokens.size - tokens.used, 0)
            return Left(*rest, requests.until(now), tokens.until(now), requests.size, tokens.size)
        for bucket in (self.requests, self.tokens):
            bucket.fill(now)
        one, other = self.requests, self.tokens
        there = max(int(one.level), 0), max(int(other.level), 0)
        return Left(*there, one.until(one.size), other.until(other.size), one.size, other.size)


@dataclass(slots=True)
class _Minute:
    began: float
    requests: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Limits:
    """The limits of all deployments. Those that have none are told what is left of a generous minute."""

    by_deployment: Mapping[str, Limit] = field(default_factory=dict)
    """* is for those that are not named."""
    clock: Callable[[], float] = monotonic
    _minutes: dict[str, _Minute] = field(default_factory=dict)
    _meters: dict[tuple[Provider, str], Meter] = field(default_factory=dict)

    def meter(self, provider: Provider, deployment: str) -> Meter | None:
        """The meter of a deployment that has limits."""
        limit = self.by_deployment.get(deployment) or self.by_deployment.get("*")
        if limit is None:
            return None
        meter = self._meters.get((provider, deployment))
        if meter is None or meter.limit != limit:
            meter = self._meters[provider, deployment] = Meter(limit, provider, self.clock())
        return meter

    def count(self, deployment: str, tokens: int) -> Left:
        """Notes one request of so many tokens, where nothing is limited; what is left after it."""
        now = self.clock()
        minute = self._minutes.get(deployment)
        if minute is None or now - minute.began >= 60:
            minute = self._minutes[deployment] = _Minute(now)
        minute.requests += 1
        minute.tokens += tokens
        left = minute.began + 60 - now
        return Left(max(REQUESTS_A_MINUTE - minute.requests, 0), max(TOKENS_A_MINUTE - minute.tokens, 0), left, left)

    def used(self) -> list[dict[str, Any]]:
        """What deployments were asked in this minute, as JSON has it: those with limits, by provider, then the others."""
        now = self.clock()
        rows: list[dict[str, Any]] = []
        for (provider, deployment), meter in self._meters.items():
            requests, tokens = meter.used(now)
            most = {"requests": meter.limit.requests_per_minute, "tokens": meter.limit.tokens_per_minute}
            rows.append({"deployment": deployment, "provider": provider, "requests": requests, "tokens": tokens, "most": most})
        for deployment, minute in self._minutes.items():
            if now - minute.began < 60:
                rows.append({"deployment": deployment, "requests": minute.requests, "tokens": minute.tokens})
        return rows

    def reset(self) -> None:
        """Everything is left again."""
        self._minutes.clear()
        self._meters.clear()


def refusal(provider: Provider, deployment: str, version: str | None, operation: str, exceeded: Exceeded) -> Refusal:
    """The 429 for a request beyond a limit, with the headers that say when to come again."""
    wait = exceeded.seconds
    if provider == "azure":
        seconds = max(ceil(60 if wait is None else wait), 1)
        rate = "call rate" if exceeded.dimension == "requests" else "token rate"
        under = f" under Azure OpenAI API version {version}" if version else ""
        message = (
            f"Requests to the {operation} Operation{under} have exceeded {rate} limit of your current OpenAI S0 pricing tier. "
            f"Please retry after {seconds} second{'s' * (seconds != 1)}."
        )
        refused = Refusal(429, message, code="429", gateway=True)
        refused.headers = {"retry-after": str(seconds), "retry-after-ms": str(seconds * 1000)}
        return refused
    unit = "requests per min (RPM)" if exceeded.dimension == "requests" else "tokens per min (TPM)"
    if wait is None:
        counts = f"Limit {exceeded.limit}, Requested {exceeded.requested}"
        message = f"Request too large for {deployment} in organization ceyx-local on {unit}: {counts}."
        message += " The input or output tokens must be reduced in order to run successfully."
        refused = Refusal(429, message, type=exceeded.dimension, code="rate_limit_exceeded")
        refused.headers = {"x-should-retry": "false"}
        return refused
    counts = f"Limit {exceeded.limit}, Used {exceeded.used}, Requested {exceeded.requested}"
    message = f"Rate limit reached for {deployment} in organization ceyx-local on {unit}: {counts}. "
    message += f"Please try again in {spelled(wait)}."
    refused = Refusal(429, message, type=exceeded.dimension, code="rate_limit_exceeded")
    refused.headers = {"retry-after": str(max(ceil(wait), 1)), "retry-after-ms": str(max(ceil(wait * 1000), 1))}
    return refused


def spelled(seconds: float) -> str:
    """A duration as OpenAI writes it: 120ms, 1.5s, 6m0s."""
    if seconds < 1:
        return f"{max(ceil(seconds * 1000), 1)}ms"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:.3f}".rstrip("0").rstrip(".") + "s"
