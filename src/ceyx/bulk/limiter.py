"""When the next call may go out: requests a minute, tokens a minute and calls on their way, admitted together or not at all.

Pure: it is told the time (of a monotonic clock) and what answers said, and waits for nothing; `gate.py` does that. Each rate is
kept as in GCRA, by one number: the time until which what was admitted uses the rate up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, isfinite
from typing import NamedTuple, Protocol
from weakref import ref

from ceyx.wire.retry import backoff

FIRST_ALLOWED = 16.0  # on their way at the start; doubling from there takes a few answers
CUT = 0.7  # of what is on its way after a 429, as botocore's adaptive mode has it
SOONER = 3  # doublings: who says nothing of limits has too many at once as a rule, and is ready when one of these is answered
OPENAI_BURST, AZURE_BURST = 5.0, 1.0  # seconds' worth of a rate at once: Azure looks at windows of a few seconds
LONGEST_WINDOW = 60.0  # seconds: rates are of a minute


class Rate:
    """So much a second, of which `burst` seconds' worth may be used at once."""

    __slots__ = ("burst", "per_second", "until")

    def __init__(self, per_second: float, burst: float) -> None:
        self.per_second, self.burst = per_second, burst
        self.until = -inf

    def wait(self, cost: float, now: float) -> float:
        """Seconds until `cost` may be used. More than a burst may be, too, once nothing of the rate is in use."""
        return max(max(self.until - now, 0.0) - max(self.burst - cost / self.per_second, 0.0), 0.0)

    def use(self, cost: float, now: float) -> None:
        self.until = max(self.until, now) + cost / self.per_second

    def correct(self, by: float) -> None:
        """For what was used and turned out to be more (or less, if `by` is negative)."""
        self.until += by / self.per_second

    def left(self, now: float) -> float:
        return (self.burst - max(self.until - now, 0.0)) * self.per_second

    def at_most(self, left: float, now: float) -> None:
        """No more than this is left: somebody else uses the same rate. (That more may be left, one answer does not prove.)"""
        if left < self.left(now):
            self.until = now + self.burst - left / self.per_second

    def nothing_before(self, at: float) -> None:
        """All is used up until then, and fills again from there."""
        self.until = max(self.until, at + self.burst)

    def now_of(self, per_second: float, now: float) -> None:
        """It is so much from now on; what was used stays used."""
        if per_second != self.per_second:
            ahead = max(self.until - now, 0.0) * self.per_second
            self.per_second = per_second
            self.until = now + ahead / per_second


class Ticket:
    """One admitted call."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens, self.at = tokens, at


class LimitsError(Exception):
    """Limits that were to be shared cannot be: what they are shared through is not there, or does not let us in."""


class Changed(Protocol):
    """An event, such as asyncio's."""

    def set(self) -> None: ...


class Limits(Protocol):
    """What a gate asks: the limits of one model or deployment, those of this process or those that several processes share."""

    @property
    def rates(self) -> Mapping[str, Rate]:
        """ "requests" and "tokens", those of them that are known."""
        ...

    def wait(self, tokens: float, now: float) -> float: ...
    def admit(self, tokens: float, now: float) -> Ticket | float: ...
    def answered(self, ticket: Ticket, tokens: float | None, headers: Mapping[str, str], now: float) -> None: ...
    def limited(self, ticket: Ticket, asked: float | None, headers: Mapping[str, str], now: float, jitter: float) -> float: ...
    def failed(self, ticket: Ticket) -> None: ...
    def unused(self, ticket: Ticket) -> None: ...
    def listen(self, changed: Changed) -> None:
        """Have `changed` set, as long as there is one, when a call may be admitted earlier than it was told."""
        ...


class Limiter:
    """The limits of one model or deployment.

    `requests_per_minute` and `tokens_per_minute` are caps; where they are None, the rate-limit headers of answers say how fast,
    and without such headers the number of calls on their way is found out: one more while it goes well, 0.7 of it after a 429.
    `azure` is for how Azure counts: in windows of seconds, and nothing is given back to them. `share` is the part of all these
    limits that is to be used here, as others use the rest.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        in_flight: int = 64,
        *,
        azure: bool = False,
        share: float = 1.0,
    ) -> None:
        for name, given in (("requests_per_minute", requests_per_minute), ("tokens_per_minute", tokens_per_minute)):
            if given is not None and not (given > 0 and isfinite(given)):
                raise ValueError(f"{name} is {given!r}; it is a number above 0, or None for what the server says")
        if in_flight < 1:
            raise ValueError(f"in_flight is {in_flight!r}; it is a number of calls, 1 or more")
        if not 0 < share <= 1:
            raise ValueError(f"share is {share!r}; it is a part of the limits, above 0 and at most 1")
        self.burst, self.refunds = (AZURE_BURST, False) if azure else (OPENAI_BURST, True)
        self.share = share
        self._caps = {"requests": requests_per_minute, "tokens": tokens_per_minute}
        self.rates = {kind: Rate(cap / 60 * share, self.burst) for kind, cap in self._caps.items() if cap is not None}
        self.most = in_flight
        self.allowed = min(float(in_flight), FIRST_ALLOWED)
        self.in_flight = 0
        self.paused_until = -inf
        self.pauses = 0
        """429s, or waits asked for, in a row: what the server leaves open, a back-off answers."""
        self._doubling_until = float(in_flight)
        self._cut_at = -inf
        self._told = False  # by headers, so that the rates decide and not the number on their way
        self._waiting: list[ref[Changed]] = []

    def listen(self, changed: Changed) -> None:
        self._waiting = [*(each for each in self._waiting if each() is not None), ref(changed)]

    def _changed(self) -> None:
        for each in self._waiting:
            if (changed := each()) is not None:
                changed.set()

    def wait(self, tokens: float, now: float) -> float:
        """Seconds until a call of so many tokens may go out; 0 for now, inf for "when another one is back"."""
        if self.in_flight >= int(self.allowed):
            return inf
        waits = [self.paused_until - now, 0.0]
        waits += [rate.wait(1 if kind == "requests" else tokens, now) for kind, rate in self.rates.items()]
        return max(waits)

    def admit(self, tokens: float, now: float) -> Ticket | float:
        """A ticket for a call of so many tokens, at most; or else the seconds to wait, and nothing is used."""
        if (wait := self.wait(tokens, now)) > 0:
            return wait
        for kind, rate in self.rates.items():
            rate.use(1 if kind == "requests" else tokens, now)
        self.in_flight += 1
        return Ticket(tokens, now)

    # -- what became of it: one of these for each ticket

    def answered(self, ticket: Ticket, tokens: float | None, headers: Mapping[str, str], now: float) -> None:
        """It was answered, and took so many tokens; None where the server does not say."""
        self.in_flight -= 1
        self.pauses = 0
        if tokens is not None and (rate := self.rates.get("tokens")) and (self.refunds or tokens > ticket.tokens):
            rate.correct(tokens - ticket.tokens)
        self._learn(headers, now)
        self._changed()
        if self._told and self._cut_at == -inf:
            self.allowed = float(self.most)  # the rates decide
            return
        doubles = self._told or self.allowed < self._doubling_until
        self.allowed = min(self.allowed + (1.0 if doubles else 1 / self.allowed), float(self.most))

    def limited(self, ticket: Ticket, asked: float | None, headers: Mapping[str, str], now: float, jitter: float) -> float:
        """It was refused, as there were too many: nothing goes out for `asked` seconds. `jitter` is in [0, 1). Seconds waited."""
        self.in_flight -= 1
        if self.refunds and (rate := self.rates.get("tokens")):
            rate.correct(-ticket.tokens)
        self._learn(headers, now)
        if ticket.at > self._cut_at:  # of the many that were on their way, one says it for all
            self.pauses += 1
            self._cut_at = now
            self.allowed = max(self.allowed * CUT, 1.0)
            self._doubling_until = self.allowed
        # What is asked for is stretched, so that several runners do not come back at once.
        if asked is None:
            wait = backoff(max(self.pauses - 1, 0) - (0 if self._told else SOONER), lambda: jitter)
        else:
            wait = asked * (1 + 0.1 * jitter)
        self.paused_until = max(self.paused_until, now + wait)
        for rate in self.rates.values():
            rate.nothing_before(self.paused_until)  # there is room for one then, and not for a burst
        self._changed()
        return wait

    def failed(self, ticket: Ticket) -> None:
        """It came to nothing that says something of limits."""
        self.in_flight -= 1
        self._changed()

    def unused(self, ticket: Ticket) -> None:
        """It was not sent."""
        for kind, rate in self.rates.items():
            rate.correct(-1 if kind == "requests" else -ticket.tokens)
        self.failed(ticket)

    def _learn(self, headers: Mapping[str, str], now: float) -> None:
        for kind, said in told(headers):
            if said.limit:
                self._told = True
                cap = self._caps[kind]
                per_second = (said.limit if cap is None else min(said.limit, cap)) / 60 * self.share
                if (rate := self.rates.get(kind)) is None:
                    rate = self.rates[kind] = Rate(per_second, self.burst)
                rate.now_of(per_second, now)
            if said.left is not None and (known := self.rates.get(kind)):
                known.at_most(said.left * self.share, now)
                if said.left < 1 and said.reset and not self.refunds:  # a window, of which the end is known
                    known.nothing_before(now + min(said.reset, LONGEST_WINDOW))


class Said(NamedTuple):
    """What an answer says of a rate: of a minute, left of it, and if that is nothing, the seconds until all is there again."""

    limit: float | None
    left: float | None
    reset: float | None


def told(headers: Mapping[str, str]) -> Iterator[tuple[str, Said]]:
    """What the rate-limit headers of an answer say of "requests" and "tokens"."""
    for kind, of_limit, of_left, of_reset in _HEADERS:
        limit, left = _number(headers.get(of_limit)), _number(headers.get(of_left))
        if limit is not None or left is not None:
            yield kind, Said(limit, left, _number(headers.get(of_reset)) if left is not None and left < 1 else None)


_HEADERS = [
    (kind, *(f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset"))) for kind in ("requests", "tokens")
]


def _number(text: str | None) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None
