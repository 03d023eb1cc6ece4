"""Where requests meet their faults: around the whole app, so that every path can have any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ceyx.service.clock import use
from ceyx.service.connection import Gone
from ceyx.service.counters import TALLY, Counters, Tally
from ceyx.service.errors import Refusal
from ceyx.service.faults.answer import Answer, Asked, decoded, whole
from ceyx.service.faults.catalogue import parse
from ceyx.service.faults.exchange import Exchange, Unhurt
from ceyx.service.faults.fault import Chosen, FaultError
from ceyx.service.faults.triggers import Triggers
from ceyx.service.seen import BODY, beginning
from ceyx.service.watching import overhear

if TYPE_CHECKING:
    from ceyx.service.gate import Service

HEADER = "x-ceyx-fault"
CALL = "x-ceyx-request"
OWN = "/_ceyx/"
"""Paths below it are about the service itself: not counted, and without faults."""


class Faults:
    """An ASGI middleware that counts requests, and has happen to them what was ordered."""

    def __init__(self, app: ASGIApp, service: Service, triggers: Triggers, largest_body: int) -> None:
        self._app, self._settings, self._counters, self._triggers = app, service.settings, service.counters, triggers
        self._clock, self._seen = service.clock, service.seen
        self._largest = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        use(self._clock)
        if scope["type"] != "http" or scope["path"].startswith(OWN):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        tally = self._counters.begin(headers.get(CALL))
        scope[TALLY] = tally
        seen = self._seen.begin(tally, scope)
        if self._seen.listeners:
            receive, send = overhear(self._seen, seen, scope, receive, send)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                tally.status = message["status"]
                seen.head = message["headers"]
            elif not message.get("more_body"):
                tally.whole = True
                seen.last = message.get("body", b"")
            await send(message)

        try:
            if HEADER in headers or self._triggers.rules:
                await self._answer(scope, receive, counted, headers, tally)
            else:
                await self._app(scope, receive, counted)
        except Gone:
            pass
        finally:
            self._seen.end(seen, scope)
            self._counters.end(tally)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, headers: Headers, tally: Tally) -> None:
        """The answer to a request that may have a fault."""
        read, complete = await _body(receive, self._largest)
        if not complete:  # the app will say what is wrong with it
            return await self._app(scope, _again(read, complete, receive), send)
        asked = _asked(scope, headers, b"".join(read))
        scope[BODY] = beginning(asked.body)
        exchange = Exchange(self._app, asked, self._settings, tally, scope, receive, send)
        try:
            chosen = self._chosen(asked, headers.getlist(HEADER))
            if chosen is None:
                return await self._app(scope, _again(read, complete, receive), send)
            await happen(chosen, exchange, self._counters, tally)
        except Refusal as refusal:
            await exchange.send(exchange.identified(whole(refusal.body(), refusal.status)))
        finally:
            await exchange.close()

    def _chosen(self, asked: Asked, ordered: list[str]) -> Chosen | None:
        """The fault of the header, else of a rule. Raises Refusal for a header that cannot be obeyed."""
        if not ordered:
            return self._triggers.by_rule(asked)
        if len(ordered) > 1:
            raise _refused("a request can have one fault; send the header once")
        if ordered[0].strip() == "none":
            return None
        try:
            chosen = parse(ordered[0])
        except FaultError as error:
            raise _refused(str(error)) from None
        if not chosen.fault.suits(asked.streams):
            other = "a stream: ask with stream true" if chosen.fault.needs == "stream" else "a whole answer: ask without stream"
            raise _refused(f"the fault {chosen.fault.name!r} happens to {other}")
        return chosen if self._triggers.still(chosen, asked) else None


def _refused(message: str) -> Refusal:
    return Refusal(400, f"{HEADER}: {message}", param=HEADER, code="invalid_fault")


async def happen(chosen: Chosen, exchange: Exchange, counters: Counters, tally: Tally) -> None:
    """The fault happens, and is counted; where it cannot, the answer is sent as it is, or the refusal."""
    counters.fault(tally, chosen.fault.name)
    try:
        if chosen.fault.raw:
            _ = exchange.wire
        await _happen(chosen, exchange)
    except Unhurt as unhurt:
        counters.no_fault(tally)
        await exchange.send(unhurt.answer)
    except Refusal as refusal:
        counters.no_fault(tally)
        await exchange.send(exchange.identified(whole(refusal.body(), refusal.status)))


async def _happen(chosen: Chosen, exchange: Exchange) -> None:
    fault = chosen.fault
    if fault.does == "writes":
        await fault.make(exchange, **chosen.values)
        return
    made: Answer
    if fault.does == "replaces":
        made = exchange.identified(fault.make(exchange.asked, **chosen.values))
    else:
        made = fault.make(await exchange.answer(), **chosen.values)
    await exchange.send(made)


async def _body(receive: Receive, largest: int) -> tuple[list[bytes], bool]:
    """The parts of a request's body, and whether these are all of one within the limit. Raises Gone where it never comes."""
    parts: list[bytes] = []
    size = 0
    while size <= largest:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            return parts, True
    return parts, False


def _again(read: list[bytes], complete: bool, receive: Receive) -> Receive:
    """Gives what was read once more, then what is still to come."""
    left = list(reversed(read))

    async def again() -> Message:
        if not left:
            return await receive()
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left) or not complete}

    return again


def _asked(scope: Scope, headers: Headers, body: bytes) -> Asked:
    target = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    target = f"{target}?{query}" if query else target
    return Asked(scope["method"], scope["path"], target, headers, body, decoded(body))
