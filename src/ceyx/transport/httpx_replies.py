"""Answers on connections of httpx2 or httpx, and its errors as ours; the clients are `httpx`'s."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from ceyx.errors import APIConnectionError, ProtocolError
from ceyx.transport import failures, sockets
from ceyx.transport.base import PATIENCE, AsyncReply, BlockingReply, awhole, whole
from ceyx.transport.compressed import decoder
from ceyx.wire.message import Request


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
            _shut_down(self._response, self._forks)
            self._dropped.append(self._response)

    @property
    def closed(self) -> bool:
        return bool(self._response.is_closed)

    def limit_pauses(self, seconds: float) -> None:
        _limit_pauses(self._response, seconds)

    def read(self) -> bytes:
        return whole(self, self._request)

    def chunks(self) -> Generator[bytes, None, None]:
        until, response = self._request.until, self._response
        if response.is_stream_consumed:  # by a hook of the user
            yield response.content
            return
        decode = decoder(self.headers.get("content-encoding"))
        try:
            with self._cut_after(None if until is None else until - time.monotonic()) as cut:
                for piece in response.iter_raw():
                    if decode is None:
                        yield piece
                    else:
                        yield from decode.feed(piece)
            # To httpx, a connection that was shut down is the end of a body without a length.
            if self._closed or cut.is_set():
                raise TimeoutError if cut.is_set() else ConnectionAbortedError
            if decode is not None:
                decode.finish()
        except self._errors as error:
            raise _cut_off(self._request, response, error, self._closed) from error
        finally:
            response.close()

    def finish(self, rest: Iterator[bytes]) -> None:
        with suppress(APIConnectionError), self._cut_after(PATIENCE):
            for _ in zip(rest, range(8), strict=False):
                pass
        self._response.close()

    def close(self) -> None:
        if not self._response.is_closed:
            self._closed = True
            _shut_down(self._response, self._forks)  # another thread may be waiting for it
            self._response.close()

    @contextmanager
    def _cut_after(self, seconds: float | None) -> Iterator[threading.Event]:
        """Shuts the connection down after `seconds`, and sets the event; None never does."""
        cut = threading.Event()
        if seconds is None:
            yield cut
            return

        def end() -> None:
            cut.set()
            _shut_down(self._response, self._forks)

        timer = threading.Timer(max(seconds, 0), end)
        timer.daemon = True
        timer.start()
        try:
            yield cut
        finally:
            timer.cancel()


def _limit_pauses(response: Any, seconds: float) -> None:
    """Change the timeout that httpx takes when it begins to read a body."""
    if (phases := response.request.extensions.get("timeout")) is not None:
        phases["read"] = seconds


def _shut_down(response: Any, forks: int) -> None:
    network = response.extensions.get("network_stream")
    sockets.shut_down(network and network.get_extra_info("socket"), forks)


class AsyncReplyOf(AsyncReply):
    __slots__ = ("_closed", "_dropped", "_errors", "_forks", "_request", "_response")

    def __init__(self, response: Any, request: Request, errors: tuple[type[Exception], ...], dropped: deque[Any]) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, None
        self._response, self._request, self._errors, self._dropped = response, request, errors, dropped
        self._closed = False
        self._forks = sockets.forks

    def __del__(self) -> None:
        if not self._response.is_closed:
            _shut_down(self._response, self._forks)  # the server may go on to something else at once
            self._dropped.append(self._response)

    @property
    def closed(self) -> bool:
        return bool(self._response.is_closed)

    def limit_pauses(self, seconds: float) -> None:
        _limit_pauses(self._response, seconds)

    async def read(self) -> bytes:
        return await awhole(self, self._request)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        if self._response.is_stream_consumed:  # by a hook of the user
            yield self._response.content
            return
        pieces = self._response.aiter_raw()
        decode = decoder(self.headers.get("content-encoding"))
        try:
            while True:
                with until(self._request):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                if decode is None:
                    yield piece
                else:
                    for part in decode.feed(piece):
                        yield part
            if self._closed:  # by another task; to httpx, that may be the end of a body without a length
                raise ConnectionAbortedError
            if decode is not None:
                decode.finish()
        except self._errors as error:
            raise _cut_off(self._request, self._response, error, self._closed) from error
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


def until(request: Request) -> Any:
    """Raises TimeoutError from within when the deadline of `request` has come."""
    if request.until is None:
        return nullcontext()
    import anyio

    return anyio.fail_after(max(request.until - time.monotonic(), 0))


def _cut_off(request: Request, response: Any, error: Exception, closed: bool) -> APIConnectionError:
    """For an answer that ended early."""
    received: int = response.num_bytes_downloaded
    if closed:
        ours = failures.closed(request, received)
    elif isinstance(error, ProtocolError):
        ours = failures.malformed(request, error, received)
    else:
        ours = failure(request, error, received, response.headers.get("content-length"), headed=True)
    return failures.in_body(ours, response.status_code)


def failure(
    request: Request, error: Exception, received: int = 0, announced: str | None = None, headed: bool = False
) -> APIConnectionError:
    """Our error for one of httpx's. The two libraries share their names, so names tell."""
    if isinstance(error, TimeoutError) or (request.until is not None and time.monotonic() >= request.until):
        return failures.timed_out(request, "read", received)
    names = {base.__name__ for base in type(error).__mro__}
    for phase in ("connect", "pool", "write", "read"):
        if f"{phase.title()}Timeout" in names:
            return failures.timed_out(request, phase, received if phase == "read" else None)
    if "ProxyError" in names:
        return failures.proxy_failed(request, None, error)
    if "ConnectError" in names:
        return failures.could_not_connect(request, error)
    ended = "disconnected" in str(error) or "peer closed" in str(error)
    if names & {"RemoteProtocolError", "DecodingError"} and not ended:
        return failures.malformed(request, error, received)
    return failures.broken(request, error, received, announced, headed=headed)
