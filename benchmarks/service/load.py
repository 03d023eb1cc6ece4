"""The client of this benchmark: HTTP/1.1 with keep-alive, a request at a time on each connection, as fast as answers come.

It spends as little as it can: an answer is over at its last byte, and of a stream the events are counted. What a request and
its answer hold is left to who asks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import urlsplit

END_OF_CHUNKS: Final = b"\r\n0\r\n\r\n"


@dataclass
class Done:
    """What came back."""

    answers: int = 0
    events: int = 0
    """Of streams, less the one that says that it is over."""
    failed: list[str] = field(default_factory=list)
    """Why, where an answer was none."""


class Connection(asyncio.Protocol):
    """One connection; it asks again as long as `until` is not past."""

    transport: asyncio.Transport

    def __init__(self, request: bytes, until: float, done: Done, over: asyncio.Future[None]) -> None:
        self.request, self.until, self.done, self.over = request, until, done, over
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        answer = self.received
        head = answer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = content_length(answer, head)
        if not (answer.endswith(END_OF_CHUNKS) if length is None else len(answer) >= head + 4 + length):
            return
        if answer.startswith(b"HTTP/1.1 200"):
            self.done.answers += 1
            if length is None:
                self.done.events += answer.count(b"\ndata: ") - answer.count(b"\ndata: [DONE]")
        else:
            self.done.failed.append(bytes(answer[:400]).decode("latin-1"))
        self.received = bytearray()
        if time.monotonic() < self.until and not self.done.failed:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.received:
            self.done.failed.append(f"the connection ended within an answer ({exc})")
        if not self.over.done():
            self.over.set_result(None)


def content_length(answer: bytearray, head: int) -> int | None:
    """The length that the head of an answer tells; None: it comes in chunks."""
    lowered = answer[:head].lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 : head].split(b"\r", 1)[0]) if at >= 0 else None


def request(url: str, body: bytes) -> bytes:
    """A POST of JSON to `url`, as it goes over the wire."""
    where = urlsplit(url)
    head = f"POST {where.path} HTTP/1.1\r\nhost: {where.netloc}\r\ncontent-type: application/json\r\n"
    head += f"authorization: Bearer any\r\naccept: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def asked(url: str, body: bytes, at_once: int, seconds: float) -> Done:
    """Asks on so many connections for so long; the answers under way then are waited for."""
    loop = asyncio.get_running_loop()
    where = urlsplit(url)
    done, until, wire = Done(), time.monotonic() + seconds, request(url, body)
    overs = [loop.create_future() for _ in range(at_once)]
    for over in overs:
        await loop.create_connection(partial(Connection, wire, until, done, over), where.hostname or "", where.port or 80)
    await asyncio.wait_for(asyncio.gather(*overs), seconds + 60)
    return done


class Open(asyncio.Protocol):
    """A stream that is read for as long as it lasts; it tells of its first event."""

    def __init__(self, request: bytes, began: asyncio.Future[None]) -> None:
        self.request, self.began = request, began
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.began.done():
            return
        self.received += data
        if not self.received.startswith(b"HTTP/1.1 200"[: len(self.received)]):
            self.began.set_exception(RuntimeError(f"no stream came: {self.received[:400].decode('latin-1')}"))
        elif b"\ndata: " in self.received:
            self.began.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.began.done():
            self.began.set_exception(RuntimeError(f"the connection ended before its stream began ({exc})"))


@asynccontextmanager
async def streams_open(url: str, body: bytes, count: int) -> AsyncIterator[None]:
    """While it lasts, so many streams are open, and each of them has begun."""
    loop = asyncio.get_running_loop()
    where, wire = urlsplit(url), request(url, body)
    begun = [loop.create_future() for _ in range(count)]
    transports: list[asyncio.Transport] = []
    try:
        for began in begun:
            opened = loop.create_connection(partial(Open, wire, began), where.hostname or "", where.port or 80)
            transports.append((await opened)[0])
        await asyncio.wait_for(asyncio.gather(*begun), 60)
        yield
    finally:
        for transport in transports:
            transport.abort()
