"""Bodies that are multipart forms (RFC 7578), read part by part as they arrive, so that no file is ever held whole.

aiohttp's reader finds the parts; what is done with them is for the routes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from ceyx.service.errors import Refusal, bad_request, too_large

PIECE_BYTES = 64 * 1024
LARGEST_FIELD = 1024 * 1024
MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: a field or, if it has a `filename`, a file. Read it before the next one is asked for."""

    name: str
    filename: str | None
    content_type: str
    _reader: Any

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes, in pieces."""
        while not self._reader.at_eof():
            with _readable():
                piece = bytes(await self._reader.read_chunk(PIECE_BYTES))
            if piece:
                yield piece

    async def read(self, largest: int = LARGEST_FIELD) -> bytes:
        """All of the bytes. Raises Refusal for more than `largest`."""
        read = bytearray()
        async for piece in self.pieces():
            read += piece
            if len(read) > largest:
                raise bad_request(f"'{self.name}' is larger than {largest} bytes.", self.name, "string_above_max_length")
        return bytes(read)

    async def text(self) -> str:
        """The value of a field."""
        return (await self.read()).decode("utf-8", "replace")


async def parts(request: Request, largest: int) -> AsyncIterator[Part]:
    """The parts of a request's form. Raises Refusal for what is no form, or is larger than `largest` bytes."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise Refusal(400, f"The body must be a form, sent as multipart/form-data; got {kind[:80] or 'no content type'!r}.")
    from aiohttp import MultipartReader  # slow to import, and many services are never sent a form

    arriving: Any = _Arriving(request, largest)
    with _readable():
        reader = MultipartReader({"Content-Type": kind}, arriving)
    count = 0
    while True:
        with _readable():
            part = await reader.next()
            if part is None:
                return
            count += 1
            if isinstance(part, MultipartReader) or part.name is None or count > MOST_FIELDS:
                raise ValueError("its parts must have names, and no parts of their own")
        yield Part(part.name, part.filename, part.headers.get("Content-Type", ""), part)


@contextmanager
def _readable() -> Iterator[None]:
    """Refuses a form that aiohttp cannot read. (Some of its checks are assertions.)"""
    from aiohttp.http_exceptions import HttpProcessingError

    try:
        yield
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise bad_request(f"The form in the body cannot be read: {str(error)[:120] or 'it is malformed'}.") from None


_steps = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields as an object: `a[b]=1` is {"a": {"b": "1"}}, and `a[]=1` is {"a": ["1"]}. Values are text."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        first, *_ = name.partition("[")
        path = [first, *_steps.findall(name)]
        place: Any = made
        for step, following in zip(path, [*path[1:], None], strict=True):
            if isinstance(place, list):
                place.append(value)
                break
            if following is None:
                place[step] = value
                break
            place = place.setdefault(step, [] if following == "" else {})
            if not isinstance(place, dict | list):
                raise bad_request(f"Invalid value for '{first}': it is given as a value, and as an object.", first)
    return made


class _Arriving:
    """The body of a request, as aiohttp's reader wants to read it."""

    def __init__(self, request: Request, largest: int) -> None:
        self._stream = request.stream()
        self._left = largest
        self._largest = largest
        self._buffer = bytearray()
        self._ended = False

    def at_eof(self) -> bool:
        return self._ended and not self._buffer

    async def read(self, size: int) -> bytes:
        while len(self._buffer) < size and await self._more():
            pass
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def readline(self, *, max_line_length: int = 8190) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0 and len(self._buffer) <= max_line_length and await self._more():
            pass
        if max(end, 0 if end >= 0 else len(self._buffer)) > max_line_length:
            raise ValueError(f"a line is longer than {max_line_length} bytes")
        return await self.read(end + 1 if end >= 0 else len(self._buffer))

    def unread_data(self, data: bytes) -> None:
        self._buffer[:0] = data

    async def _more(self) -> bool:
        if self._ended:
            return False
        piece = await anext(self._stream, None)
        if piece is None:
            self._ended = True
            return False
        self._left -= len(piece)
        if self._left < 0:
            await self._drain()
            raise too_large(self._largest)
        self._buffer += piece
        return True

    async def _drain(self) -> None:
        """Reads on for a while: few clients read an answer before they have sent everything."""
        left = self._largest
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                break
