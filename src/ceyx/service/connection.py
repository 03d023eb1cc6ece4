"""uvicorn's HTTP connection, with a door for faults: the app may write to the socket itself, close it, or reset it.

The app finds a `Wire` in its scope, under extensions. Whoever leaves it alone has an ordinary connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

EXTENSION = "ceyx.wire"
_NO_LINGER = struct.pack("ii", 1, 0)  # close() then sends RST, and forgets what was not sent


class Gone(Exception):
    """The client has left; there is nobody to write to."""


class Connection(HttpToolsProtocol):
    """A connection whose requests carry a Wire."""

    drops_next = False
    """Whether the next request is met by closing the connection."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        scope: Any = self.scope  # its task has not begun to run yet
        scope["extensions"] = {EXTENSION: Wire(self, self.cycle)}

    def data_received(self, data: bytes) -> None:
        if self.drops_next:
            self.transport.close()
        else:
            super().data_received(data)


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
