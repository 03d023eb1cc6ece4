"""Responses before decoding: `with_raw_response` gives them read, `with_streaming_response` with the body still on the wire."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ceyx.exchange import answer_of
from ceyx.wire.call import Call
from ceyx.wire.cast import reading
from ceyx.wire.decoding import decoded
from ceyx.wire.message import Answered, Request, Response

if TYPE_CHECKING:
    from ceyx.transport.base import AsyncReply, BlockingReply

R = TypeVar("R")
T = TypeVar("T")


class _Response(Answered, Generic[R]):
    """What all responses share: everything that needs no I/O."""

    def __init__(
        self,
        call: Call[R],
        request: Request,
        reply: Any,
        stream: Callable[[], Any] | None = None,
        retries: int = 0,
        elapsed: float = 0.0,
    ) -> None:
        self._call, self._request, self._reply, self._stream = call, request, reply, stream
        self.retries_taken = retries
        """How often the request was sent again."""
        self.elapsed = timedelta(seconds=elapsed)
        """From the first try to having the headers, and the body where that is read."""
        self._parsed: Any = None
        self._begun = False

    @property
    def status_code(self) -> int:
        return self._reply.status  # type: ignore[no-any-return]

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; the case of names does not matter."""
        return self._reply.headers  # type: ignore[no-any-return]

    @property
    def http_request(self) -> Request:
        """The request, less its secrets and body."""
        return self._request.summary()

    request = http_request

    @property
    def http_response(self) -> Response:
        """The response as a value that can be kept and pickled; without its body where that has not been read."""
        return Response(self.status_code, self.headers, self._reply.content or b"", self._request, self.elapsed)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes from the wire: the body was read to its end, or the response closed."""
        return bool(self._reply.content is not None or self._reply.closed)

    @property
    def deployment(self) -> str | None:
        """The name of the deployment that answered, where the client has several."""
        return self._request.deployment

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def method(self) -> str:
        return self._request.method

    def _begin_reading(self) -> None:
        if self._begun:
            raise RuntimeError("the body of this response was read already, in pieces; read() it first to have it again")
        self._begun = True

    def _parse(self, to: Any) -> Any:
        """What the reply, its body read, is as `to`, or else as the call has it."""
        if to is not None:
            return answer_of(reading(to, "GET", ""), self._reply, self._request)
        if self._parsed is None:
            self._parsed = answer_of(self._call, self._reply, self._request)
        return self._parsed

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}] {self.method} {self._request.shown_url}>"


class RawResponse(_Response[R]):
    """A response whose body has been read; `parse()` gives what the call without `with_raw_response` gives.

    Of a call with `stream=True` the body is not read: `parse()` gives the stream.
    """

    @overload
    def parse(self) -> R: ...
    @overload
    def parse(self, *, to: type[T]) -> T: ...
    def parse(self, *, to: type[Any] | None = None) -> Any:
        """The decoded answer, or with `to` the JSON as that type."""
        if to is None and self._stream is not None:
            if self._parsed is None:
                self._parsed = self._stream()
            return self._parsed
        return self._parse(to)

    @property
    def content(self) -> bytes:
        """The body."""
        if self._reply.content is None:
            raise RuntimeError("the body of a stream is read by iterating parse()")
        return self._reply.content  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, "replace")

    def json(self) -> Any:
        return decoded(self.content)


class APIResponse(_Response[R]):
    """A response whose body is on the wire; the `with` block that it belongs to closes it."""

    _reply: BlockingReply

    @overload
    def parse(self) -> R: ...
    @overload
    def parse(self, *, to: type[T]) -> T: ...
    def parse(self, *, to: type[Any] | None = None) -> Any:
        """The decoded answer, or with `to` the JSON as that type."""
        if to is None and self._stream is not None:
            return self._stream()
        self.read()
        return self._parse(to)

    def read(self) -> bytes:
        """The whole body."""
        if self._reply.content is None:
            self._begin_reading()
            self._reply.content = self._reply.read()
        return self._reply.content

    def text(self) -> str:
        return self.read().decode(self.encoding, "replace")

    def json(self) -> Any:
        return decoded(self.read())

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body as it comes, or in pieces of `chunk_size` bytes (the last may be shorter)."""
        pieces: Iterable[bytes] = [self._reply.content or b""]
        if self._reply.content is None:
            self._begin_reading()
            pieces = self._reply.chunks()
        sizer = Sizer(chunk_size)
        for piece in pieces:
            yield from sizer.feed(piece)
        yield from sizer.end()

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        import codecs

        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        for piece in self.iter_bytes(chunk_size):
            if text := decoder.decode(piece):
                yield text

    def iter_lines(self) -> Iterator[str]:
        """The body's lines, without their ends."""
        lines = Lines(self.encoding)
        for piece in self.iter_bytes():
            yield from lines.feed(piece)
        yield from lines.end()

    def stream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` as it comes."""
        with Path(file).open("wb") as out:
            for piece in self.iter_bytes(chunk_size):
                out.write(piece)

    def close(self) -> None:
        self._reply.close()


class AsyncAPIResponse(_Response[R]):
    """As `APIResponse`, awaited."""

    _reply: AsyncReply

    @overload
    async def parse(self) -> R: ...
    @overload
    async def parse(self, *, to: type[T]) -> T: ...
    async def parse(self, *, to: type[Any] | None = None) -> Any:
        """The decoded answer, or with `to` the JSON as that type."""
        if to is None and self._stream is not None:
            return self._stream()
        await self.read()
        return self._parse(to)

    async def read(self) -> bytes:
        """The whole body."""
        if self._reply.content is None:
            self._begin_reading()
            self._reply.content = await self._reply.read()
        return self._reply.content

    async def text(self) -> str:
        return (await self.read()).decode(self.encoding, "replace")

    async def json(self) -> Any:
        return decoded(await self.read())

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body as it comes, or in pieces of `chunk_size` bytes (the last may be shorter)."""
        sizer = Sizer(chunk_size)
        if self._reply.content is not None:
            for piece in sizer.feed(self._reply.content):
                yield piece
        else:
            self._begin_reading()
            async for received in self._reply.chunks():
                for piece in sizer.feed(received):
                    yield piece
        for piece in sizer.end():
            yield piece

    async def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        import codecs

        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        async for piece in self.iter_bytes(chunk_size):
            if text := decoder.decode(piece):
                yield text

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body's lines, without their ends."""
        lines = Lines(self.encoding)
        async for piece in self.iter_bytes():
            for line in lines.feed(piece):
                yield line
        for line in lines.end():
            yield line

    async def stream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` as it comes."""
        with Path(file).open("wb") as out:  # noqa: ASYNC230  # a piece is in the system's cache at once
            async for piece in self.iter_bytes(chunk_size):
                out.write(piece)

    async def close(self) -> None:
        await self._reply.close()


class Sizer:
    """Pieces of any size in, pieces of one size out."""

    def __init__(self, size: int | None) -> None:
        self._size, self._rest = size, b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._size is None:
            if piece:
                yield piece
            return
        self._rest += piece
        while len(self._rest) >= self._size:
            yield self._rest[: self._size]
            self._rest = self._rest[self._size :]

    def end(self) -> Iterator[bytes]:
        if self._rest:
            yield self._rest


class Lines:
    """Bytes in, lines out; LF and CRLF end them."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._rest, self._encoding = b"", encoding

    def feed(self, piece: bytes) -> Iterator[str]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode(self._encoding, "replace")

    def end(self) -> Iterator[str]:
        if self._rest:
            yield self._rest.decode(self._encoding, "replace")


class Opened(AbstractContextManager[APIResponse[R]]):
    """Sends on entering, closes on leaving."""

    def __init__(self, send: Callable[[], APIResponse[R]]) -> None:
        self._send = send

    def __enter__(self) -> APIResponse[R]:
        self._response = self._send()
        return self._response

    def __exit__(self, *why: object) -> None:
        self._response.close()


class AsyncOpened(AbstractAsyncContextManager[AsyncAPIResponse[R]]):
    """Sends on entering, closes on leaving."""

    def __init__(self, send: Callable[[], Coroutine[Any, Any, AsyncAPIResponse[R]]]) -> None:
        self._send = send

    async def __aenter__(self) -> AsyncAPIResponse[R]:
        self._response = await self._send()
        return self._response

    async def __aexit__(self, *why: object) -> None:
        await self._response.close()
