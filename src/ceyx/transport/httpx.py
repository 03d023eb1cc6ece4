"""The network through an httpx2 or httpx client: a user's own `http_client=`, and the async clients under trio.

Nothing here imports either library: a client that was given brings its own. httpx fixes the timeout of a body before its
first piece, so where a deadline or our patience is shorter, anyio ends the wait, or a timer shuts the blocking socket down.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures, sockets
from ceyx.transport.base import PATIENCE, AsyncReply, BlockingReply
from ceyx.wire.message import Request

T = TypeVar("T")


def _prepared(client: Any, request: Request) -> Any:
    timeout = request.timeout
    phases = {"connect": timeout.connect, "read": timeout.read, "write": timeout.write, "pool": timeout.pool}
    if request.until is not None:
        left = max(request.until - time.monotonic(), 0.001)
        phases = {phase: left if limit is None else min(limit, left) for phase, limit in phases.items()}
    try:
        return client.build_request(
            request.method, request.url, headers=request.headers, content=request.content, extensions={"timeout": phases}
        )
    except Exception as error:  # httpx.InvalidURL and its like share no base with the network errors
        raise APIConnectionError(message=f"cannot send to {request.shown_url!r}: {error}", request=request) from error


class Client:
    """A blocking httpx client as a transport. Raises TypeError for one that is asynchronous, or none at all."""

    def __init__(self, client: Any) -> None:
        if hasattr(client, "aclose"):
            raise TypeError(f"http_client is an {type(client).__name__}, which the async clients take; give a blocking one here")
        self._client = client
        self._dropped: deque[Any] = deque()  # responses that nobody read or closed
        self._errors = _errors_of(client)

    def send(self, request: Request) -> BlockingReply:
        prepared = _prepared(self._client, request)
        while self._dropped:
            with suppress(IndexError):  # another thread was faster
                self._dropped.pop().close()
        try:
            response = self._client.send(prepared, stream=True, follow_redirects=False)
        except self._errors as error:
            raise failure(request, error) from error
        except RuntimeError as error:
            raise _closed(error) from error
        return Reply(response, request, self._errors, self._dropped)

    def close(self) -> None:
        self._client.close()

    @property
    def closed(self) -> bool:
        return bool(self._client.is_closed)


class AsyncClient:
    """An asynchronous httpx client as a transport, under asyncio or trio. Raises TypeError for one that is blocking, or none."""

    def __init__(self, client: Any) -> None:
        if not hasattr(client, "aclose") and hasattr(client, "close"):
            raise TypeError(f"http_client is a {type(client).__name__}, which the blocking clients take; give an async one here")
        self._lock: Any = None
        self._client = client
        self._errors = _errors_of(client)

    async def send(self, request: Request) -> AsyncReply:
        prepared = _prepared(self._client, request)
        try:
            with _until(request):
                response = await self._client.send(prepared, stream=True, follow_redirects=False)
        except self._errors as error:
            raise failure(request, error) from error
        except RuntimeError as error:
            raise _closed(error) from error
        return AsyncReplyOf(response, request, self._errors)

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def closed(self) -> bool:
        return bool(self._client.is_closed)

    async def sleep(self, seconds: float) -> None:
        import anyio

        await anyio.sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        import anyio.to_thread

        return await anyio.to_thread.run_sync(function, abandon_on_cancel=True)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        import anyio

        with anyio.fail_after(seconds):
            return await work()

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
        return await together(works, at_most)

    def lock(self) -> Any:
        import anyio

        if self._lock is None:
            self._lock = anyio.Lock()
        return self._lock


async def together(works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
    """As the seam has it, for every event loop that anyio knows."""
    import anyio

    results: dict[int, T] = {}
    gate = anyio.Semaphore(at_most)

    async def one(place: int, work: Callable[[], Awaitable[T]]) -> None:
        async with gate:
            results[place] = await work()

    try:
        async with anyio.create_task_group() as group:
            for place, work in enumerate(works):
                group.start_soon(one, place, work)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [results[place] for place in range(len(works))]


class Reply(BlockingReply):
    __slots__ = ("_closed", "_dropped", "_errors", "_forks", "_request", "_response")

    def __init__(self, response: Any, request: Request, errors: tuple[type[Exception], ...], dropped: deque[Any]) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, None
        self._response, self._request, self._errors, self._dropped = response, request, errors, dropped
        self._closed = False
        self._forks = sockets.forks

    def __del__(self) -> None:
        if not self._response.is_closed:
            # The garbage collector calls this in any thread, also in one that holds the lock of the client's pool.
            self._shut_down()
            self._dropped.append(self._response)

    def read(self) -> bytes:
        if self._request.until is not None:
            return b"".join(self.chunks())
        try:
            content: bytes = self._response.read()
        except self._errors as error:
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        except BaseException:
            self._response.close()
            raise
        return content

    def chunks(self) -> Iterator[bytes]:
        until = self._request.until
        try:
            with self._cut_after(None if until is None else until - time.monotonic()):
                yield from self._response.iter_bytes()
        except self._errors as error:
            if self._closed:
                raise failures.closed(self._request, self._response.num_bytes_downloaded) from error
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        finally:
            self._response.close()

    def finish(self, rest: Iterator[bytes]) -> None:
        with suppress(APIConnectionError), self._cut_after(PATIENCE):
            for _ in zip(rest, range(8), strict=False):
                pass
        self._response.close()

    def close(self) -> None:
        if not self._response.is_closed:
            self._closed = True
            self._shut_down()  # another thread may be waiting for it
            self._response.close()

    @contextmanager
    def _cut_after(self, seconds: float | None) -> Iterator[None]:
        """Shuts the connection down after `seconds`; None never does."""
        if seconds is None:
            yield
            return
        timer = threading.Timer(max(seconds, 0), self._shut_down)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _shut_down(self) -> None:
        network = self._response.extensions.get("network_stream")
        sockets.shut_down(network and network.get_extra_info("socket"), self._forks)


class AsyncReplyOf(AsyncReply):
    __slots__ = ("_closed", "_errors", "_request", "_response")

    def __init__(self, response: Any, request: Request, errors: tuple[type[Exception], ...]) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, None
        self._response, self._request, self._errors = response, request, errors
        self._closed = False

    async def read(self) -> bytes:
        if self._request.until is not None:
            return b"".join([piece async for piece in self.chunks()])
        try:
            content: bytes = await self._response.aread()
        except self._errors as error:
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        except BaseException:
            await self._response.aclose()
            raise
        return content

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        pieces = self._response.aiter_bytes()
        try:
            while True:
                with _until(self._request):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                yield piece
        except self._errors as error:
            if self._closed:
                raise failures.closed(self._request, self._response.num_bytes_downloaded) from error
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        finally:
            await self._response.aclose()
            # Read on, to the error of a closed connection: a generator inside httpx that is only dropped makes trio warn.
            with suppress(*self._errors, RuntimeError):
                async for _ in pieces:
                    pass

    async def finish(self, rest: AsyncIterator[bytes]) -> None:
        import anyio

        with suppress(APIConnectionError), anyio.move_on_after(PATIENCE):
            async for _ in rest:
                pass
        await self._response.aclose()

    async def close(self) -> None:
        self._closed = True
        await self._response.aclose()


def _errors_of(client: Any) -> tuple[type[Exception], ...]:
    """The errors of the library that `client` is of, and that of a deadline."""
    for base in type(client).__mro__:
        library = sys.modules.get(base.__module__.partition(".")[0])
        if library is not None and hasattr(library, "TransportError"):
            return (library.TransportError, library.DecodingError, library.StreamError, TimeoutError)
    raise TypeError(f"http_client is an httpx2 or httpx client, got {type(client).__name__}")


def _closed(error: RuntimeError) -> Exception:
    if "closed" in str(error):
        return OpenAIError("the http_client of this client was closed, so it cannot send; make another one")
    return error


def _until(request: Request) -> Any:
    """Raises TimeoutError from within when the deadline of `request` has come."""
    if request.until is None:
        return nullcontext()
    import anyio

    return anyio.fail_after(max(request.until - time.monotonic(), 0))


def failure(request: Request, error: Exception, received: int | None = None) -> APIConnectionError:
    """Our error for one of httpx's. The two libraries share their names, so names tell."""
    if isinstance(error, TimeoutError) or (request.until is not None and time.monotonic() >= request.until):
        return failures.timed_out(request, "read")
    names = {base.__name__ for base in type(error).__mro__}
    for phase in ("connect", "pool", "write", "read"):
        if f"{phase.title()}Timeout" in names:
            return failures.timed_out(request, phase)
    if "ProxyError" in names:
        return failures.proxy_failed(request, None, error)
    if "ConnectError" in names:
        return failures.could_not_connect(request, error)
    ended = "disconnected" in str(error) or "peer closed" in str(error)
    if names & {"RemoteProtocolError", "DecodingError"} and not ended:
        return failures.malformed(request, error)
    return failures.broken(request, error, received)
