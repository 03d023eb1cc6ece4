"""A network for tests: a function that answers requests. No sockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ceyx.errors import APIConnectionError
from ceyx.transport.base import AsyncReply, BlockingReply
from ceyx.wire.message import Headers, Request

T = TypeVar("T")
Answer = tuple[int, Mapping[str, str], bytes | Iterable[bytes]]
"""Status, headers, and the body, whole or in pieces."""


class Memory:
    """Answers with what `answer` returns, and keeps every request. An exception it raises is one of the network."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self.requests: list[Request] = []
        self.closed = False

    def send(self, request: Request) -> BlockingReply:
        self.requests.append(request)
        return _Reply(self._answer(request))

    def close(self) -> None:
        self.closed = True


class AsyncMemory:
    """As `Memory`, for the async clients; `sleep` returns at once and is kept in `slept`."""

    def __init__(self, answer: Callable[[Request], Answer | Awaitable[Answer]]) -> None:
        self._answer = answer
        self.requests: list[Request] = []
        self.slept: list[float] = []
        self._lock: Any = None
        self.closed = False

    async def send(self, request: Request) -> AsyncReply:
        self.requests.append(request)
        answer: Any = self._answer(request)
        return _AsyncReply(await answer if hasattr(answer, "__await__") else answer)

    async def close(self) -> None:
        self.closed = True

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        return function()

    async def together(self, works: Sequence[Callable[[], Awaitable[T]]], at_most: int) -> list[T]:
        from ceyx.transport.httpx import together

        return await together(works, at_most)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        import anyio

        with anyio.fail_after(seconds):
            return await work()

    def lock(self) -> Any:
        import anyio

        if self._lock is None:
            self._lock = anyio.Lock()
        return self._lock


def _pieces(body: bytes | Iterable[bytes], status: int) -> Iterator[bytes]:
    try:
        yield from [body] if isinstance(body, bytes) else body
    except APIConnectionError as error:
        error.answered = status < 300  # as every transport sets it
        raise


class _Reply(BlockingReply):
    __slots__ = ("_body", "closed")

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer[0], Headers(answer[1].items()))
        self._body, self.closed = answer[2], False

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Generator[bytes, None, None]:
        try:
            yield from _pieces(self._body, self.status)
        finally:
            self.closed = True

    def finish(self, rest: Iterator[bytes]) -> None:
        for _ in rest:
            pass

    def close(self) -> None:
        self.closed = True


class _AsyncReply(AsyncReply):
    __slots__ = ("_body", "closed")

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer[0], Headers(answer[1].items()))
        self._body, self.closed = answer[2], False

    async def read(self) -> bytes:
        return b"".join(_pieces(self._body, self.status))

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            for piece in _pieces(self._body, self.status):
                yield piece
        finally:
            self.closed = True

    async def finish(self, rest: AsyncIterator[bytes]) -> None:
        async for _ in rest:
            pass

    async def close(self) -> None:
        self.closed = True
