"""Waiting for a limiter and a budget: first come, first served, with one timer for all who wait."""

from __future__ import annotations

import asyncio
import time
from math import inf
from weakref import WeakKeyDictionary

from ceyx.bulk.budget import Budget
from ceyx.bulk.limiter import Limits, Ticket


class BudgetReachedError(Exception):
    """A call costs more than is left, and none is on its way that may give back some of it."""


class Gate:
    """Lets calls through as a limiter and a budget admit them. Small ones do not overtake a large one, neither those of other
    gates that ask the same limiter."""

    _turns: WeakKeyDictionary[Limits, tuple[asyncio.AbstractEventLoop, asyncio.Lock]] = WeakKeyDictionary()

    def __init__(self, limiter: Limits, budget: Budget | None) -> None:
        self.limiter, self.budget = limiter, budget
        self._changed = asyncio.Event()
        limiter.listen(self._changed)
        self._mine: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        """What `_turns` has for this limiter: looked up once."""

    async def admitted(self, tokens: int, cost: int) -> Ticket:
        """Once a call of so many tokens and nanodollars may go out; what it costs is reserved.

        Raises BudgetReachedError if that is never.
        """
        async with self._turn():
            while True:
                self._changed.clear()
                said: Ticket | float = inf
                if self.budget is None or self.budget.fits(cost):
                    said = self.limiter.admit(tokens, time.monotonic())
                elif not self.budget.reserved:
                    raise BudgetReachedError
                if isinstance(said, Ticket):
                    if self.budget is not None:
                        self.budget.reserve(cost)
                    return said
                try:
                    async with asyncio.timeout(None if said == inf else said):
                        await self._changed.wait()
                except TimeoutError:
                    pass

    def _turn(self) -> asyncio.Lock:
        loop = asyncio.get_running_loop()
        if self._mine is not None and self._mine[0] is loop:
            return self._mine[1]
        self._mine = self._turns.get(self.limiter)
        if self._mine is None or self._mine[0] is not loop:
            self._turns[self.limiter] = self._mine = loop, asyncio.Lock()  # which is fair
        return self._mine[1]

    def settle(self, reserved: int, cost: int) -> None:
        """A call is over, of which the limiter was told; it cost so much."""
        if self.budget is not None:
            self.budget.settle(reserved, cost)
        self._changed.set()
