"""The network through an httpx2 or httpx client: a user's own `http_client=`, and the async clients under trio.

Nothing here imports either library but `for_trio`: a client that was given brings its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures
from ceyx.transport.base import PATIENCE, AsyncReply, BlockingReply, Connecting
from ceyx.transport.proxies import proxy_for
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
        raise APIConnectionError(message=f"cannot send to {request.url!r}: {error}", request=request) from error


class Client:
    """A blocking httpx client as a transport."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._errors = _errors_of(client)

    def send(self, request: Request) -> BlockingReply:
        prepared = _prepared(self._client, request)
        try:
            response = self._client.send(prepared, stream=True, follow_redirects=False)
        except self._errors as error:
            raise failure(request, error) from error
        except RuntimeError as error:
            raise _closed(error) from error
        return Reply(response, request, self._errors)

    def close(self) -> None:
        self._client.close()

    @property
    def closed(self) -> bool:
        return bool(self._client.is_closed)


class AsyncClient:
    """An asynchronous httpx client as a transport, under asyncio or trio."""

    def __init__(self, client: Any) -> None:
        self._lock: Any = None
        self._client = client
        self._errors = _errors_of(client)

    async def send(self, request: Request) -> AsyncReply:
        prepared = _prepared(self._client, request)
        try:
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

        return await anyio.to_thread.run_sync(function)

    def lock(self) -> Any:
        import anyio

        if self._lock is None:
            self._lock = anyio.Lock()
        return self._lock


class Reply(BlockingReply):
    __slots__ = ("_errors", "_request", "_response")

    def __init__(self, response: Any, request: Request, errors: tuple[type[Exception], ...]) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, None
        self._response, self._request, self._errors = response, request, errors

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
        try:
            for piece in self._response.iter_bytes():
                _check_deadline(self._request)
                yield piece
        except self._errors as error:
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        finally:
            self._response.close()

    def finish(self, rest: Iterator[bytes]) -> None:
        with suppress(APIConnectionError):
            for _ in zip(rest, range(8), strict=False):
                pass
        self._response.close()

    def close(self) -> None:
        self._response.close()


class AsyncReplyOf(AsyncReply):
    __slots__ = ("_errors", "_request", "_response")

    def __init__(self, response: Any, request: Request, errors: tuple[type[Exception], ...]) -> None:
        self.status, self.headers, self.content = response.status_code, response.headers, None
        self._response, self._request, self._errors = response, request, errors

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
        try:
            async for piece in self._response.aiter_bytes():
                _check_deadline(self._request)
                yield piece
        except self._errors as error:
            raise failure(self._request, error, self._response.num_bytes_downloaded) from error
        finally:
            await self._response.aclose()

    async def finish(self, rest: AsyncIterator[bytes]) -> None:
        import anyio

        with suppress(APIConnectionError), anyio.move_on_after(PATIENCE):
            async for _ in rest:
                pass
        await self._response.aclose()

    async def close(self) -> None:
        await self._response.aclose()


def for_trio(connecting: Connecting, origin: str) -> AsyncClient:
    """A transport over an httpx2 client, made as `connecting` says."""
    try:
        import httpx2
    except ImportError:
        raise OpenAIError("under trio the async clients send through httpx2: pip install 'ceyx[httpx]'") from None
    from ceyx.transport import tls

    return AsyncClient(
        httpx2.AsyncClient(
            verify=tls.context(connecting.verify, connecting.cert) if origin.startswith("https:") else False,
            proxy=proxy_for(origin, connecting.proxy),
            trust_env=False,
            limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=100),
        )
    )


def _errors_of(client: Any) -> tuple[type[Exception], ...]:
    """The errors of the library that `client` is of."""
    for base in type(client).__mro__:
        library = sys.modules.get(base.__module__.partition(".")[0])
        if library is not None and hasattr(library, "TransportError"):
            return (library.TransportError, library.DecodingError, library.StreamError)
    raise TypeError(f"http_client is an httpx2 or httpx client, got {type(client).__name__}")


def _closed(error: RuntimeError) -> Exception:
    if "closed" in str(error):
        return OpenAIError("the http_client of this client was closed, so it cannot send; make another one")
    return error


def _check_deadline(request: Request) -> None:
    if request.until is not None and time.monotonic() >= request.until:
        raise failures.timed_out(request, "read")


def failure(request: Request, error: Exception, received: int | None = None) -> APIConnectionError:
    """Our error for one of httpx's. The two libraries share their names, so names tell."""
    names = {base.__name__ for base in type(error).__mro__}
    for phase in ("connect", "pool", "write", "read"):
        if f"{phase.title()}Timeout" in names:
            return failures.timed_out(request, phase)
    if "ProxyError" in names:
        return failures.proxy_failed(request, None, error)
    if "ConnectError" in names:
        return failures.could_not_connect(request, error)
    if names & {"RemoteProtocolError", "DecodingError"} and "disconnected" not in str(error):
        return failures.malformed(request, error)
    return failures.broken(request, error, received)
