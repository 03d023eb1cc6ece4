"""Limits that processes and machines share through Redis: each has a lease of them, and asks for the next when it is used up.

`SharedLimiter` is asked as `Limiter` is, and answers at once from its lease; a task of its own talks with Redis. The rules are
in `redis_script.py`. Where Redis is gone, each worker goes on with its part of what was last known until it is back.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from logging import getLogger
from math import inf
from typing import Self
from weakref import WeakSet

import msgspec

from ceyx.bulk.limiter import (
    AZURE_BURST,
    LONGEST_WINDOW,
    OPENAI_BURST,
    SOONER,
    Changed,
    Limiter,
    LimitsError,
    Rate,
    Ticket,
    told,
)
from ceyx.bulk.redis_address import PATIENCE, client_at, connectable, shown
from ceyx.bulk.redis_script import CONSTANTS, LEASE, SCRIPT, Lease, Refused, Told, key_of
from ceyx.wire.retry import backoff

BEAT = 0.25  # seconds between two words, at most; what others pause for is known after that
KEPT_LEASE = 5 * LEASE  # seconds after which what was not used goes back


class SharedLimiter:
    """The limits of one model or deployment, for all workers that name the same Redis and scope.

    `async with SharedLimiter("redis://host:6379/0", "api.openai.com/gpt-4o", requests_per_minute=600) as limiter:`. The other
    arguments are as for `Limiter`: caps are for all workers together, `in_flight` is for this one. A password is taken from the
    URL or from the environment variable CEYX_REDIS_PASSWORD. `workers` says how many there may be, for where Redis cannot be
    asked from the beginning on; without it, that raises LimitsError.
    """

    def __init__(
        self,
        url: str,
        scope: str,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        in_flight: int = 64,
        *,
        azure: bool = False,
        workers: int | None = None,
    ) -> None:
        Limiter(requests_per_minute, tokens_per_minute, in_flight)  # which refuses what cannot be
        self._url, part = connectable(url)
        self.scope = f"{part}/{scope}" if part else scope
        self.shown = shown(url)
        """Where it is, fit to be printed."""
        caps = {"requests": requests_per_minute, "tokens": tokens_per_minute}
        self._caps = {kind: cap for kind, cap in caps.items() if cap is not None}
        self._azure, self._at_most, self._known = azure, workers, 0
        self.burst = AZURE_BURST if azure else OPENAI_BURST
        self.refunds = not azure
        self.most = in_flight
        self.in_flight = 0
        self.paused_until = -inf
        self.exchanges = 0
        """Words with Redis so far."""
        self._id = os.urandom(8).hex()
        self._lease: dict[str, float] = {}
        self._lease_from = inf
        self._calls = 0.0
        self._per_second: dict[str, float] = {}
        self._need: float | None = None
        """Tokens of the call that waits."""
        self._short = False
        """Whether that is because the lease is used up."""
        self._asking = False
        self._report = self._blank()
        self._alone: Limiter | None = None
        self._why = ""
        self._leaving = False
        self._talking: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._waiting: WeakSet[Changed] = WeakSet()

    def __repr__(self) -> str:
        return f"<SharedLimiter {self.scope} at {self.shown}>"

    async def __aenter__(self) -> Self:
        self._wake, self._leaving = asyncio.Event(), False
        self._lease, self._lease_from, self._alone = {}, inf, None
        self._redis = client_at(self._url)
        self._exchange = self._redis.register_script(SCRIPT)
        try:
            await self._talk()
        except BaseException:
            await self._redis.aclose()
            raise
        if self._alone is not None and self._at_most is None:
            await self._redis.aclose()
            raise LimitsError(f"cannot share limits through Redis at {self.shown}: {self._why}; start it, or mend the address")
        self._talking = asyncio.create_task(self._keep_talking())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Gives back what was leased."""
        self._leaving = True
        self._wake.set()
        if self._talking is not None:
            await self._talking
        self._talking = None
        await self._redis.aclose()

    # -- what a gate asks

    @property
    def rates(self) -> Mapping[str, Rate]:
        """Those of all workers together."""
        return {kind: Rate(per_second, self.burst) for kind, per_second in self._per_second.items()}

    @property
    def workers(self) -> int:
        """How many share the limits, as last known."""
        return max(self._known, self._at_most or 1)

    @property
    def alone(self) -> bool:
        """Whether Redis is gone, and this worker keeps to its part."""
        return self._alone is not None

    def listen(self, changed: Changed) -> None:
        self._waiting.add(changed)

    def wait(self, tokens: float, now: float) -> float:
        if self._alone is not None:
            return self._alone.wait(tokens, now)
        if self._talking is None:
            raise RuntimeError(f"{self!r} is not open; use it by `async with`, around what asks it")
        if self.paused_until > now:
            return self.paused_until - now
        self._need = tokens
        if self.in_flight >= int(self._calls):
            return inf
        if self._lease_from == inf or any(left < _cost(kind, tokens) for kind, left in self._lease.items()):
            if not self._asking:
                self._short = True
                self._wake.set()
            return inf
        return max(self._lease_from - now, 0.0)

    def admit(self, tokens: float, now: float) -> Ticket | float:
        if self._alone is not None:
            said = self._alone.admit(tokens, now)
            self.in_flight += isinstance(said, Ticket)
            return said
        if (wait := self.wait(tokens, now)) > 0:
            return wait
        for kind in self._lease:
            self._lease[kind] -= _cost(kind, tokens)
        self.in_flight += 1
        self._need = None
        return Ticket(tokens, now)

    def answered(self, ticket: Ticket, tokens: float | None, headers: Mapping[str, str], now: float) -> None:
        self._over()
        self._learn(headers)
        if self._alone is not None:
            self._alone.answered(ticket, tokens, headers, now)
        self._report.answered += 1
        if tokens is not None and (self.refunds or tokens > ticket.tokens):
            self._back("tokens", ticket.tokens - tokens)

    def limited(self, ticket: Ticket, asked: float | None, headers: Mapping[str, str], now: float, jitter: float) -> float:
        self._over()
        self._learn(headers)
        # At least; what all of them heard decides, as soon as Redis is told.
        wait = backoff(-SOONER, lambda: jitter) if asked is None else asked * (1 + 0.1 * jitter)
        if self._alone is not None:
            wait = self._alone.limited(ticket, asked, headers, now, jitter)
        if self.refunds:
            self._back("tokens", ticket.tokens)
        before = self._report.refused
        latest = max(ticket.at, -inf if before is None else before.since)
        longest = asked if before is None or before.asked is None or asked is None else max(asked, before.asked)
        self._report.refused = Refused(latest, longest, jitter)  # `since` is made of `at` when it is told
        self.paused_until = max(self.paused_until, now + wait)
        self._wake.set()
        return wait

    def failed(self, ticket: Ticket) -> None:
        self._over()
        if self._alone is not None:
            self._alone.failed(ticket)

    def unused(self, ticket: Ticket) -> None:
        self._over()
        if self._alone is not None:
            self._alone.unused(ticket)
        self._back("requests", 1)
        self._back("tokens", ticket.tokens)

    def _over(self) -> None:
        self.in_flight -= 1
        self._tell_gates()

    def _back(self, kind: str, amount: float) -> None:
        if self._alone is None:  # which keeps books of its own
            self._report.back[kind] = self._report.back.get(kind, 0.0) + amount

    def _learn(self, headers: Mapping[str, str]) -> None:
        for kind, said in told(headers):
            if said.limit:
                self._report.limits[kind] = said.limit
                if kind not in self._per_second:  # until it is told, nobody heeds it
                    self._wake.set()
            if said.left is not None:
                self._report.left[kind] = min(said.left, self._report.left.get(kind, inf))
                if said.left < 1 and said.reset and not self.refunds:
                    self._report.ends[kind] = min(said.reset, LONGEST_WINDOW)

    def _tell_gates(self) -> None:
        for changed in self._waiting:
            changed.set()

    # -- words with Redis

    def _blank(self) -> Told:
        return Told(self._id, self.most, 0, 0, self.burst, self._caps, back={}, limits={}, left={}, ends={})

    async def _keep_talking(self) -> None:
        while not self._leaving:
            try:
                async with asyncio.timeout(BEAT):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            if self._leaving:
                break
            try:
                await self._talk()
            except Exception:
                getLogger("ceyx").exception("limits that are shared through Redis at %s", self.shown)
                self._be_alone("an error of ceyx")
            self._tell_gates()
            if self._alone is not None and not self._leaving:
                await asyncio.sleep(BEAT)
        if self._alone is None:
            await self._talk()

    def _give_back(self) -> None:
        for kind, left in self._lease.items():
            if left:
                self._back(kind, left)
        self._lease, self._lease_from = {}, inf

    async def _talk(self) -> None:
        now = time.monotonic()
        if self._short or self._leaving or now > self._lease_from + KEPT_LEASE:
            self._give_back()
        report, self._report = self._report, self._blank()
        report.leaves = self._leaving
        report.on_their_way = self.in_flight
        report.wants = self.in_flight if self._need is None else self.most
        if self._short and not self._leaving:
            report.need = self._need
        self._short, self._asking = False, report.need is not None
        refused = report.refused
        if refused is not None:
            report.refused = msgspec.structs.replace(refused, since=max(now - refused.since, 0.0))
        kept = {kind: back for kind, back in report.back.items() if back < 0}
        if self._alone is not None:
            for kind, rate in self._alone.rates.items():  # what it let through beyond what has come in since
                report.back[kind] = report.back.get(kind, 0.0) - max(rate.until - now, 0.0) * rate.per_second
            if (rest := self._alone.paused_until - now) > 0 and refused is None:
                report.refused = Refused(0.0, rest, 0.0)
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self._exchange(keys=[key_of(self.scope)], args=[msgspec.json.encode(report), *CONSTANTS])
        except _failures() as error:
            # It may have come to Redis all the same: what would give something back is not said twice.
            self._report.back = kept
            self._report.limits = report.limits
            self._report.refused = refused
            self._be_alone(_reason(error))
            return
        finally:
            self._asking = False
        self.exchanges += 1
        self._heed(msgspec.json.decode(reply, type=Lease), report.need is not None)

    def _heed(self, lease: Lease, asked: bool) -> None:
        now = time.monotonic()
        if self._alone is not None:
            self._alone = None
            getLogger("ceyx").warning("Redis at %s is back: limits are shared again", self.shown)
        self._calls, self._per_second, self._known = lease.calls, lease.rates, lease.workers
        if lease.paused > 0:
            self.paused_until = now + lease.paused
        if asked and lease.leased.keys() >= lease.rates.keys():  # else no more calls may be on their way
            self._lease, self._lease_from = lease.leased, now + lease.wait
        elif not self._lease.keys() >= lease.rates.keys() and self._lease_from < inf:
            self._give_back()  # it was leased when less was known

    def _be_alone(self, why: str) -> None:
        self._why = why
        if self._alone is not None:
            return
        caps = {**self._caps, **{kind: per_second * 60 for kind, per_second in self._per_second.items()}}
        calls = int(self._calls) or max(self.most // self.workers, 1)
        alone = Limiter(caps.get("requests"), caps.get("tokens"), calls, azure=self._azure, share=1 / self.workers)
        alone.in_flight = self.in_flight
        alone.paused_until = self.paused_until
        now = time.monotonic()
        for rate in alone.rates.values():
            rate.nothing_before(now)  # the others may have used it up
        for changed in self._waiting:
            alone.listen(changed)
        self._alone, self._lease, self._lease_from = alone, {}, inf
        if self._known or self._at_most:
            said = "Redis at %s cannot be asked (%s): this worker goes on with 1/%d of the limits until it can"
            getLogger("ceyx").warning(said, self.shown, why, self.workers)


def _cost(kind: str, tokens: float) -> float:
    return 1.0 if kind == "requests" else tokens


def _failures() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError

    return (RedisError, OSError, TimeoutError, msgspec.MsgspecError)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else f"no answer in {PATIENCE:g} s"
