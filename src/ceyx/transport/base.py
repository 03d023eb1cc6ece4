"""The seam: all that the clients ask of a network. A transport sends a request once and gives the reply, its body unread.

Transports raise `APIConnectionError` and its kinds (with the library's own error as `__cause__`), never anything of the
library they use, and set `answered` where an answer had begun. `Request.timeout` bounds each phase, `Request.until` the whole
exchange, the reading of the body included.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, closing
from io import BytesIO
from typing import Any, Protocol, TypeVar

from ceyx.wire.message import Request

T = TypeVar("T")
PATIENCE = 0.25  # seconds in which the end of a body should follow the last event of a stream
MAX_HEAD_BYTES = 128 * 1024  # of status line and headers, interim responses included
AHEAD_BYTES = 4 * 1024 * 1024  # of a body for which memory is taken before they come, as a server may promise what it likes


class Reply:
    """A status, headers, and a body that is still on the wire until it is in `content`.

    Each kind has `closed`: whether nothing more comes, since the body was read to its end or given up.
    """

    __slots__ = ("__weakref__", "content", "headers", "request", "status")
    content: bytes | None
    request: Request
    """What it answers; the client says so."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status = status
        self.headers = headers  # a mapping that does not mind the case of names
        self.content = None

    def limit_pauses(self, seconds: float) -> None:
        """Have no pause in the rest of the body take longer; what cannot change its mind keeps to `Request.timeout`."""


class BlockingReply(Reply, ABC):
    __slots__ = ()

    @abstractmethod
    def read(self) -> bytes:
        """The whole body, decompressed; gives the connection back. ProtocolError where it is longer than `Request.limit`."""

    @abstractmethod
    def chunks(self) -> Generator[bytes, None, None]:
        """The body as it comes, decompressed, in pieces of bounded size; gives the connection back at its end."""

    @abstractmethod
    def finish(self, rest: Iterator[bytes]) -> None:
        """After the last event: read on in `rest`, so that the connection can be used again, unless that takes long."""

    @abstractmethod
    def close(self) -> None:
        """Abort: the connection is closed, unless the body was read to its end. Another thread that reads is woken."""


class AsyncReply(Reply, ABC):
    __slots__ = ()

    @abstractmethod
    async def read(self) -> bytes: ...

    @abstractmethod
    def chunks(self) -> AsyncGenerator[bytes, None]: ...

    @abstractmethod
    async def finish(self, rest: AsyncIterator[bytes]) -> None: ...

    @abstractmethod
    async def close(self) -> None: ...


def whole(reply: BlockingReply, request: Request) -> bytes:
    """The body of `reply`, put together as far as the limit of the request allows."""
    kept = Kept(reply, request)
    with closing(reply.chunks()) as pieces:
        for piece in pieces:
            kept.add(piece)
    return kept.content


async def awhole(reply: AsyncReply, request: Request) -> bytes:
    kept = Kept(reply, request)
    async with aclosing(reply.chunks()) as pieces:
        async for piece in pieces:
            kept.add(piece)
    return kept.content


class Kept:
    """Pieces of a body. Raises ProtocolError before they are more than the request allows.

    A long body is put together in place: to keep its pieces and join them would take twice the memory, and time that the
    system needs to give it.
    """

    __slots__ = ("_body", "_first", "_left", "_reply", "_request")

    def __init__(self, reply: Reply, request: Request) -> None:
        self._first = b""
        self._body: BytesIO | None = None
        self._left, self._request, self._reply = request.limit, request, reply

    def add(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            from ceyx.transport import failures  # which a client that is only made does not need

            raise failures.in_body(failures.too_long(self._request), self._reply.status)
        if self._body is not None:
            self._body.write(piece)
        elif not self._first:
            self._first = piece
        else:
            self._body = body = BytesIO()
            if size := min(self._announced(), AHEAD_BYTES):
                body.seek(size - 1)
                body.write(b"\0")  # which takes the memory for all of it
                body.seek(0)
            body.write(self._first)
            body.write(piece)

    def _announced(self) -> int:
        """How many bytes there will be; 0 where that is not known."""
        headers = self._reply.headers
        length = headers.get("content-length", "")
        return int(length) if length.isdecimal() and not headers.get("content-encoding") else 0

    @property
    def content(self) -> bytes:
        if self._body is None:
            return self._first
        self._body.truncate()
        return self._body.getvalue()  # not a copy


class Transport(Protocol):
    """Sends for the blocking clients; safe to share between threads, and usable in a forked child."""

    def send(self, request: Request, /) -> BlockingReply: ...
    def close(self) -> None: ...
    @property
    def closed(self) -> bool: ...


class AsyncTransport(Protocol):
    """Sends for the async clients, and does for them what differs from one event loop library to another."""

    async def send(self, request: Request, /) -> AsyncReply: ...
    async def close(self) -> None: ...
    @property
    def closed(self) -> bool: ...
    async def sleep(self, seconds: float, /) -> None: ...
    async def in_thread(self, function: Callable[[], T], /) -> T: ...
    async def within(self, seconds: float, work: Callable[[], Awaitable[T]], /) -> T:
        """What `work` gives. Cancels it after so many seconds, and raises TimeoutError."""
        ...

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int, /) -> list[T]:
        """What each of `works` gives, in their order; so many run at a time. The first error cancels the others."""
        ...

    def lock(self) -> AbstractAsyncContextManager[Any]:
        """The lock that the callers in this event loop share."""
        ...


class Connecting:
    """How to reach servers: what every transport is made with.

    `verify` is True (the system's certificates), False (none: tests only), the path of a CA bundle, or an
    `ssl.SSLContext`. `cert` is a client certificate: a path, or (certificate, key[, password]). `proxy` is a URL; None asks
    the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY). `socket_options` are (level, name, value) as `setsockopt`
    takes them; None keeps connections alive.
    """

    __slots__ = ("cert", "proxy", "socket_options", "verify")

    def __init__(self, verify: Any = True, cert: Any = None, proxy: str | None = None, socket_options: Any = None) -> None:
        self.verify, self.cert, self.proxy, self.socket_options = verify, cert, proxy, socket_options
