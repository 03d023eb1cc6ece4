"""The default network of the async clients: aiohttp where asyncio runs the caller, httpx2 where trio does."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ceyx.errors import OpenAIError
from ceyx.transport.base import AsyncReply, AsyncTransport, Connecting
from ceyx.wire.message import Request

if TYPE_CHECKING:
    from ceyx.transport.trio import Run

T = TypeVar("T")


class AnyLoop:
    """Imports a library when the first call needs it."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._asyncio: AsyncTransport | None = None
        self._trio: dict[Any, Run] = {}  # by the token of its `trio.run`
        self.closed = False

    async def send(self, request: Request) -> AsyncReply:
        if self._asyncio is not None and not _in_trio():
            return await self._asyncio.send(request)
        if self.closed:
            raise OpenAIError("this client was closed, so it cannot send; make another one")
        return await self._transport().send(request)

    def _transport(self) -> AsyncTransport | Run:
        if _in_trio():
            import trio

            token = trio.lowlevel.current_trio_token()
            if token not in self._trio:
                from ceyx.transport.trio import Run

                self._trio[token] = Run(self._connecting, lambda: self._trio.pop(token, None))
            return self._trio[token]
        if self._asyncio is None:
            from ceyx.transport.asyncio import LoopPools

            self._asyncio = LoopPools(self._connecting)
        return self._asyncio

    async def close(self) -> None:
        self.closed = True
        if _in_trio():
            await self._transport().close()
        elif self._asyncio is not None:
            await self._asyncio.close()

    async def sleep(self, seconds: float) -> None:
        await self._transport().sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        return await self._transport().in_thread(function)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        return await self._transport().within(seconds, work)

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
        return await self._transport().together(works, at_most)

    def lock(self) -> Any:
        return self._transport().lock()


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
