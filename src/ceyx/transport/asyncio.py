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
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from ceyx.errors import APIConnectionError, OpenAIError, ProtocolError
from ceyx.transport import failures, sockets
from ceyx.transport.base import MAX_HEAD_BYTES, PATIENCE, AsyncReply, Connecting, awhole
from ceyx.transport.compressed import decoder
from ceyx.transport.handler import Handler, begun_before
from ceyx.transport.proxies import proxy_for
from ceyx.wire.form import Body
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

    def __init__(self, content: bytes | Body, seconds: float | None) -> None:
        super().__init__(content, content_type="application/json")  # that of the request's headers comes first
        self._size = len(content) if isinstance(content, bytes) else content.size
        self._seconds = seconds
        self.begun = False
        self.unreadable: Exception | None = None
        """Why the body could not be had, which is no fault of the network."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        transport = writer.transport
        try:
            await self._write(writer)
        except BaseException:  # it is broken off, mostly since the server has answered
            if transport is not None:
                transport.abort()  # to close is to send what is in the buffers first, to a server that may not take it
            raise

    async def _write(self, writer: AbstractStreamWriter) -> None:
        pieces = iter([self._value] if isinstance(self._value, bytes) else self._value)
        left = self._size
        # Nothing is awaited after the last byte: aiohttp gives connections up whose answer comes while it still sends.
        while left != 0 and (content := await self._next(pieces)) is not None:
            left = None if left is None else left - len(content)
            for start in range(0, len(content), PIECE_BYTES):
                # The loop must see what the server says before the next piece finds that it has closed the connection.
                await asyncio.sleep(0)
                try:
                    async with asyncio.timeout(self._seconds):
                        await writer.write(content[start : start + PIECE_BYTES])
                        self.begun = True
                        await writer.drain()
                except TimeoutError as error:
                    raise WriteTimeout from error

    async def _next(self, pieces: Iterator[bytes]) -> memoryview | None:
        try:
            if isinstance(self._value, Body) and self._value.waits:
                piece = await asyncio.to_thread(next, pieces, None)
            else:
                piece = next(pieces, None)
        except Exception as error:
            self.unreadable = error
            raise
        return None if piece is None else memoryview(piece)


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
        upload: Upload | None = None
        if content is not None and (isinstance(content, Body) or len(content) > LARGE):
            content = upload = Upload(content, request.timeout.write)
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
            unsent = isinstance(error.__cause__, aiohttp.ClientConnectionResetError)
            begun = begun_before(error)
            if unsent and not begun and not again and (upload is None or not upload.begun):
                # The server closed the connection while idle, and the loop had not seen it yet: nothing was sent.
                return await self.send(request, again=True)
            if upload is not None and upload.unreadable is not None:
                raise upload.unreadable from None
            received = None if unsent and not begun else 0
            raise in_head(failure(request, error, str(proxy) if proxy else None, received), begun) from error
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
            opened = partial(sockets.opened, sockets.options(self._connecting.socket_options))
            connector = aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS, keepalive_timeout=KEPT_SECONDS, ttl_dns_cache=30, socket_factory=opened
            )
            handlers: Any = partial(Handler, loop=loop)
            connector._factory = handlers
            session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=NoCookies(),
                auto_decompress=False,  # see `compressed`
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

    @property
    def closed(self) -> bool:
        return self._response.closed

    def limit_pauses(self, seconds: float) -> None:
        connection = self._response.connection
        if connection is not None and connection.protocol is not None:
            connection.protocol.read_timeout = seconds
            connection.protocol.start_timeout()

    async def read(self) -> bytes:
        return await awhole(self, self._request)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        content = self._response.content
        decode = decoder(self.headers.get("content-encoding"))
        try:
            while piece := await content.readany():
                if decode is None:
                    yield piece
                else:
                    for part in decode.feed(piece):
                        yield part
            if decode is not None:
                decode.finish()
        except (aiohttp.ClientError, OSError, ProtocolError) as error:
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
        if self._closed:
            ours = failures.closed(self._request, received)
        elif isinstance(error, ProtocolError):
            ours = failures.malformed(self._request, error, received)
        else:
            ours = failure(self._request, error, None, received, self)
        return failures.in_body(ours, self.status)


def in_head(error: APIConnectionError, begun: bool) -> APIConnectionError:
    """`error`, before the headers were whole: the answer may have begun all the same."""
    error.answered = error.answered or begun
    return error


def failure(
    request: Request, error: Exception, proxy: str | None, received: int | None, reply: Reply | None = None
) -> APIConnectionError:
    """Our error for one of aiohttp's."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return failures.timed_out(request, "connect")
    if isinstance(error, TimeoutError):
        writing = isinstance(error, WriteTimeout)
        return failures.timed_out(request, "write" if writing else "read", None if writing else received)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return failures.proxy_failed(request, proxy, error, f"{error.status} {error.message}")
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return failures.proxy_failed(request, proxy, error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientSSLError):
        return failures.could_not_connect(request, error)
    if isinstance(error, aiohttp.ClientResponseError):
        return failures.malformed(request, error, received)
    announced = None if reply is None else reply.headers.get("content-length")
    return failures.broken(request, error, received, announced, headed=reply is not None)
