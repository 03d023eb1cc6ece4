"""uvicorn's HTTP connection, with a door for faults: the app may write to the socket itself, close it, or reset it.

It has bounds, too: no head of a request is read without end, nor waited for, and a body that comes has to come on.

The app finds a `Wire` in its scope, under extensions. Whoever leaves it alone has an ordinary connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

EXTENSION = "ceyx.wire"
LARGEST_HEAD = 256 * 1024
"""Bytes that a head may have, about: it is refused once more have come and it is not over."""
SECONDS_FOR_A_HEAD = 30.0
SECONDS_FOR_A_PIECE = 60.0
LEAST_PIECE = 4096
"""Bytes of a body that have to come in that time, while anybody reads them."""
_NO_LINGER = struct.pack("ii", 1, 0)  # close() then sends RST, and forgets what was not sent


class Gone(Exception):
    """The client has left; there is nobody to write to."""


class Connection(HttpToolsProtocol):
    """A connection whose requests carry a Wire."""

    drops_next = False
    """Whether the next request is met by closing the connection."""

    _head: asyncio.TimerHandle | None = None
    """What ends a connection whose request has begun, and does not go on."""
    _head_bytes = 0
    _in_head = False
    _body: asyncio.TimerHandle | None = None
    """What looks at how much of a body has come."""
    _body_bytes = 0
    _in_body = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        super().on_headers_complete()
        scope: Any = self.scope  # its task has not begun to run yet
        scope["extensions"] = {EXTENSION: Wire(self, self.cycle)}

    def data_received(self, data: bytes) -> None:
        if self.drops_next:
            self.transport.close()
        else:
            super().data_received(data)
            # Few requests come in more than one piece.
            if self._in_head or self._in_body or self._head is not None or self._body is not None:
                self._bound(len(data))

    def _bound(self, more: int) -> None:
        """Looks after a request that has come in part."""
        if self.transport.is_closing():
            self._forget()
        elif self._in_head:
            self._forget_body()
            self._head_bytes += more
            if self._head is None:
                self._head = self.loop.call_later(SECONDS_FOR_A_HEAD, self._refuse, 408, "The request did not arrive in time.")
            if self._head_bytes > LARGEST_HEAD:
                self._refuse(431, f"The headers of the request are larger than {LARGEST_HEAD} bytes.")
        elif self._in_body:
            self._forget_head()
            self._body_bytes += more
            if self._body is None:
                self._body = self.loop.call_later(SECONDS_FOR_A_PIECE, self._body_comes_on)
        else:
            self._forget()

    def _body_comes_on(self) -> None:
        """Goes on waiting for a body of which enough has come, or which the app lets wait; ends the connection of any other."""
        if self._body_bytes >= LEAST_PIECE or self.flow.read_paused:
            self._body_bytes = 0
            self._body = self.loop.call_later(SECONDS_FOR_A_PIECE, self._body_comes_on)
            return
        self._forget()
        cycle = self.cycle
        if not (cycle.response_started or self.pipeline):  # else it would be read as part of another answer
            self._say(408, "The body of the request did not arrive in time.")
            cycle.disconnected = True  # so that the app does not answer after all
        self.transport.close()

    def _forget(self) -> None:
        self._forget_head()
        self._forget_body()

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
        self._head, self._head_bytes = None, 0

    def _forget_body(self) -> None:
        if self._body is not None:
            self._body.cancel()
        self._body, self._body_bytes = None, 0

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, f"{msg.rstrip('.')}: it is not what HTTP/1.1 has.")

    def _refuse(self, status: int, message: str) -> None:
        """Ends the connection, for what never became a request: so there is no app to say it, and no provider to resemble."""
        self._forget()
        self._in_head = self._in_body = False
        cycle = self.cycle
        if cycle is None or cycle.response_complete:  # else it would be read as part of another answer
            self._say(status, message)
        self.transport.close()

    def _say(self, status: int, message: str) -> None:
        body = msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)


class Wire:
    """The bytes of one answer. What is written here goes out as it is; it then ends in `finish`, `close` or `reset`."""

    __slots__ = ("_connection", "_cycle")

    def __init__(self, connection: Connection, cycle: RequestResponseCycle) -> None:
        self._connection = connection
        self._cycle = cycle

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """What the server puts before the headers of an answer: the date."""
        return self._connection.server_state.default_headers

    async def write(self, data: bytes) -> None:
        """Sends `data`, as part of an answer that is ours from now on. Raises Gone if nobody is there."""
        await self.interim(data)
        self._cycle.response_started = True

    async def interim(self, data: bytes) -> None:
        """Sends `data` before an answer, which is still the app's to give."""
        if self._cycle.disconnected or self._connection.transport.is_closing():
            raise Gone
        self._connection.transport.write(data)
        if self._connection.flow.write_paused:
            await self._connection.flow.drain()

    def finish(self) -> None:
        """The answer is over, and the connection open for the next request."""
        self._end()
        if self._cycle.keep_alive:
            self._cycle.on_response()
        else:
            self._connection.transport.close()

    def close(self) -> None:
        """Sends what is left to send, then FIN."""
        self._end()
        self._connection.transport.close()

    async def reset(self) -> None:
        """Sends what is left to send, then RST."""
        transport = self._connection.transport
        while transport.get_write_buffer_size() and not self._cycle.disconnected:  # noqa: ASYNC110  asyncio tells nobody
            await asyncio.sleep(0.001)
        self._end()
        with suppress(OSError):  # it is closed already
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()

    def close_when_idle(self, seconds: float) -> None:
        """From now on, closes the connection once it has been idle for so long."""
        connection: Any = self._connection  # which says int, and takes any number
        connection.timeout_keep_alive = seconds

    def drop_next(self) -> None:
        """Meets the next request on this connection by closing it."""
        self._connection.drops_next = True

    def _end(self) -> None:
        self._cycle.response_started = self._cycle.response_complete = True


def wire_of(scope: MutableMapping[str, Any]) -> Wire | None:
    """The Wire of a request; None where another server runs the app."""
    extensions: Any = scope.get("extensions") or {}
    wire = extensions.get(EXTENSION)
    return wire if isinstance(wire, Wire) else None
