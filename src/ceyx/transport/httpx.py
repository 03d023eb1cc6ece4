"""The network through an httpx2 or httpx client: a user's own `http_client=`, and the async clients under trio.

Nothing here imports either library: a client that was given brings its own. httpx fixes the timeout of a body before its
first piece, so where a deadline or our patience is shorter, anyio ends the wait, or a timer shuts the blocking socket down.
Interim responses, and what httpx's own transports do with a connection that breaks while they send, are theirs. Nor do they
tell of a head that was cut: `answered` is set from the body on, and a POST whose answer ended in its headers is sent again.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from ceyx.errors import APIConnectionError, OpenAIError, ProtocolError
from ceyx.transport.base import AsyncReply, BlockingReply
from ceyx.transport.httpx_replies import AsyncReplyOf, Reply, failure, until
from ceyx.wire.form import Body
from ceyx.wire.message import Request

T = TypeVar("T")
GRACE = 0.05  # seconds in which httpx may say by itself that the time is over, and why


def _prepared(client: Any, request: Request, content: Any) -> Any:
    timeout = request.timeout
    phases = {"connect": timeout.connect, "read": timeout.read, "write": timeout.write, "pool": timeout.pool}
    if request.until is not None:
        left = max(request.until - time.monotonic(), 0.001)
        phases = {phase: left if limit is None else min(limit, left) for phase, limit in phases.items()}
    headers = request.headers
    if isinstance(request.content, Body) and request.content.size is not None:
        headers = {**headers, "content-length": str(request.content.size)}  # else httpx sends it in chunks
    try:
        return client.build_request(request.method, request.url, headers=headers, content=content, extensions={"timeout": phases})
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
        prepared = _prepared(self._client, request, request.content)
        while self._dropped:
            with suppress(IndexError):  # another thread was faster
                self._dropped.pop().close()
        send = partial(self._client.send, prepared, stream=True, follow_redirects=False)
        try:
            response = send() if request.until is None else _in_time(send, request.until)
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


def _in_time(send: Callable[[], Any], until: float) -> Any:
    """The response, or TimeoutError. Before there is one, nothing reaches the connection: headers that drip are waited for
    in a thread, which is left behind."""
    coming: Future[Any] = Future()

    def work() -> None:
        try:
            response = send()
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            if coming.set_running_or_notify_cancel():
                coming.set_exception(error)
        else:
            if coming.set_running_or_notify_cancel():
                coming.set_result(response)
            else:
                response.close()

    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
    try:
        return coming.result(max(until - time.monotonic(), 0) + GRACE)
    except BaseException:
        coming.cancel()
        raise


class AsyncClient:
    """An asynchronous httpx client as a transport, under asyncio or trio. Raises TypeError for one that is blocking, or none."""

    def __init__(self, client: Any) -> None:
        if not hasattr(client, "aclose") and hasattr(client, "close"):
            raise TypeError(f"http_client is a {type(client).__name__}, which the blocking clients take; give an async one here")
        self._lock: Any = None
        self._client = client
        self._dropped: deque[Any] = deque()  # responses that nobody read or closed
        self._errors = _errors_of(client)

    async def send(self, request: Request) -> AsyncReply:
        content = Pieces(request.content) if isinstance(request.content, Body) else request.content
        prepared = _prepared(self._client, request, content)
        while self._dropped:
            with suppress(*self._errors, RuntimeError):  # of a pool that was closed, or of a loop that is
                await self._dropped.pop().aclose()
        try:
            with until(request):
                response = await self._client.send(prepared, stream=True, follow_redirects=False)
        except self._errors as error:
            raise failure(request, error) from error
        except RuntimeError as error:
            raise _closed(error) from error
        return AsyncReplyOf(response, request, self._errors, self._dropped)

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


class Pieces:
    """A body for the asynchronous clients. What may wait for a disk or a pipe does so in a thread."""

    def __init__(self, body: Body) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if not self._body.waits:
            for piece in self._body:
                yield piece
            return
        import anyio.to_thread

        following = partial(next, iter(self._body), None)
        while (piece := await anyio.to_thread.run_sync(following)) is not None:
            yield piece


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


def _errors_of(client: Any) -> tuple[type[Exception], ...]:
    """The errors of the library that `client` is of, and ours: a deadline, an answer that was closed or is malformed."""
    for base in type(client).__mro__:
        library = sys.modules.get(base.__module__.partition(".")[0])
        if library is not None and hasattr(library, "TransportError"):
            return (
                library.TransportError,
                library.DecodingError,
                library.StreamError,
                ProtocolError,
                TimeoutError,
                ConnectionAbortedError,
            )
    raise TypeError(f"http_client is an httpx2 or httpx client, got {type(client).__name__}")


def _closed(error: RuntimeError) -> Exception:
    if "closed" in str(error):
        return OpenAIError("the http_client of this client was closed, so it cannot send; make another one")
    return error
