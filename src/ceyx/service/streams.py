"""Answers in parts: server-sent events, made one by one for as long as somebody reads them."""

from __future__ import annotations

import asyncio
import logging
import string
from collections.abc import Generator, Iterator, Mapping
from itertools import islice
from random import choices
from time import monotonic
from typing import Any

import msgspec
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ceyx.service.errors import Provider, failed
from ceyx.wire.sse import DONE, encoded

_log = logging.getLogger("ceyx.service")
_PADDING = string.ascii_letters + string.digits
TOGETHER = 16
"""So many events at most go in one write, where no latency holds them apart: a write costs more than making them."""
Chunks = Generator[dict[str, Any], None, None]


class EventStream(StreamingResponse):
    """Sends each chunk as an event, and [DONE] after the last. Chunks that nobody will read are not made.

    `named` events go under their `type`, and the last of them says by it that it is the last.
    """

    def __init__(self, chunks: Chunks, provider: Provider, headers: Mapping[str, str], *, named: bool = False) -> None:
        super().__init__((), headers={**headers, "cache-control": "no-cache"}, media_type="text/event-stream")
        self.chunks = chunks
        self.provider: Provider = provider
        self.named = named
        self.waits: Iterator[float] | None = None
        """How long after the one before it each event is sent; None: at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            due, events = monotonic(), self.events()
            while some := b"".join(islice(events, TOGETHER if self.waits is None else 1)):
                await send({"type": "http.response.body", "body": some, "more_body": True})
                if self.waits is None:
                    await asyncio.sleep(0)  # a send need not wait, and other requests want their turn
                else:  # by the clock, so that what a sleep is too long makes the next one shorter
                    due += next(self.waits)
                    await asyncio.wait({gone}, timeout=max(due - monotonic(), 0))
                if gone.done():
                    return
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self.chunks.close()

    def events(self) -> Generator[bytes, None, None]:
        encode = msgspec.json.encode
        try:
            for chunk in self.chunks:
                yield encoded(encode(chunk), chunk["type"] if self.named else "")
        except Exception:  # noqa: BLE001  the status is out, so the reason goes where the next chunk would
            _log.exception("a stream could not be finished")
            yield encoded(encode(failed(self.provider).body()), "error" if self.named else "")
            return
        if not self.named:
            yield encoded(DONE)


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def padding(piece: str) -> str:
    """Characters by chance, as many as make a piece and them together about as long as any other."""
    return "".join(choices(_PADDING, k=16 - len(piece) % 16))
