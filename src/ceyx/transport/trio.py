"""The network of the async clients under trio: httpx2 clients, for as long as one `trio.run` lasts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import trio

from ceyx.errors import OpenAIError
from ceyx.transport.base import AsyncReply, Connecting
from ceyx.transport.httpx import AsyncClient, together
from ceyx.transport.proxies import proxy_for
from ceyx.wire.message import Request

T = TypeVar("T")


class Run:
    """Connections for one `trio.run`, to any number of servers; `ended` is called when they are closed.

    They are closed by an asynchronous generator that waits to be finalised: trio does that at the end of the run.
    """

    def __init__(self, connecting: Connecting, ended: Callable[[], object]) -> None:
        self._connecting, self._ended = connecting, ended
        self._clients: dict[str, AsyncClient] = {}  # by origin, as an httpx2 client has one TLS context and proxy
        self._tokens_lock = trio.Lock()
        self._keeper = self._keep()
        self._kept = False

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._ended()
            for client in self._clients.values():
                await client.close()

    async def send(self, request: Request) -> AsyncReply:
        if not self._kept:
            self._kept = True
            await anext(self._keeper)  # from here on trio knows it
        client = self._clients.get(request.origin)
        if client is None:
            client = self._clients[request.origin] = made(self._connecting, request.origin)
        return await client.send(request)

    async def close(self) -> None:
        await self._keeper.aclose()

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(function, abandon_on_cancel=True)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        try:
            with trio.fail_after(seconds):
                return await work()
        except trio.TooSlowError as error:
            raise TimeoutError from error

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
        return await together(works, at_most)

    def lock(self) -> Any:
        return self._tokens_lock


def made(connecting: Connecting, origin: str) -> AsyncClient:
    """A transport over an httpx2 client, made as `connecting` says."""
    try:
        import httpx2
    except ImportError:
        raise OpenAIError("under trio the async clients send through httpx2: pip install 'ceyx[httpx]'") from None
    from ceyx.transport import sockets, tls

    return AsyncClient(
        httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(
                verify=tls.context(connecting.verify, connecting.cert) if origin.startswith("https:") else False,
                proxy=proxy_for(origin, connecting.proxy),
                trust_env=False,
                limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=100),
                socket_options=sockets.options(connecting.socket_options),
            ),
            trust_env=False,
        )
    )
