"""One request and its answer in the hands of a fault: the real answer, and the ways to send one, by ASGI or byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from math import isinf
from typing import NoReturn

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ceyx.service import headers
from ceyx.service.connection import Gone, Wire, wire_of
from ceyx.service.counters import Tally
from ceyx.service.errors import Refusal
from ceyx.service.faults.answer import Answer, Asked
from ceyx.service.faults.plausible import plausible
from ceyx.service.inward import collected
from ceyx.service.settings import Settings


class Unhurt(Exception):
    """There is nothing here that the fault could damage: `answer` is to be sent as it is."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Exchange:
    """A request that a fault answers. Every way to send raises Gone once the client has left."""

    def __init__(
        self, app: ASGIApp, asked: Asked, settings: Settings, tally: Tally, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.asked = asked
        self._app, self._settings, self._tally = app, settings, tally
        self._scope, self._receive, self._send = scope, receive, send
        self._left: asyncio.Task[None] | None = None

    # What there is to answer.

    async def answer(self, *, streams: bool | None = None) -> Answer:
        """The real answer, or a plausible one where no route leads; with `streams`, as if the request had asked so.

        Raises Unhurt for a refusal, and where a stream was asked and none comes.
        """
        fields = dict(self.asked.fields)
        body = self.asked.body
        if streams is not None:
            fields["stream"] = streams
            if not streams:
                fields.pop("stream_options", None)
            body = msgspec.json.encode(fields)
        scope = dict(self._scope)
        status, carried, parts = await collected(self._app, scope, body)
        if "endpoint" not in scope:  # no route
            asked = self.asked if streams is None else Asked(self.asked.method, self.asked.path, "", {}, body, fields)
            return self.identified(plausible(asked))
        content = b"".join(parts)
        is_stream = any(name == "content-type" and value.startswith("text/event-stream") for name, value in carried)
        kept = tuple(pair for pair in carried if pair[0] not in ("content-length", "transfer-encoding", "connection"))
        events = tuple(event + b"\n\n" for event in content.split(b"\n\n") if event) if is_stream else (content,)
        answer = Answer(status, kept, events, is_stream)
        wanted = self.asked.streams if streams is None else streams
        if status >= 400 or is_stream != wanted:
            raise Unhurt(answer)
        return answer

    def identified(self, answer: Answer) -> Answer:
        """`answer` with the headers that every answer of its provider carries."""
        carried = headers.of_any(self.asked.provider, self.asked.headers, self._settings)
        named = {name for name, _ in answer.headers}
        more = tuple((name, value) for name, value in carried.items() if name not in named)
        return Answer(answer.status, (*answer.headers, *more), answer.parts, answer.streams)

    # By ASGI.

    async def send(self, answer: Answer) -> None:
        """Sends a whole answer, or a stream event by event."""
        await self.start(answer)
        for part in answer.parts:
            await self.part(part)
        await self.end()

    async def start(self, answer: Answer) -> None:
        """Sends the head; the body of an answer that is no stream is as long as it says."""
        carried = answer.headers
        if not answer.streams and answer.status not in (204, 304):
            carried = (*carried, ("content-length", str(len(answer.content))))
        await self.start_with(answer.status, carried)

    async def start_with(self, status: int, carried: Iterable[tuple[str, str]]) -> None:
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in carried]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def part(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        await asyncio.sleep(0)  # a send need not wait, and other requests want their turn
        if self._leaving().done():
            raise Gone

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def pause(self, seconds: float) -> None:
        """Waits for so long, or until the client leaves."""
        done, _ = await asyncio.wait({self._leaving()}, timeout=None if isinf(seconds) else seconds)
        if done:
            raise Gone

    async def forever(self) -> NoReturn:
        """Waits until the client leaves."""
        await self._leaving()
        raise Gone

    # Byte by byte.

    @property
    def wire(self) -> Wire:
        """The socket. Raises Refusal under a server that gives none."""
        wire = wire_of(self._scope)
        if wire is None:
            message = "This fault writes to the socket itself, which only LocalService and ceyx serve let it do."
            raise Refusal(501, message, param="x-ceyx-fault", code="fault_needs_socket")
        return wire

    def head(self, answer: Answer, *framing: tuple[str, str]) -> bytes:
        """The head of `answer`, with these headers to say how its body ends."""
        self._tally.status = answer.status
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = ""
        default = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.wire.default_headers]
        lines = [f"{name}: {value}" for name, value in (*default, *answer.headers, *framing)]
        return "\r\n".join((f"HTTP/1.1 {answer.status} {phrase}", *lines, "", "")).encode("latin-1")

    # Whether somebody is there.

    def _leaving(self) -> asyncio.Task[None]:
        if self._left is None:
            self._left = asyncio.ensure_future(self._until_left())
        return self._left

    async def _until_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def close(self) -> None:
        """Leaves no task behind."""
        if self._left is not None and not self._left.done():
            self._left.cancel()
            await asyncio.wait({self._left})
