"""The network of the async clients under asyncio: the connections of one aiohttp connector for each event loop.

A connector belongs to its loop, so a client used in many `asyncio.run` calls has had many. Each is closed by an asynchronous
generator that waits to be finalised: event loops do that to those left over when they shut down, and to those that are
collected before. So nothing is left open, and no task is started behind the user's back.
"""

from __future__ import annotations

import asyncio
import weakref
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from yarl import URL

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures, sockets
from ceyx.transport.async_connections import Reply, Speaking
from ceyx.transport.base import AsyncReply, Connecting
from ceyx.transport.proxies import proxy_for
from ceyx.transport.spoken import limit
from ceyx.wire.message import Request

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey

T = TypeVar("T")
MAX_CONNECTIONS = 1000  # as `openai` has it
KEPT_SECONDS = 30.0  # servers keep idle connections longer than that
NO_TRACES: list[Any] = []


class Route(aiohttp.ClientRequest):
    """The way to a server: what aiohttp's connector asks of a request when it connects."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._key = super().connection_key

    @property
    def connection_key(self) -> ConnectionKey:
        """Under which connections are kept: aiohttp makes it anew each time, of what it adds to `proxy_headers` too."""
        return self._key


class Lane:
    """What one event loop has: connections, the ways to servers, and who closes them."""

    __slots__ = ("connector", "keeper", "routes")

    def __init__(self, connector: aiohttp.TCPConnector, keeper: AsyncGenerator[None, None]) -> None:
        self.connector, self.keeper = connector, keeper
        self.routes: dict[str, tuple[Route, dict[str, str] | None]] = {}


Lanes = dict[asyncio.AbstractEventLoop, Lane]


async def _keep(connector: aiohttp.TCPConnector, lanes: Lanes) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        lanes.pop(asyncio.get_running_loop(), None)
        await connector.close()


def _close(loop: asyncio.AbstractEventLoop, lane: Lane) -> None:
    loop.create_task(lane.keeper.aclose())


def _dropped(lanes: Lanes) -> None:
    """For lanes whose client nobody holds any more."""
    for loop, lane in list(lanes.items()):
        if not loop.is_closed():
            with suppress(RuntimeError):  # it was closed in the meantime
                loop.call_soon_threadsafe(_close, loop, lane)


class LoopPools:
    """Connections for any number of event loops, in any number of threads."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._lanes: Lanes = {}
        # The registry of finalizers holds the lanes, so no garbage collection finds a connector that is not closed.
        weakref.finalize(self, _dropped, self._lanes).atexit = False
        self._locks: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}
        self._last: tuple[Any, Any] = (None, None)  # the loop of the last call, weakly, and its lane
        self._timeout: tuple[Any, Any] = (None, None)  # that of the last call, which most calls share, as aiohttp has it
        self.closed = False

    async def send(self, request: Request, again: bool = False) -> AsyncReply:
        last, lane = self._last
        if last is None or last() is not asyncio.get_running_loop():
            lane = await self._lane()
        route, login = lane.routes.get(request.origin) or self._route(request.origin, lane)
        known, timeout = self._timeout
        if known is not request.timeout or request.until is not None:
            timeout = _timeout(request)
            if request.until is None:
                self._timeout = request.timeout, timeout
        try:
            connection = await lane.connector.connect(route, NO_TRACES, timeout)
        except (aiohttp.ClientError, OSError) as error:  # asyncio.TimeoutError is an OSError
            raise failure(request, error, route.proxy) from error
        reply = Reply(connection, request)
        try:
            through_proxy = route.proxy is not None and not route.is_ssl()
            asked = await reply.ask(request.url if through_proxy else request.target, login if through_proxy else None)
            if not asked and not again:
                # The server closed the connection while idle, and the loop had not seen it yet.
                reply.give_back()
                return await self.send(request, again=True)
            await reply.receive_head()
        except BaseException:
            reply.give_back()
            raise
        return reply

    def _route(self, origin: str, lane: Lane) -> tuple[Route, dict[str, str] | None]:
        """The way to a server, and what a proxy on it wants to know who is asking."""
        proxy = proxy_for(origin, self._connecting.proxy)
        if proxy and proxy.startswith("socks"):
            raise OpenAIError(
                "aiohttp knows no SOCKS proxies; give the client an http_client=httpx2.AsyncClient(proxy=...) "
                "(pip install 'ceyx[httpx]' socksio)"
            )
        context: Any = True
        if origin.startswith("https:"):
            from ceyx.transport import tls

            context = tls.context(self._connecting.verify, self._connecting.cert)
        url, login = URL(proxy) if proxy else None, None
        if url and url.user is not None:
            pair = f"{url.user}:{url.password or ''}".encode()
            url, login = url.with_user(None), {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}  # errors show the URL
        loop = asyncio.get_running_loop()
        route = Route("GET", URL(origin, encoded=True), loop=loop, proxy=url, proxy_headers=login, ssl=context)
        lane.routes[origin] = route, login
        return route, login

    async def _lane(self) -> Lane:
        loop = asyncio.get_running_loop()
        if self.closed:
            raise OpenAIError("this client was closed, so it cannot send; make another one")
        lane = self._lanes.get(loop)
        if lane is None:
            opened = partial(sockets.opened, sockets.options(self._connecting.socket_options))
            connector = aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS, keepalive_timeout=KEPT_SECONDS, ttl_dns_cache=30, socket_factory=opened
            )
            speaking: Any = partial(Speaking, loop=loop)
            connector._factory = speaking
            for old in [old for old in list(self._lanes) if old.is_closed()]:
                self._lanes.pop(old, None)  # one that was closed without a chance to finish
            keeper = _keep(connector, self._lanes)
            self._lanes[loop] = lane = Lane(connector, keeper)
            await anext(keeper)  # from here on the loop knows it
        self._last = weakref.ref(loop), lane
        return lane

    async def close(self) -> None:
        self.closed = True
        self._last = (None, None)
        mine = self._lanes.pop(asyncio.get_running_loop(), None)
        _dropped(self._lanes)
        if mine is not None:
            await mine.keeper.aclose()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        return await asyncio.to_thread(function)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        async with asyncio.timeout(seconds):
            return await work()

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
        gate = asyncio.Semaphore(at_most)

        async def one(work: Callable[[], Awaitable[T]]) -> T:
            async with gate:
                return await work()

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(work)) for work in works]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return [task.result() for task in tasks]

    def lock(self) -> asyncio.Lock:
        loop = asyncio.get_running_loop()
        lock = self._locks.get(loop)
        if lock is None:
            for old in [old for old in list(self._locks) if old.is_closed()]:
                self._locks.pop(old, None)  # a lock holds its loop, so nothing else would let go of it
            lock = self._locks[loop] = asyncio.Lock()
        return lock


def _timeout(request: Request) -> aiohttp.ClientTimeout:
    timeout = request.timeout
    connect = None if timeout.connect is None or timeout.pool is None else timeout.connect + timeout.pool
    return aiohttp.ClientTimeout(None, limit(request, connect), None, limit(request, timeout.connect))


def failure(request: Request, error: Exception, proxy: URL | None) -> APIConnectionError:
    """Our error for one of aiohttp's, of a connection that was to be made."""
    if isinstance(error, TimeoutError):
        return failures.timed_out(request, "connect")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return failures.proxy_failed(request, str(proxy), error, f"{error.status} {error.message}")
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return failures.proxy_failed(request, str(proxy), error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientSSLError):
        return failures.could_not_connect(request, error)
    if isinstance(error, aiohttp.ClientResponseError):
        return failures.malformed(request, error)
    return failures.broken(request, error)
