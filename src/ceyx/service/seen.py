"""The last requests that came, to be looked at by tests and people: as they were, less their secrets, and how they were answered.

So many are kept, and of a long body so much; what is forgotten is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Scope

from ceyx.service import clock
from ceyx.service.counters import Tally
from ceyx.service.engines.scrubbing import Scrubber

MOST = 500
MOST_OF_A_BODY = 64 * 1024
BODY = "ceyx.body"
"""In the scope of a request: its body, once it was read."""


@dataclass(slots=True)
class Request:
    """A request as it came, before anybody asked to see it."""

    number: int
    at: float
    began: float
    tally: Tally
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes | None = None
    seconds: float | None = None

    def end(self, scope: Scope) -> None:
        """It is over."""
        self.seconds = perf_counter() - self.began
        self.body = scope.get(BODY)


@dataclass(slots=True)
class Seen:
    """The last requests."""

    kept: deque[Request] = field(default_factory=lambda: deque(maxlen=MOST))
    count: int = 0

    def begin(self, tally: Tally, scope: Scope) -> Request:
        """A request has come."""
        self.count += 1
        where = scope["method"], scope["path"], scope["query_string"], scope["headers"]
        request = Request(self.count, clock.time(), perf_counter(), tally, *where)
        self.kept.append(request)
        return request

    def clear(self) -> None:
        self.kept.clear()
        self.count = 0

    def said(self, after: int, limit: int, secrets: Iterable[str]) -> dict[str, Any]:
        """The last so many of those after a number, oldest first, as JSON has them."""
        scrubber = Scrubber()
        scrubber.knows(secrets)
        found = [request for request in self.kept if request.number > after][-limit:] if limit else []
        return {"count": self.count, "kept": len(self.kept), "requests": [_said(each, scrubber) for each in found]}


def _said(request: Request, scrubber: Scrubber) -> dict[str, Any]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    query = parse_qsl(request.query.decode("latin-1"), keep_blank_values=True)
    return {
        "number": request.number,
        "at": round(request.at, 3),
        "method": request.method,
        "path": scrubber.text(request.path),
        "query": dict(scrubber.query(query)),
        "headers": scrubber.headers(headers),
        "body": _body(request.body, scrubber),
        "status": request.tally.status,
        "whole": request.tally.whole,
        "fault": request.tally.fault,
        "call": request.tally.call,
        "seconds": None if request.seconds is None else round(request.seconds, 6),
    }


def _body(raw: bytes | None, scrubber: Scrubber) -> Any:
    """A body of JSON as its value; any other as text, and one that was long as its beginning. None: it was not read."""
    if not raw:
        return None
    if len(raw) <= MOST_OF_A_BODY:
        try:
            return scrubber.value(msgspec.json.decode(raw))
        except (ValueError, RecursionError):
            pass
    text = raw[:MOST_OF_A_BODY].decode("utf-8", "replace")
    if text.count("\N{REPLACEMENT CHARACTER}") > 1:  # one may be a character that was cut
        return f"({len(raw)} bytes that are no text)" if len(raw) <= MOST_OF_A_BODY else "(bytes that are no text)"
    return scrubber.text(text)
