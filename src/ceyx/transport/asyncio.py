"""The network of the async clients under asyncio: one aiohttp session for each event loop.

A session belongs to its loop, so a client used in many `asyncio.run` calls has had many. Each is closed by an asynchronous
generator that waits to be finalised: event loops do that to those left over when they shut down, and to those that are
collected before. So nothing is left open, and no task is started behind the user's back.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures
from ceyx.transport.base import MAX_HEAD_BYTES, PATIENCE, AsyncReply, Connecting
from ceyx.transport.proxies import proxy_for
from ceyx.wire.message import Request, Timeout

T = TypeVar("T")
MAX_CONNECTIONS = 1000  # as `openai` has it
PIECE_BYTES = 65536
LARGE = 2**15  # bytes; what is shorter fits into the buffers on the way, and is written at once
KEPT_SECONDS = 30.0  # servers keep idle connections longer than that


class NoCookies(aiohttp.DummyCookieJar):
    """APIs use no cookies; parsing those of their gateways would cost every call."""

    def update_cookies_from_headers(self, headers: Any, response_url: URL) -> None:
        pass


class WriteTimeout(TimeoutError):
    """The server did not take a part of the request in time."""


class Upload(aiohttp.Payload):
    """A large body. Each pause may take `seconds`: aiohttp itself waits for ever."""

    _autoclose = True

    def __init__(self, content: bytes, seconds: float | None) -> None:
        super().__init__(content, content_type="application/json")  # that of the request's headers comes first
        self._size, self._seconds = len(content), seconds

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        content = memoryview(self._value)
        for start in range(0, len(content), PIECE_BYTES):
            try:
                async with asyncio.timeout(self._seconds):
                    await writer.write(content[start : start + PIECE_BYTES])
                    await writer.drain()
            except TimeoutError as error:
                raise WriteTimeout from error


class Lane:
    """What one event loop has: a session, and who closes it."""

    __slots__ = ("keeper", "session")

    def __init__(self, session: aiohttp.ClientSession, keeper: AsyncGenerator[None, None]) -> None:
        self.session, self.keeper = session, keeper


Lanes = dict[asyncio.AbstractEventLoop, Lane]


async def _keep(session: aiohttp.ClientSession, lanes: Lanes) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        lanes.pop(asyncio.get_running_loop(), None)
        await session.close()


def _close(loop: asyncio.AbstractEventLoop, lane: Lane) -> None:
    loop.create_task(lane.keeper.aclose())


def _dropped(lanes: Lanes) -> None:
    """For lanes whose client nobody holds any more."""
    for loop, lane in list(lanes.items()):
        if not loop.is_closed():
            with suppress(RuntimeError):  # it was closed in the meantime
                loop.call_soon_threadsafe(_close, loop, lane)


class Sessions:
    """Connections for any number of event loops, in any number of threads."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._lanes: Lanes = {}
        # The registry of finalizers holds the lanes, so no garbage collection finds a session that is not closed.
        weakref.finalize(self, _dropped, self._lanes).atexit = False
        self._locks: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}
        self._last: tuple[Any, Any] = (None, None)  # the loop of the last call, weakly, and its session's `request`
        self._urls: dict[str, URL] = {}
        self._routes: dict[str, tuple[URL | None, Any, Any]] = {}
        self._timeout: tuple[Any, Any] = (None, None)  # that of the last call, which most calls share, as aiohttp has it
        self.closed = False

    async def send(self, request: Request, again: bool = False) -> AsyncReply:
        last, session = self._last
        if last is None or last() is not asyncio.get_running_loop():
            session = await self._session()
        known, timeout = self._timeout
        if known is not request.timeout:
            timeout = _timeout(request.timeout)
            self._timeout = request.timeout, timeout
        if request.until is not None:
            left = max(request.until - time.monotonic(), 0.001)
            timeout = aiohttp.ClientTimeout(left, timeout.connect, timeout.sock_read, timeout.sock_connect)
        proxy, login, context = self._routes.get(request.origin) or self._route(request.origin)
        headers = request.headers
        if login and not request.origin.startswith("https:"):  # where there is a tunnel, aiohttp tells the proxy alone
            headers = {**headers, **login}
        content: Any = request.content
        if content is not None and len(content) > LARGE:
            content = Upload(content, request.timeout.write)
        try:
            response = await session._request(  # what `session.request` returns, less the context manager around it
                request.method,
                self._url(request.url),
                data=content,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                proxy=proxy,
                proxy_headers=login,
                ssl=context,
            )
        except (aiohttp.ClientError, OSError) as error:  # asyncio.TimeoutError is an OSError
            if not again and isinstance(error.__cause__, aiohttp.ClientConnectionResetError):
                # The server closed the connection while idle, and the loop had not seen it yet: nothing was sent.
                return await self.send(request, again=True)
            raise failure(request, error, str(proxy) if proxy else None) from error
        return Reply(response, request)

    def _url(self, url: str) -> URL:
        made = self._urls.get(url)
        if made is None:
            if len(self._urls) > 200:
                self._urls.clear()
            made = self._urls[url] = URL(url, encoded=True)
        return made

    def _route(self, origin: str) -> tuple[URL | None, Any, Any]:
        """The proxy, the login for it and the TLS context for a server."""
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
        self._routes[origin] = url, login, context
        return url, login, context

    async def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self.closed:
            raise OpenAIError("this client was closed, so it cannot send; make another one")
        lane = self._lanes.get(loop)
        if lane is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=KEPT_SECONDS, ttl_dns_cache=30),
                cookie_jar=NoCookies(),
                trust_env=False,  # proxies are ours to choose; netrc would send other credentials
                max_line_size=MAX_HEAD_BYTES,
                max_field_size=MAX_HEAD_BYTES,
            )
            for old in [old for old in list(self._lanes) if old.is_closed()]:
                self._lanes.pop(old, None)  # one that was closed without a chance to finish
            keeper = _keep(session, self._lanes)
            self._lanes[loop] = lane = Lane(session, keeper)
            await anext(keeper)  # from here on the loop knows it
        self._last = weakref.ref(loop), lane.session
        return lane.session

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


def _timeout(timeout: Timeout) -> aiohttp.ClientTimeout:
    connect = None if timeout.connect is None or timeout.pool is None else timeout.connect + timeout.pool
    return aiohttp.ClientTimeout(None, connect, timeout.read, timeout.connect)


class Reply(AsyncReply):
    """An aiohttp response, its body unread."""

    __slots__ = ("_closed", "_request", "_response")

    def __init__(self, response: aiohttp.ClientResponse, request: Request) -> None:
        self._closed = False
        self.status = response.status
        self.headers = response.headers
        self.content = None
        self._response, self._request = response, request

    def __del__(self) -> None:
        if (connection := self._response.connection) is not None:  # nobody read or closed this reply
            connection.close()

    async def read(self) -> bytes:
        try:
            return await self._response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise self._failure(error) from error

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        content = self._response.content
        try:
            while piece := await content.readany():
                yield piece
        except (aiohttp.ClientError, OSError) as error:
            raise self._failure(error) from error
        finally:
            self._response.close()  # of a body read to its end, the connection is back already

    async def finish(self, rest: AsyncIterator[bytes]) -> None:
        with suppress(APIConnectionError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                async for _ in rest:
                    pass
        self._response.close()

    async def close(self) -> None:
        self._closed = True
        self._response.close()  # another task that reads gets an error

    def _failure(self, error: Exception) -> APIConnectionError:
        received = self._response.content.total_bytes
        return failures.closed(self._request, received) if self._closed else failure(self._request, error, received=received)


def failure(request: Request, error: Exception, proxy: str | None = None, received: int | None = None) -> APIConnectionError:
    """Our error for one of aiohttp's."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return failures.timed_out(request, "connect")
    if isinstance(error, TimeoutError):
        return failures.timed_out(request, "write" if isinstance(error, WriteTimeout) else "read")
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return failures.proxy_failed(request, proxy, error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientSSLError):
        return failures.could_not_connect(request, error)
    if isinstance(error, aiohttp.ClientResponseError) or isinstance(error.__cause__, ContentEncodingError):
        return failures.malformed(request, error)
    return failures.broken(request, error, received)
