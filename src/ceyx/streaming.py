"""Streams of server-sent events as the client gives them out: one reader without I/O, and two thin shells around it."""

from __future__ import annotations

import sys
import time
from _thread import get_ident
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ceyx.errors import APIConnectionError, APIError, APITimeoutError, ProtocolError, StreamTruncatedError
from ceyx.wire import sse
from ceyx.wire.collecting import Collector, ErrorEvent
from ceyx.wire.decoding import UNREADABLE, decoded
from ceyx.wire.message import Request, Timeout, request_id
from ceyx.wire.status import answer_stopped, error_in_stream, unlisted

if TYPE_CHECKING:
    from ceyx.response import RawResponse
    from ceyx.transport.base import AsyncReply, BlockingReply, Reply

E = TypeVar("E")
SHOWN = 64 * 1024  # bytes kept of what is no stream of events, to say what it is


class Reader(Generic[E]):
    """Bytes in, items out.

    Raises the typed error for an error event, ProtocolError for what is no stream of events, StreamTruncatedError for one that
    ends too early, and ContentFilterError where the request's policy says so.
    """

    def __init__(self, collector: Collector[E], request: Request, reply: Reply) -> None:
        self.collector, self._request, self._reply = collector, request, reply
        collector.filter_raises = request.policy.content_filter == "raise"
        self._events = sse.Decoder(request.policy.event_limit or collector.max_event_bytes)
        self._head: bytes | None = b""  # what came before the first event
        self._silent_since: float | None = None
        self.done = False
        self.closed = False
        self.reader: object = None
        """Who began to read: a thread, or a task."""

    def begin(self, who: object) -> None:
        if self.closed:
            raise APIConnectionError(message=f"the stream of {self._request.origin} was closed before it was read")
        self.reader = who

    def read(self, piece: bytes) -> Iterable[E]:
        """The items that `piece` completes; `done` is set by the event that ends a stream."""
        events = self._events.feed(piece)
        if not events:
            self._wait(piece)
            return ()
        self._silent_since = None
        return self._items(events)

    def _items(self, events: list[sse.Event]) -> Iterator[E]:
        self._head = None
        read = self.collector.read
        for name, data in events:
            try:
                item = decoded(data)
            except UNREADABLE as error:
                if data.startswith(sse.DONE):  # which is no JSON, so nearly every event need not be asked
                    self.done = True
                    return
                if not data.strip() and name != b"error":  # a sign of life
                    continue
                what = "is nested too deep" if isinstance(error, RecursionError) else "is not JSON"
                raise self._broken(f"sent an event that {what}: {_snippet(data)}") from error
            if name or type(item) is not dict or "error" in item:
                self._check(name, item)
                if item is None:
                    continue
            try:
                piece = read(item)
            except ErrorEvent as said:
                raise error_in_stream(said.body, self._request, self._reply.headers) from None
            yield piece

    def end(self) -> Iterator[E]:
        """The last item, when the bytes ended without the blank line after it; then the errors of a stream as a whole."""
        event = None if self.done else self._events.finish()  # what follows [DONE] is of no concern, whole or cut
        if event is not None:
            try:
                yield from self._items([event])
            except ProtocolError as error:
                raise self._truncated("in the middle of an event") from error
        if self._head is not None:
            raise self._no_events(self._head)
        end, missing = self._request.policy.stream_end, self.collector.unfinished()
        if missing and (end == "strict" or (end == "lenient" and not self.done)):
            so = "" if self.done else ", and no [DONE]"
            raise self._truncated(
                f"with {missing}{so}; what came is in .partial. For a server that ends its streams so, pass "
                f"stream_end={'lenient' if self.done else 'unchecked'!r} to the client"
            )
        if self._request.policy.content_filter == "raise" and (part := self.collector.filtered()) is not None:
            raise answer_stopped(part, self.collector.partial(), self._reply, self._request)

    def failed(self, error: APIError) -> APIError:
        """`error`, which ended the stream, with what had come; a broken connection cuts a stream short."""
        if type(error) is APIConnectionError and not self.closed:
            error = self._truncated(f"early: {error.message}; what came is in .partial")
        if isinstance(error, APIConnectionError):
            error.answered = True
            error.request_id = error.request_id or request_id(self._reply.headers)
        if error.partial is None:
            error.partial = self.collector.partial()
        return error

    def _wait(self, piece: bytes) -> None:
        """For bytes that complete no event. Comments, with which servers keep connections open, are not answers for ever."""
        if self._head is not None:
            self._head = (self._head + piece)[:SHOWN]
        limit = self._request.timeout.read
        if limit is None or self._events.pending:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        elif time.monotonic() - self._silent_since > limit:
            raise APITimeoutError(
                self._request,
                message=f"{self._request.origin} sent only comments for {limit:g} s, and no event (timeout.read); raise timeout=",
            )

    def _no_events(self, head: bytes) -> APIError:
        """For an answer without a single event: an error, or something that is no stream."""
        kind = self._reply.headers.get("content-type") or "no content type"
        with suppress(*UNREADABLE):
            body = unlisted(decoded(head))
            if isinstance(body, dict) and body.get("error"):
                return error_in_stream(body, self._request, self._reply.headers)
        what = f"something else ({kind}), which starts {_snippet(head)}" if head.strip() else f"none ({kind})"
        return self._broken(f"was asked for a stream of events, and sent {what}")

    def _check(self, name: bytes, item: Any) -> None:
        item = unlisted(item)
        if name == b"error" or (isinstance(item, dict) and item.get("error")):
            raise error_in_stream(item, self._request, self._reply.headers)

    def _broken(self, what: str) -> ProtocolError:
        return ProtocolError(f"{self._request.origin} {what}", self._request)

    def _truncated(self, how: str) -> StreamTruncatedError:
        id_ = request_id(self._reply.headers)
        facts = f" (request id {id_})" if id_ else ""
        error = StreamTruncatedError(f"the stream of {self._request.origin}{facts} ended {how}", self._request)
        error.request_id = id_
        return error


def current_task() -> object:
    """The task that is running, whichever library runs it."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return trio.lowlevel.current_task()
    import asyncio

    return asyncio.current_task()


def _snippet(data: bytes) -> str:
    text = data[:80].decode("utf-8", "replace")
    return repr(text + "…" if len(data) > 80 else text)


class _Stream(Generic[E]):
    """What both streams share: everything that needs no I/O."""

    def __init__(self, collector: Collector[E], request: Request, reply: Any, response: Callable[[], RawResponse[Any]]) -> None:
        self._reader = Reader(collector, request, reply)
        self._reply = reply
        self._response = response

    @property
    def response(self) -> RawResponse[Any]:
        """The response that is being read: its status, headers and request id."""
        return self._response()

    @property
    def request_id(self) -> str | None:
        return request_id(self._reply.headers)

    def limit_pauses(self, seconds: float) -> None:
        """Have no pause from here on take longer than `seconds`, where the `timeout` of the call allows more.

        The wait for the answer to begin is not a pause: a model may take its time before it speaks.
        """
        request = self._reader._request
        if request.timeout.read is None or request.timeout.read > seconds:
            request.timeout = Timeout(request.timeout, read=seconds)
            self._reply.limit_pauses(seconds)


class Stream(_Stream[E]):
    """Items as they arrive. Use it as a context manager, or close it, if it is not read to its end.

    Raises an APIError for an error event, and StreamTruncatedError where the stream or its connection ends before the answer is
    whole. Every APIError has what came in `partial`.
    """

    _reply: BlockingReply

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self._items = self._iterate(self._reader, self._reply)

    @staticmethod  # a generator that held the stream would make a cycle, and a dropped stream would stay open for a while
    def _iterate(reader: Reader[E], reply: BlockingReply) -> Generator[E, None, None]:
        reader.begin(get_ident())
        pieces = reply.chunks()
        try:
            for piece in pieces:
                yield from reader.read(piece)
                if reader.done:
                    reply.finish(pieces)
                    break
            yield from reader.end()
        except APIError as error:
            raise reader.failed(error) from error.__cause__
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

        Another thread that reads gets an APIConnectionError, so that it does not take what it has for the whole.
        """
        self._reader.closed = True
        if self._reader.reader == get_ident():
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
        reader.begin(current_task())
        pieces = reply.chunks()
        try:
            async for piece in pieces:
                for item in reader.read(piece):
                    yield item
                if reader.done:
                    await reply.finish(pieces)
                    break
            for item in reader.end():
                yield item
        except APIError as error:
            raise reader.failed(error) from error.__cause__
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
        self._reader.closed = True
        if self._reader.reader is not None and self._reader.reader is current_task():
            await self._items.aclose()
        await self._reply.close()

    aclose = close
