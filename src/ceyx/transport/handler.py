"""What aiohttp does with the bytes of a connection, less the ways in which it waits for ever or says too little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError

from ceyx.errors import ProtocolError
from ceyx.transport.base import MAX_HEAD_BYTES
from ceyx.transport.failures import NotHTTP

if TYPE_CHECKING:
    import asyncio


class Handler(ResponseHandler):
    """A connection on which nobody waits for ever.

    Interim responses are bounded, as aiohttp bounds the final one: it reads on past them. And who reads a body hears of what
    is no HTTP in it: aiohttp 3.14 tells that to who waits for a head, and closes.

    One timer for each connection watches over silence, and is put off when it rings: aiohttp makes another with every answer and
    with every piece of one, and cancels that before.
    """

    _interim = 0
    _start = b""
    """Of the head that is awaited, the first bytes."""
    _until: float | None = None
    """When the server will have said nothing for too long; None where nothing is awaited."""
    _bell: asyncio.TimerHandle | None = None

    @property
    def begun(self) -> bool:
        """Whether anything of the answer has come, interim responses aside."""
        return bool(self._start) and self._start[9:10] != b"1"

    def set_response_params(self, **params: Any) -> None:
        self._start = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if len(self._start) < 10:
            self._start += data[:10]
        super().data_received(data)
        if self._interim and not self._start:
            self._start = data.rpartition(b"\r\n\r\n")[2].strip()[:10]  # the response after the interim ones may have begun
            self.start_timeout()  # which aiohttp ends with the first of them

    def set_exception(self, exc: BaseException, exc_cause: Any = None) -> None:
        body = self._payload
        exc.__dict__["begun"] = self.begun  # for `failure`, which has no way to here
        super().set_exception(exc, exc_cause or exc)
        if isinstance(exc, HttpProcessingError) and body is not None and body.exception() is None and not body.is_eof():
            body.set_exception(NotHTTP(str(exc)))

    def feed_data(self, data: Any, size: int = 0) -> None:
        message = data[0]
        if self._interim > MAX_HEAD_BYTES:
            return
        if 100 <= message.code < 200 and message.code != 101:
            self._start = b""
            self._interim += 32 + sum(len(name) + len(value) for name, value in message.raw_headers)
            if self._interim > MAX_HEAD_BYTES:
                said = f"its headers are longer than {MAX_HEAD_BYTES:,} bytes"
                self.set_exception(BadHttpMessage(said), ProtocolError(said))
                if self.transport is not None:
                    self.transport.abort()
                return
        else:
            self._interim = 0
        super().feed_data(data, size)

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        if self._bell is not None:
            self._bell.cancel()

    def _reschedule_timeout(self) -> None:
        if not self._read_timeout:
            self._until = None
            return
        self._until = self._loop.time() + self._read_timeout
        if self._bell is None or self._bell.when() > self._until:
            self._ring_at(self._until)

    def _drop_timeout(self) -> None:
        self._until = None

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
                self._on_read_timeout()


def begun_before(error: BaseException) -> bool:
    """Whether bytes of an answer had come before `error`. Of what is ended by a deadline, that is not known."""
    return any(getattr(each, "begun", False) for each in (error, error.__cause__))
