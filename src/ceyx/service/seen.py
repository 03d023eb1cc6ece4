"""The last requests that came, to be looked at by tests and people: as they were, less their secrets, and how they were answered.

So many are kept, and of a long body so much; what is forgotten is counted. An answer is kept where it came in one piece; what
comes in many is kept only while somebody listens (`watching.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Scope

from ceyx.service import clock
from ceyx.service.counters import Tally
from ceyx.service.engines.scrubbing import Scrubber

if TYPE_CHECKING:
    from ceyx.service.watching import Heard, Listener

MOST = 500
MOST_OF_A_BODY = 64 * 1024
BODY = "ceyx.body"
"""In the scope of a request: its body, once it was read."""


def beginning(raw: bytes) -> bytes:
    """As much of a body as is kept, and a byte more of one that is longer."""
    return raw if len(raw) <= MOST_OF_A_BODY else raw[: MOST_OF_A_BODY + 1]


@dataclass(slots=True)
class Request:
    """A request as it came, before anybody asked to see it."""

    number: int
    era: int
    at: float
    began: float
    tally: Tally
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes | None = None
    seconds: float | None = None
    head: Iterable[tuple[bytes, bytes]] = ()
    """The headers of the answer."""
    last: bytes = b""
    """The last piece of the answer; of one that came whole, all of it."""
    size: int = 0
    """Bytes of that piece, before it was cut to what is kept."""
    heard: Heard | None = None
    """The answer piece by piece, where somebody listened."""


@dataclass(slots=True)
class Seen:
    """The last requests, and who listens to what comes."""

    kept: deque[Request] = field(default_factory=lambda: deque(maxlen=MOST))
    count: int = 0
    era: int = 0
    """How often everything was forgotten."""
    listeners: set[Listener] = field(default_factory=set)

    def begin(self, tally: Tally, scope: Scope) -> Request:
        """A request has come."""
        self.count += 1
        where = scope["method"], scope["path"], scope["query_string"], scope["headers"]
        request = Request(self.count, self.era, clock.time(), perf_counter(), tally, *where)
        self.kept.append(request)
        return request

    def end(self, request: Request, scope: Scope) -> None:
        """A request is over."""
        request.seconds = perf_counter() - request.began
        request.body = scope.get(BODY)
        request.size = len(request.last)
        request.last = beginning(request.last)
        if request.heard is not None:
            request.heard.end(request)
        if self.listeners:
            self.tell(request)

    def tell(self, request: Request) -> None:
        """Something has become of a request."""
        if request.era == self.era:
            for listener in self.listeners:
                listener.hears(request)

    def clear(self) -> None:
        self.kept.clear()
        self.count = 0
        self.era += 1
        for listener in self.listeners:
            listener.forget()

    def numbered(self, number: int) -> Request | None:
        """The request of this number, if it is still kept."""
        return next((request for request in reversed(self.kept) if request.number == number), None)

    def said(self, after: int, limit: int, secrets: Iterable[str]) -> dict[str, Any]:
        """The last so many of those after a number, oldest first, as JSON has them."""
        scrubber = knowing(secrets)
        found = [request for request in self.kept if request.number > after][-limit:] if limit else []
        return {"count": self.count, "kept": len(self.kept), "requests": [said(each, scrubber) for each in found]}


def knowing(secrets: Iterable[str]) -> Scrubber:
    """A scrubber that knows the service's own keys."""
    scrubber = Scrubber()
    scrubber.knows(secrets)
    return scrubber


def said(request: Request, scrubber: Scrubber) -> dict[str, Any]:
    """A request as JSON has it."""
    query = parse_qsl(request.query.decode("latin-1"), keep_blank_values=True)
    return {
        "number": request.number,
        "at": round(request.at, 3),
        "method": request.method,
        "path": scrubber.text(request.path),
        "query": dict(scrubber.query(query)),
        "headers": headers_said(request.headers, scrubber),
        "body": body_said(request.body, scrubber),
        "status": request.tally.status,
        "whole": request.tally.whole,
        "fault": request.tally.fault,
        "call": request.tally.call,
        "seconds": None if request.seconds is None else round(request.seconds, 6),
    }


def headers_said(headers: Iterable[tuple[bytes, bytes]], scrubber: Scrubber) -> dict[str, str]:
    return scrubber.headers({name.decode("latin-1"): value.decode("latin-1") for name, value in headers})


def body_said(raw: bytes | None, scrubber: Scrubber, most: int = MOST_OF_A_BODY) -> Any:
    """A body of JSON as its value; any other as text, of one longer than `most` the beginning. None: it was not read."""
    if not raw:
        return None
    if len(raw) <= most:
        try:
            return scrubber.value(msgspec.json.decode(raw))
        except (ValueError, RecursionError):
            pass
    text = raw[:most].decode("utf-8", "replace")
    if text.count("\N{REPLACEMENT CHARACTER}") > 1:  # one may be a character that was cut
        return f"({len(raw)} bytes that are no text)" if len(raw) <= most else "(bytes that are no text)"
    return scrubber.text(text)
