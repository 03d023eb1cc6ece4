"""/_ceyx/ in a browser: the files of the page, and the stream of events that keeps it up to date.

The files hold nothing of the service, and are for anybody who gets this far. What they show they ask for, as any other program
does, and are refused where it would be: a browser on another machine asks whoever sits there for a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service.callers import guarded
from ceyx.service.engines.passing import Passing
from ceyx.service.errors import Refusal
from ceyx.service.faults.middleware import OWN
from ceyx.service.faults.triggers import Triggers
from ceyx.service.gate import Service
from ceyx.service.page.told import line, set_up, state
from ceyx.service.seen import knowing
from ceyx.service.watching import Listener
from ceyx.wire.sse import encoded

MOST_LISTENERS = 32
SECONDS_OF_A_STATE = 1.0
SECONDS_TOGETHER = 0.1
"""What comes within so long is told at once."""
AT_ONCE = 50
"""Requests that one event tells of."""
REST = 4
"""So many times as long as telling took, nothing is told: who looks leaves most of the service's time to those who ask."""
_FOLDER = Path(__file__).parent
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


class Page:
    """The page, and what it is told."""

    def __init__(self, service: Service, triggers: Triggers) -> None:
        self.service, self.triggers = service, triggers

    def routes(self) -> list[BaseRoute]:
        names = [each.name for each in _FOLDER.iterdir() if each.suffix in _KINDS]
        routes: list[BaseRoute] = [Route(f"{OWN}page/{name}", _file(name)) for name in names]
        return [Route(f"{OWN}", _file("index.html")), Route(f"{OWN}events", guarded(self.service, self.events)), *routes]

    async def events(self, _: Request) -> Response:
        """All there is, and then whatever comes, as events: `hello`, `state`, `requests`, and `forgotten`, after which what was
        told is no more."""
        listeners = self.service.seen.listeners
        if len(listeners) >= MOST_LISTENERS:
            raise Refusal(503, f"{MOST_LISTENERS} pages listen already; close one.", code="too_many_pages")
        return Passing(200, {"content-type": "text/event-stream; charset=utf-8"}, self._told())

    async def _told(self) -> AsyncGenerator[bytes, None]:
        service, seen = self.service, self.service.seen
        scrubber = knowing(service.settings.keys)
        listener = Listener(seen)
        seen.listeners.add(listener)
        try:
            yield _event("hello", {**set_up(service), "keeps": seen.kept.maxlen})
            due = 0.0
            while True:
                if (now := monotonic()) >= due:
                    due = now + SECONDS_OF_A_STATE
                    yield _event("state", state(service, self.triggers))
                forgot, changed = listener.taken()
                if forgot:
                    yield _event("forgotten", {})
                for place in range(0, len(changed), AT_ONCE):
                    yield _event("requests", [line(each, scrubber) for each in changed[place : place + AT_ONCE]])
                    await asyncio.sleep(0)  # other requests want their turn
                await asyncio.sleep(min(max(SECONDS_TOGETHER, REST * (monotonic() - now)), SECONDS_OF_A_STATE))
                await listener.wait(due - monotonic())
        finally:
            seen.listeners.discard(listener)


def _event(name: str, value: Any) -> bytes:
    return encoded(msgspec.json.encode(value), name)


def _file(name: str) -> Any:
    path = _FOLDER / name

    async def file(_: Request) -> Response:
        return Response(path.read_bytes(), headers={**HEADERS, "content-type": f"{_KINDS[path.suffix]}; charset=utf-8"})

    return file
