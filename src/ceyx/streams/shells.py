"""Streams of events over streams of pieces: what blocks and what awaits, and what both do when it goes wrong.

A state machine makes the events; all it needs here is `events(piece)`, and a `collector` that says what is missing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

from ceyx.wire.collecting import Collector

if TYPE_CHECKING:
    from ceyx.response import RawResponse
    from ceyx.streaming import AsyncStream, Stream

E = TypeVar("E")
S = TypeVar("S")


class State(Protocol):
    """Pieces in, events out."""

    @property
    def collector(self) -> Collector[Any]: ...
    def events(self, piece: Any, /) -> list[Any]: ...


class _Shell(Generic[E]):
    """What both share: everything that needs no I/O."""

    def __init__(self, raw: Any, state: State) -> None:
        self._raw, self._state = raw, state
        self._end = End()

    @property
    def response(self) -> RawResponse[Any]:
        """The response that is being read: its status, headers and request id."""
        return self._raw.response  # type: ignore[no-any-return]

    @property
    def request_id(self) -> str | None:
        return self._raw.request_id  # type: ignore[no-any-return]

    def _check(self) -> None:
        """Raises, again and again, what ended the stream; and StreamTruncatedError if it was closed before its end."""
        if self._end.error is not None:
            raise self._end.error
        if not self._end.came and (missing := self._state.collector.unfinished()):
            error = self._raw._reader._truncated(f"early, as it was closed, with {missing}; what came is in .partial")
            error.partial = self._state.collector.partial()
            raise error


class End:
    """How a stream ended, if it has."""

    came = False
    error: Exception | None = None


class EventStream(_Shell[E]):
    """Events as they happen. The `with` block that it belongs to closes it."""

    _raw: Stream[Any]

    def __init__(self, raw: Stream[Any], state: Any) -> None:
        super().__init__(raw, state)
        self._items = self._iterate(raw, state, self._end)

    @staticmethod  # a generator that held the stream would make a cycle, and a dropped stream would stay open for a while
    def _iterate(raw: Stream[Any], state: State, end: End) -> Generator[E, None, None]:
        try:
            for piece in raw:
                yield from state.events(piece)
        except Exception as error:
            end.error = error
            raise
        end.came = not raw._reader.closed

    def __iter__(self) -> Generator[E, None, None]:
        return self._items

    def __next__(self) -> E:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the stream: the connection is closed, and the server need not go on."""
        self._raw.close()

    def until_done(self) -> Self:
        """Reads to the end. Raises what ends the stream before."""
        for _ in self._items:
            pass
        self._check()
        return self


class AsyncEventStream(_Shell[E]):
    """As `EventStream`, awaited."""

    _raw: AsyncStream[Any]

    def __init__(self, raw: AsyncStream[Any], state: Any) -> None:
        super().__init__(raw, state)
        self._items = self._iterate(raw, state, self._end)

    @staticmethod  # see EventStream
    async def _iterate(raw: AsyncStream[Any], state: State, end: End) -> AsyncGenerator[E, None]:
        try:
            async for piece in raw:
                for event in state.events(piece):
                    yield event
        except Exception as error:
            end.error = error
            raise
        end.came = not raw._reader.closed

    def __aiter__(self) -> AsyncGenerator[E, None]:
        return self._items

    async def __anext__(self) -> E:
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the stream: the connection is closed, and the server need not go on."""
        await self._raw.close()

    aclose = close

    async def until_done(self) -> Self:
        """Reads to the end. Raises what ends the stream before."""
        async for _ in self._items:
            pass
        self._check()
        return self


# ---- opening: the request is sent when the `with` block is entered


class Opening(Generic[S]):
    """A stream that is not open yet."""

    _kind: ClassVar[Any]  # makes the S

    def __init__(self, send: Callable[[], Stream[Any]], state: Callable[..., Any]) -> None:
        self._send, self._state = send, state
        self._stream: Any = None

    def __enter__(self) -> S:
        raw = self._send()
        self._stream = self._kind(raw, self._state(collector=raw._reader.collector))
        return self._stream  # type: ignore[no-any-return]

    def __exit__(self, *why: object) -> None:
        if self._stream is not None:
            self._stream.close()


class AsyncOpening(Generic[S]):
    """As `Opening`, awaited."""

    _kind: ClassVar[Any]  # makes the S

    def __init__(self, send: Callable[[], Awaitable[AsyncStream[Any]]], state: Callable[..., Any]) -> None:
        self._send, self._state = send, state
        self._stream: Any = None

    async def __aenter__(self) -> S:
        raw = await self._send()
        self._stream = self._kind(raw, self._state(collector=raw._reader.collector))
        return self._stream  # type: ignore[no-any-return]

    async def __aexit__(self, *why: object) -> None:
        if self._stream is not None:
            await self._stream.close()
