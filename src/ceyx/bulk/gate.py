"""Waiting for a limiter: first come, first served, with one timer for all who wait."""

from __future__ import annotations

import asyncio
import time
from math import inf

from ceyx.bulk.limiter import Limiter, Ticket


class Gate:
    """Lets calls through as a limiter admits them. A large call is not overtaken by small ones: those wait behind it."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self._turn = asyncio.Lock()  # which is fair
        self._changed = asyncio.Event()

    async def admitted(self, tokens: float) -> Ticket:
        async with self._turn:
            while True:
                self._changed.clear()
                said = self.limiter.admit(tokens, time.monotonic())
                if isinstance(said, Ticket):
                    return said
                try:
                    async with asyncio.timeout(None if said == inf else said):
                        await self._changed.wait()
                except TimeoutError:
                    pass

    def tell(self) -> None:
        """The limiter was told of a call's end, so whoever waits may look again."""
        self._changed.set()
