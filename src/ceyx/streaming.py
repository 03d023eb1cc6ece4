"""Streams of server-sent events as the client gives them out: one reader without I/O, and two thin shells around it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import msgspec

from ceyx.errors import ProtocolError
from ceyx.wire import sse
from ceyx.wire.body import decoded
from ceyx.wire.message import Request, request_id
from ceyx.wire.status import error_in_stream

if TYPE_CHECKING:
    from ceyx.response import RawResponse
    from ceyx.transport.base import AsyncReply, BlockingReply, Reply

E = TypeVar("E")


class Reader(Generic[E]):
    """Bytes in, items out. Raises the typed error for an error event, and ProtocolError for what is no stream of events."""

    def __init__(self, decode: Callable[[Any], E], request: Request, reply: Reply) -> None:
        self._decode, self._request, self._reply = decode, request, reply
        self._events = sse.Decoder()
        self._seen = False
        self.done = False

    def read(self, piece: bytes) -> Iterator[E]:
        """The items that `piece` completes; `done` is set by the event that ends a stream."""
        return self._items(self._events.feed(piece))

    def _items(self, events: list[sse.Event]) -> Iterator[E]:
        decode = self._decode
        for name, data in events:
            self._seen = True
            if data.startswith(sse.DONE):
                self.done = True
                return
            try:
                item = decoded(data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise self._broken(f"sent an event that is not JSON: {_snippet(data)}") from error
            if name or type(item) is not dict or "error" in item:
                self._check(name, item)
                if item is None:
                    continue
            yield decode(item)

    def end(self) -> Iterator[E]:
        """The last item, when the bytes ended without the blank line after it."""
        event = self._events.finish()
        if event is not None:
            yield from self._items([event])
        if not self._seen:
            kind = self._reply.headers.get("content-type") or "no content type"
            raise self._broken(f"was asked for a stream of events, and sent none ({kind})")

    def _check(self, name: bytes, item: Any) -> None:
        if name == b"error" or (isinstance(item, dict) and item.get("error")):
            raise error_in_stream(item, self._request, self._reply.headers)

    def _broken(self, what: str) -> ProtocolError:
        return ProtocolError(f"{self._request.origin} {what}", self._request)


def _snippet(data: bytes) -> str:
    text = data[:80].decode("utf-8", "replace")
    return repr(text + "…" if len(data) > 80 else text)


class _Stream(Generic[E]):
    """What both streams share: everything that needs no I/O."""

    def __init__(
        self, decode: Callable[[Any], E], request: Request, reply: Any, response: Callable[[], RawResponse[Any]]
    ) -> None:
        self._reader = Reader(decode, request, reply)
        self._reply = reply
        self._response = response

    @property
    def response(self) -> RawResponse[Any]:
        """The response that is being read: its status, headers and request id."""
        return self._response()

    @property
    def request_id(self) -> str | None:
        return request_id(self._reply.headers)


class Stream(_Stream[E]):
    """Items as they arrive. Use it as a context manager, or close it, if it is not read to its end.

    Raises an APIError for an error event, APIConnectionError where the connection fails.
    """

    _reply: BlockingReply

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self._items = self._iterate(self._reader, self._reply)

    @staticmethod  # a generator that held the stream would make a cycle, and a dropped stream would stay open for a while
    def _iterate(reader: Reader[E], reply: BlockingReply) -> Generator[E, None, None]:
        pieces = reply.chunks()
        try:
            for piece in pieces:
                yield from reader.read(piece)
                if reader.done:
                    reply.finish(pieces)
                    return
            yield from reader.end()
        finally:
            reply.close()

    def __iter__(self) -> Iterator[E]:
        return self._items

    def __next__(self) -> E:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the stream: the connection is closed, and the server need not go on. Any thread may do it.

        A thread that waits for the next item gets an APIConnectionError.
        """
        with suppress(ValueError):  # another thread is inside; it is woken below
            self._items.close()
        self._reply.close()


class AsyncStream(_Stream[E]):
    """As `Stream`, awaited."""

    _reply: AsyncReply

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self._items = self._iterate(self._reader, self._reply)

    @staticmethod  # see Stream
    async def _iterate(reader: Reader[E], reply: AsyncReply) -> AsyncGenerator[E, None]:
        pieces = reply.chunks()
        try:
            async for piece in pieces:
                for item in reader.read(piece):
                    yield item
                if reader.done:
                    await reply.finish(pieces)
                    return
            for item in reader.end():
                yield item
        finally:
            await pieces.aclose()
            await reply.close()

    def __aiter__(self) -> AsyncGenerator[E, None]:
        return self._items

    async def __anext__(self) -> E:
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the stream, as `Stream.close` does; any task of the event loop may do it."""
        items: Any = self._items
        if not items.ag_running:  # else another task is inside; it is woken below
            await items.aclose()
        await self._reply.close()

    aclose = close
