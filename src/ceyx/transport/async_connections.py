"""aiohttp's connections as they speak here, and what comes back on them; pools of such are `asyncio`'s.

aiohttp finds, opens, secures, tunnels and keeps connections; what goes over them is written and read as the blocking
transport does it. Its own requests cost more than all the rest of a call: a task, several timers and a copy of all headers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp.client_proto import ResponseHandler

from ceyx.errors import APIConnectionError, ProtocolError
from ceyx.transport import failures, http1
from ceyx.transport.base import PATIENCE, AsyncReply, awhole
from ceyx.transport.spoken import Spoken, limit
from ceyx.wire.form import Body

if TYPE_CHECKING:
    from aiohttp.connector import Connection

    from ceyx.wire.message import Request

PIECE_BYTES = 65536
LARGE = 2**15  # bytes; what is shorter fits into the buffers on the way, and is written at once
MOST_HELD = 2**18  # bytes of a body that nobody has taken yet, before the server is made to wait


class Speaking(ResponseHandler):
    """A connection on which one exchange at a time is spoken, and at most one task waits.

    Until the first, and while a proxy is asked for a tunnel, it is aiohttp's own.
    """

    transport: Any
    """The connection as the event loop has it; None when it is lost."""
    failure: Exception | None = None
    """Why nothing more comes of the exchange under way."""
    _incoming: http1.Incoming | None = None
    _used = False
    _held = 0  # bytes that came since somebody waited
    _stopped = False
    _awaited: asyncio.Future[bool] | None = None
    _until: float | None = None
    """When the one who waits will have waited for too long."""
    _bell: asyncio.TimerHandle | None = None

    def begin(self, incoming: http1.Incoming) -> None:
        self._incoming, self._used = incoming, True
        if self._tail:  # of a server that talks before it is asked, which aiohttp may have had wait
            said, self._tail, self._stopped = self._tail, b"", True
            self.data_received(said)

    def end(self) -> None:
        self._incoming = self.failure = None

    @property
    def closing(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    def write(self, data: bytes | memoryview) -> None:
        if not self.closing:
            self.transport.write(data)

    async def wait(self, seconds: float | None) -> None:
        """Until something came, can be written, or broke. TimeoutError after so many seconds."""
        if self._stopped and not self.closing:
            self._stopped = False
            self.transport.resume_reading()
        self._held = 0
        if seconds is not None:
            self._until = until = self._loop.time() + seconds
            if self._bell is None or self._bell.when() > until:
                self._ring_at(until)
        self._awaited = awaited = self._loop.create_future()
        try:
            if not await awaited:
                raise TimeoutError
        finally:
            self._awaited = self._until = None

    def wake(self, in_time: bool = True) -> None:
        awaited = self._awaited
        if awaited is not None and not awaited.done():
            awaited.set_result(in_time)

    # -- one timer for each connection, which is put off when it rings: to make another for each wait would cost

    def _ring_at(self, when: float) -> None:
        if self._bell is not None:
            self._bell.cancel()
        self._bell = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._bell = None
        if self._until is not None:
            if self._loop.time() < self._until:
                self._ring_at(self._until)
            else:
                self.wake(in_time=False)

    # -- what the event loop calls

    def data_received(self, data: bytes) -> None:
        incoming = self._incoming
        if incoming is None:
            if not self._used:
                super().data_received(data)
            elif self.transport is not None:
                self.transport.abort()  # nobody asked: whatever it is, it must not be taken for the next answer
            return
        try:
            incoming.feed(data)
        except (OSError, ProtocolError) as error:
            self.failure = error
        self._held += len(data)
        if self._held > MOST_HELD and not (self._stopped or incoming.done or self.closing):
            self._stopped = True
            self.transport.pause_reading()
        self.wake()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.wake()

    def connection_lost(self, exc: BaseException | None) -> None:
        incoming = self._incoming
        if incoming is not None and self.failure is None and not incoming.done:
            if exc is None:
                self.data_received(b"")
            else:
                self.failure = exc if isinstance(exc, OSError) else ConnectionAbortedError(str(exc))
        super().connection_lost(exc)
        if self._bell is not None:
            self._bell.cancel()
        self.wake()


class Reply(Spoken, AsyncReply):
    """A response on its connection, which goes back when the body was read to its end."""

    __slots__ = ("_connection", "_pause", "_speaking")

    def __init__(self, connection: Connection, request: Request) -> None:
        super().__init__(request)
        speaking: Any = connection.protocol
        self._connection: Connection | None = connection
        self._speaking: Speaking = speaking
        self._pause = request.timeout.read
        speaking.begin(self._incoming)

    async def ask(self, target: str, more: dict[str, str] | None) -> bool:
        """Sends the request. False if the connection was closed already, and not a byte of it went out.

        What else goes wrong is told when the answer is awaited, since the server may have said why.
        """
        request, speaking = self._request, self._speaking
        if speaking.closing:
            return False
        head = http1.head(request, request.method, target, more)
        content = request.content
        if content is None:
            speaking.write(head)
        elif isinstance(content, bytes) and len(content) <= LARGE:
            speaking.write(head + content)
        else:
            speaking.write(head)
            if not speaking.closing:
                await self._upload(content)
                return True
        self.asked = not speaking.closing
        return self.asked

    async def _upload(self, content: bytes | Body) -> None:
        """Sends a large body, unless the server answers before it has it all: then it does not want the rest."""
        speaking, pieces = self._speaking, http1.framed(content)
        waits = isinstance(content, Body) and content.waits
        while (piece := await asyncio.to_thread(next, pieces, None) if waits else next(pieces, None)) is not None:
            view = memoryview(piece)
            for start in range(0, len(view), PIECE_BYTES):
                # The loop must see what the server says before the next piece finds that it has closed the connection.
                await asyncio.sleep(0)
                speaking.write(view[start : start + PIECE_BYTES])
                while speaking.writing_paused and not self._is_settled:
                    try:
                        await speaking.wait(limit(self._request, self._request.timeout.write))
                    except TimeoutError as error:
                        raise failures.timed_out(self._request, "write") from error
                if self._is_settled:
                    return
        self.asked = True

    @property
    def _is_settled(self) -> bool:
        """Whether what is still to be sent is of no concern."""
        return self._incoming.headed or self._speaking.failure is not None or self._speaking.closing

    async def receive_head(self) -> None:
        incoming = self._incoming
        try:
            while not incoming.headed:
                await self._more()
        except (OSError, ProtocolError) as error:
            raise self._failure(error) from error
        self.status, self.headers = incoming.status, incoming.headers

    async def _more(self) -> None:
        speaking = self._speaking
        if self.closed:
            raise ConnectionAbortedError("closed by another task")
        if speaking.failure is not None:
            raise speaking.failure
        if speaking.transport is None:
            raise ConnectionAbortedError("no connection")
        await speaking.wait(limit(self._request, self._pause))

    def limit_pauses(self, seconds: float) -> None:
        self._pause = seconds

    async def read(self) -> bytes:
        return await awhole(self, self._request)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        incoming = self._incoming
        decoder = incoming.decoder
        try:
            while True:
                if data := incoming.take():
                    if decoder is None:
                        yield data
                    else:
                        for part in decoder.feed(data):
                            yield part
                elif incoming.done:  # asked when all was taken: more may have come while the reader was at work
                    break
                else:
                    await self._more()
            if decoder is not None:
                decoder.finish()
        except (OSError, ProtocolError) as error:
            raise self._failure(error) from error
        finally:
            self.give_back()

    async def finish(self, rest: AsyncIterator[bytes]) -> None:
        with suppress(APIConnectionError, TimeoutError):
            async with asyncio.timeout(None if self._incoming.done else PATIENCE):
                async for _ in rest:
                    pass
        self.give_back()

    async def close(self) -> None:
        waited_for = self._connection is not None
        self.give_back()
        if waited_for:
            self._speaking.wake()  # another task that reads gets an error

    def __del__(self) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Gives the connection back; closes it where the answer was not read to its end."""
        connection, self._connection = self._connection, None
        self.closed = True
        if connection is None:
            return
        incoming, speaking = self._incoming, self._speaking
        usable = incoming.done and incoming.reusable and self.asked and speaking.failure is None
        speaking.end()
        if usable:
            connection.release()
            return
        if not self.asked and speaking.transport is not None:
            speaking.transport.abort()  # to close is to send what is in the buffers first, to a server that may not take it
        connection.close()
