"""What the replies of both transports share that speak HTTP with `http1`: how long they wait, and why they failed."""

from __future__ import annotations

import time

from ceyx.errors import APIConnectionError, ProtocolError
from ceyx.transport import failures
from ceyx.transport.base import Reply
from ceyx.transport.http1 import Incoming
from ceyx.wire.message import Request


def limit(request: Request, seconds: float | None) -> float | None:
    """`seconds`, or those that are left until the deadline."""
    if request.until is None:
        return seconds
    left = max(request.until - time.monotonic(), 0.001)
    return left if seconds is None else min(seconds, left)


class Spoken(Reply):
    """A reply that comes on a connection: `asked` says whether the request went out whole, `closed` whether it was given up."""

    __slots__ = ("_incoming", "_request", "asked", "closed")

    def __init__(self, request: Request) -> None:
        self.content = None
        self._request = request
        self._incoming = Incoming(request.method == "HEAD")
        self.asked = self.closed = False

    @property
    def _received(self) -> int | None:
        return self._incoming.came if self.asked or self._incoming.headed else None

    def _failure(self, error: Exception) -> APIConnectionError:
        """Our error for one of the connection's."""
        incoming = self._incoming
        failure = self._described(error)
        if incoming.headed:
            return failures.in_body(failure, incoming.status)
        failure.answered = failure.answered or incoming.begun
        return failure

    def _described(self, error: Exception) -> APIConnectionError:
        incoming = self._incoming
        if self.closed:
            return failures.closed(self._request, incoming.came)
        if isinstance(error, ProtocolError):
            return failures.malformed(self._request, error, incoming.came)
        if isinstance(error, TimeoutError):
            return failures.timed_out(self._request, "read", self._received)
        return failures.broken(
            self._request, error, self._received, incoming.headers.get("content-length"), headed=incoming.headed
        )
