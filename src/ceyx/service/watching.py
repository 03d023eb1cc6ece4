"""Who listens to a service while it works, and what they hear: requests and their answers, piece by piece as they pass.

Most of the time nobody does. Then nothing here is called, and nothing stands between an answer and who it is for.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from ceyx.service.connection import EXTENSION, Wire, wire_of
from ceyx.service.seen import MOST, MOST_OF_A_BODY, Request, Seen

_usage = re.compile(rb'"usage"\s*:\s*(?=\{)').search
_object = json.JSONDecoder().raw_decode
_MOST_OF_A_USAGE = 4096


MOST_OF_AN_ANSWER = 256 * 1024
"""Events say little in many bytes."""


@dataclass(slots=True)
class Part:
    """What passed one way: its beginning, and how much it was."""

    most: int
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, data: bytes) -> None:
        if (room := self.most + 1 - self.size) > 0:  # a byte more tells that there was more
            self.pieces.append(data if len(data) <= room else data[:room])
        self.size += len(data)

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces)


@dataclass(slots=True)
class Heard:
    """What was heard of a request and its answer."""

    asked: Part = field(default_factory=lambda: Part(MOST_OF_A_BODY))
    answered: Part = field(default_factory=lambda: Part(MOST_OF_AN_ANSWER))
    times: int = 0
    """In how many pieces the answer came."""
    events: int = 0
    """About how many events these had, if they are a stream."""
    first: float | None = None
    """When its first byte did, of perf_counter."""
    raw: bool = False
    """Whether it went past HTTP, so that this is the head, too, and what frames the body."""
    usage: dict[str, Any] | None = None

    def piece(self, data: bytes) -> None:
        if not data:
            return
        if self.first is None:
            self.first = perf_counter()
        self.times += 1
        self.events += data.count(b"\n\n")
        self.answered.add(data)
        if (found := _usage(data)) is not None:
            with suppress(ValueError):  # it goes on in the next piece
                text = data[found.end() : found.end() + _MOST_OF_A_USAGE].decode("utf-8", "replace")
                self.usage, _ = _object(text)

    def end(self, request: Request) -> None:
        """The request is over."""
        if request.tally.usage is None:  # no route of ours has answered
            request.tally.usage = self.usage
        if request.body is None:
            request.body = self.asked.content


class Listener:
    """Somebody who listens: which requests something became of since they asked last."""

    def __init__(self, seen: Seen) -> None:
        self._changed = {request.number: request for request in seen.kept}
        self._woken = asyncio.Event()
        self._forgot = False

    def hears(self, request: Request) -> None:
        changed = self._changed
        changed[request.number] = request
        if len(changed) > MOST:  # nobody could look at it any more
            del changed[next(iter(changed))]
        self._woken.set()

    def forget(self) -> None:
        """All that was told is no more."""
        self._changed.clear()
        self._forgot = True
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Returns once there is something to tell, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def taken(self) -> tuple[bool, list[Request]]:
        """Whether what was told before is no more, and the requests that something became of, each once."""
        forgot, changed = self._forgot, list(self._changed.values())
        self._forgot = False
        self._changed.clear()
        self._woken.clear()
        return forgot, changed


def overhear(seen: Seen, request: Request, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
    """`receive` and `send`, whose messages listeners hear of."""
    heard = request.heard = Heard()
    seen.tell(request)

    async def received() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            heard.asked.add(message.get("body", b""))
            seen.tell(request)
        return message

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            heard.piece(message.get("body", b""))
        seen.tell(request)
        await send(message)

    def written(data: bytes) -> None:
        heard.raw = True
        heard.piece(data)
        seen.tell(request)

    if (wire := wire_of(scope)) is not None:
        scope["extensions"] = {**scope["extensions"], EXTENSION: Tapped(wire, written)}
    return received, sent


class Tapped(Wire):
    """A Wire, of which is told what is written to it."""

    __slots__ = ("_tell",)

    def __init__(self, wire: Wire, tell: Any) -> None:
        super().__init__(wire._connection, wire._cycle)
        self._tell = tell

    async def interim(self, data: bytes) -> None:
        self._tell(data)
        await super().interim(data)
