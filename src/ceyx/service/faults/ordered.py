"""A fault that an engine orders for an answer of its own, as the script's `fault` does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ceyx.service.counters import TALLY, Counters, Tally
from ceyx.service.faults.answer import Asked, decoded
from ceyx.service.faults.exchange import Exchange
from ceyx.service.faults.fault import Chosen
from ceyx.service.faults.middleware import happen
from ceyx.service.settings import Settings


class Faulty(Response):
    """An answer that a fault happens to, as it is sent.

    `make` gives the answer without it, to the body that it gets: that of the request, or one that asks for a stream where the
    request did not, or the other way round.
    """

    def __init__(
        self, chosen: Chosen, request: Request, raw: bytes, make: Callable[[bytes], Awaitable[Response]], settings: Settings,
        counters: Counters,
    ) -> None:  # fmt: skip
        super().__init__()
        for name in list(self.headers):
            del self.headers[name]
        self._chosen, self._request, self._raw, self._make = chosen, request, raw, make
        self._settings, self._counters = settings, counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._request
        target = quote(scope["path"]) + (f"?{request.url.query}" if request.url.query else "")
        asked = Asked(scope["method"], scope["path"], target, request.headers, self._raw, decoded(self._raw))
        tally = scope.get(TALLY) or Tally()
        exchange = Exchange(self._whole, asked, self._settings, tally, scope, receive, send)
        try:
            await happen(self._chosen, exchange, self._counters, tally)
        finally:
            await exchange.close()

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer without the fault."""
        body: bytes = (await receive())["body"]
        response = await self._make(body)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)
