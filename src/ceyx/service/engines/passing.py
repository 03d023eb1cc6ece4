"""An answer that is passed on while it comes: piece by piece as somebody else sent it, and broken off where that broke off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ceyx.errors import OpenAIError
from ceyx.service.connection import Gone, wire_of
from ceyx.service.streams import disconnected

_log = logging.getLogger("ceyx.service")


class Cut(OpenAIError):
    """The rest of a body never came, when it was recorded."""


class Passing(StreamingResponse):
    """Sends each piece as it comes. Who leaves stops their coming; an OpenAIError among them cuts the connection."""

    def __init__(self, status: int, headers: Mapping[str, str], pieces: AsyncGenerator[bytes, None]) -> None:
        super().__init__((), status, headers)
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(scope, send))
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over = sending.done()
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
        if over:
            sending.result()

    async def _send(self, scope: Scope, send: Send) -> None:
        async with aclosing(self.pieces) as pieces:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            try:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except OpenAIError as error:
                wire = wire_of(scope)
                if wire is None:
                    raise
                if not isinstance(error, Cut):
                    _log.warning("an answer broke off on its way here: %s", error)
                await asyncio.sleep(0)  # in which what was sent goes out
                wire.close()
                raise Gone from None
            await send({"type": "http.response.body", "body": b""})
