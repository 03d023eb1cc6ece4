"""The default network of the async clients: aiohttp where asyncio runs the caller, httpx2 where trio does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from ceyx.transport.base import AsyncReply, AsyncTransport, Connecting
from ceyx.wire.message import Request

T = TypeVar("T")


class AnyLoop:
    """Imports a library when the first call needs it."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._asyncio: AsyncTransport | None = None
        self._trio: dict[str, AsyncTransport] = {}  # by origin, as an httpx2 client has one TLS context and proxy
        self.closed = False

    async def send(self, request: Request) -> AsyncReply:
        if self._asyncio is not None and not _in_trio():
            return await self._asyncio.send(request)
        return await self._transport(request.origin).send(request)

    def _transport(self, origin: str = "") -> AsyncTransport:
        if _in_trio():
            if origin not in self._trio:
                from ceyx.transport.httpx import for_trio

                self._trio[origin] = for_trio(self._connecting, origin)
            return self._trio[origin]
        if self._asyncio is None:
            from ceyx.transport.asyncio import Sessions

            self._asyncio = Sessions(self._connecting)
        return self._asyncio

    async def close(self) -> None:
        self.closed = True
        if self._asyncio is not None:
            await self._asyncio.close()
        for transport in self._trio.values():
            await transport.close()

    async def sleep(self, seconds: float) -> None:
        await self._transport().sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        return await self._transport().in_thread(function)

    def lock(self) -> Any:
        return self._transport().lock()


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
