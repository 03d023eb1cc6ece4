"""The engine `replay`: recorded answers to recorded requests, as they came or as fast as it goes.

    {"engine": "replay", "file": "cassette.jsonl", "speed": 1}

The same request is answered in the order in which it was, then by its last answer again (`strict`: not at all). One that is not
recorded is refused, and told where it differs from the nearest one that is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from starlette.responses import Response

from ceyx.service.engines import EngineError
from ceyx.service.engines.cassette import Cassettes
from ceyx.service.engines.exchanges import Exchange, request_of
from ceyx.service.engines.forward import converted, secrets_of
from ceyx.service.engines.matching import IGNORED, Normal, explained, key, nearest, normal
from ceyx.service.engines.passing import Cut, Passing
from ceyx.service.engines.scrubbing import Scrubber
from ceyx.service.errors import Refusal
from ceyx.service.gate import Ask

MAIN = "file"
FILES = ("file",)
HEADER = "x-ceyx-cassette"
_REQUEST_IDS = ("x-request-id", "apim-request-id")


class Matched(Struct, kw_only=True):
    """What makes requests the same."""

    ignore: list[str] = []
    """Places in requests that do not matter either: `body.seed`, `body.tools[].strict`, `query.api-version`."""
    headers: list[str] = []
    """Headers that do matter."""
    scrub: list[str] = []
    """What else is taken out, of requests and answers: `emails`, and regular expressions."""


class Options(Matched, forbid_unknown_fields=True, kw_only=True):
    file: str
    """The cassette, or a folder of some."""
    strict: bool = False
    """Whether each answer is given once."""
    unmatched: Literal["refuse", "local"] = "refuse"
    """What becomes of a request that is not recorded: a 400, or the local engine's answer."""
    speed: float | None = None
    """1 takes the time it took, 2 half of it; None: none."""
    request_ids: Literal["recorded", "fresh"] = "recorded"


def engine(options: Mapping[str, Any]) -> Replay:
    """Who replays a cassette. Raises EngineError for one that is not there, or that cannot be read."""
    given: Options = converted("replay", options, Options)
    if given.speed is not None and not given.speed > 0:
        raise EngineError(f"speed is {given.speed}; it is a number above 0: 1 takes the time it took, 2 half of it")
    cassettes = Cassettes(Path(given.file))
    cassettes.load()
    return Replay(given, Shelf(cassettes, given))


class Shelf:
    """Recorded exchanges, found by their requests, each in its turn."""

    def __init__(self, cassettes: Cassettes, matched: Matched) -> None:
        self.cassettes = cassettes
        self.scrubber = Scrubber(matched.scrub)
        self._ignored = (*IGNORED, *matched.ignore)
        self._chosen = tuple(name.lower() for name in matched.headers)
        self._known: dict[bytes, tuple[Normal, list[Exchange]]] = {}
        self._given: dict[bytes, int] = {}
        for exchange in cassettes:
            self._place(exchange)

    def request(self, ask: Ask) -> dict[str, Any]:
        """A request as it is recorded."""
        request = ask.request
        self.scrubber.knows(secrets_of(ask))
        query = request.query_params.multi_items()
        return request_of(request.method, request.url.path, query, request.headers, ask.raw, self.scrubber, self._chosen)

    def place(self, request: dict[str, Any]) -> bytes:
        """The same for requests that are the same."""
        return key(normal(request, self._ignored))

    def next(self, request: dict[str, Any]) -> Exchange | None:
        """The recorded exchange whose turn it is, which it then has had."""
        place = self.place(request)
        exchanges, turn = self.known(request), self._given.get(place, 0)
        if turn >= len(exchanges):
            return None
        self._given[place] = turn + 1
        return exchanges[turn]

    def known(self, request: dict[str, Any]) -> list[Exchange]:
        """All that are recorded of a request."""
        found = self._known.get(self.place(request))
        return [] if found is None else found[1]

    def why_not(self, request: dict[str, Any]) -> str:
        """How a request that is not recorded differs from the nearest that is."""
        asked = normal(request, self._ignored)
        return explained(asked, nearest(asked, (values for values, _ in self._known.values())))

    def add(self, deployment: str, exchange: Exchange) -> None:
        """Records an exchange, whose turn is over."""
        self.cassettes.add(deployment, exchange)
        place = self._place(exchange)
        self._given[place] = len(self._known[place][1])

    def drop(self, exchanges: Iterable[Exchange]) -> None:
        """Forgets exchanges of one request."""
        gone = list(exchanges)
        self.cassettes.drop(gone)
        for exchange in gone:
            self._known.pop(self.place(exchange.request), None)

    def reset(self) -> None:
        self._given.clear()

    def _place(self, exchange: Exchange) -> bytes:
        request = self.scrubber.value(exchange.request)
        values = normal(request, self._ignored)
        place = key(values)
        self._known.setdefault(place, (values, []))[1].append(exchange)
        return place


class Replay:
    """Answers from a shelf."""

    any_model = True

    def __init__(self, options: Options, shelf: Shelf) -> None:
        self._options, self._shelf = options, shelf

    async def answer(self, ask: Ask) -> Response | None:
        request = self._shelf.request(ask)
        exchange = self._shelf.next(request)
        if exchange is None:
            known = self._shelf.known(request)
            if known and not self._options.strict:
                exchange = known[-1]
            elif known:
                times = "once" if len(known) == 1 else f"{len(known)} times"
                message = f"{self._options.file} has this request {times}, and it was asked once more; record it again."
                raise Refusal(400, message, code="recording_used_up")
            elif self._options.unmatched == "local":
                return None
            else:
                raise Refusal(400, self._unknown(request), code="not_recorded")
        return await played(exchange, self._options.speed, fresh=self._options.request_ids == "fresh")

    def _unknown(self, request: dict[str, Any]) -> str:
        where = f"{request['method']} {request['path']}"
        why = self._shelf.why_not(request)
        return f"{self._options.file} has no answer to this {where}: {why}. Record it, or ignore what differs."

    def reset(self) -> None:
        self._shelf.reset()

    def close(self) -> None:
        """Nothing: nothing is open."""


async def played(exchange: Exchange, speed: float | None = None, *, fresh: bool = False) -> Response:
    """The recorded answer, after as long as it took then, divided by `speed`."""
    if speed is not None:
        await asyncio.sleep(exchange.after / speed)
    hidden = _REQUEST_IDS if fresh else ()  # the service then says its own
    headers = {name: value for name, value in exchange.headers.items() if name not in hidden} | {HEADER: "replayed"}
    if len(exchange.pieces) > 1 or exchange.cut or headers.get("content-type", "").startswith("text/event-stream"):
        return Passing(exchange.status, headers, _pieces(exchange, speed))
    return Response(b"".join(piece for _, piece in exchange.pieces), exchange.status, headers)


async def _pieces(exchange: Exchange, speed: float | None) -> AsyncGenerator[bytes, None]:
    now = asyncio.get_running_loop().time
    began = now()
    for at, piece in exchange.pieces:
        await asyncio.sleep(0 if speed is None else max(began + at / speed - now(), 0))
        yield piece
    if exchange.cut:
        raise Cut("the recorded answer ends here, in the middle")
