"""The engine `record`: as `forward`, and what came of it is written to a cassette.

    {"engine": "record", "file": "cassette.jsonl", "url": "https://api.openai.com/v1"}

`mode: new` answers what the cassette has from there and asks the upstream for the rest; `mode: refresh` asks for everything, and
has the new answers take the place of the old ones, request by request. What an upstream says about the service's own key is not
recorded.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TypeAlias

from starlette.responses import Response

from ceyx.errors import OpenAIError
from ceyx.service.engines import forward, replay
from ceyx.service.engines.cassette import Cassettes
from ceyx.service.engines.exchanges import answer_of
from ceyx.service.engines.passing import Passing
from ceyx.service.gate import Ask

MAIN = "file"
FILES = ("file",)
_log = logging.getLogger("ceyx.service")
_LAST = (b"data: [DONE]", b"event: response.completed", b"event: response.incomplete", b"event: response.failed")
Pieces: TypeAlias = list[tuple[float, bytes]]


class Options(replay.Matched, forbid_unknown_fields=True, kw_only=True):
    file: str
    """The cassette; or a folder, which then gets one for each deployment."""
    mode: Literal["new", "refresh"] = "new"


def engine(options: Mapping[str, Any]) -> Record:
    """Who records. Raises EngineError for a cassette that cannot be read, and for an upstream that cannot be asked."""
    of_upstream = forward.Options.__struct_fields__
    mine = {name: value for name, value in options.items() if name not in of_upstream}
    given: Options = forward.converted("record", mine, Options, of_upstream)
    upstream = forward.engine({name: value for name, value in options.items() if name in of_upstream})
    cassettes = Cassettes(Path(given.file), writes=True)
    cassettes.load()
    return Record(given, replay.Shelf(cassettes, given), upstream)


class Record:
    """Answers from an upstream, and keeps the answers."""

    any_model = True

    def __init__(self, options: Options, shelf: replay.Shelf, upstream: forward.Forward) -> None:
        self._options, self._shelf, self._upstream = options, shelf, upstream
        self._fresh: set[bytes] = set()
        """In refresh, the requests whose old answers are gone."""
        if upstream.key is not None:
            shelf.scrubber.knows([upstream.key])

    async def answer(self, ask: Ask) -> Response:
        shelf = self._shelf
        request = shelf.request(ask)
        if self._options.mode == "new" and (exchange := shelf.next(request)) is not None:
            return await replay.played(exchange)
        began = perf_counter()
        response = await self._upstream.answer(ask)
        after = perf_counter() - began
        if response.status_code in (401, 403):
            return response
        headers = {name.lower(): value for name, value in response.headers.items()}

        def keep(pieces: Pieces, cut: bool) -> None:
            exchange = answer_of(request, response.status_code, headers, pieces, shelf.scrubber)
            exchange.after, exchange.cut = after, cut
            try:
                if self._options.mode == "refresh":
                    self._forget(request)
                shelf.add(ask.deployment, exchange)
            except OSError as error:  # the answer is good all the same
                _log.error("%s could not be recorded in %s: %s", request["path"], self._options.file, error.strerror)

        if isinstance(response, Passing):
            live = headers.get("content-type", "").startswith("text/event-stream")
            response.pieces = _heard(response.pieces, live, keep)
        else:
            keep([(0.0, bytes(response.body))], cut=False)
        response.headers[replay.HEADER] = "recorded"
        return response

    def _forget(self, request: dict[str, Any]) -> None:
        """Drops what was recorded of a request before this run."""
        place = self._shelf.place(request)
        if place not in self._fresh:
            self._fresh.add(place)
            self._shelf.drop(self._shelf.known(request))

    def reset(self) -> None:
        self._shelf.reset()
        self._fresh.clear()

    def close(self) -> None:
        self._upstream.close()


async def _heard(
    pieces: AsyncGenerator[bytes, None], live: bool, keep: Callable[[Pieces, bool], None]
) -> AsyncGenerator[bytes, None]:
    """The pieces. Keeps them once all have passed, or the upstream broke off; not where the reader left before the end.

    The last piece waits until they are kept, so that who has an answer finds it in the cassette. Which is the last is known of a
    live stream by what it says; of other bodies when the next comes.
    """
    heard: Pieces = []
    held: bytes | None = None
    began = perf_counter()
    async with aclosing(pieces):
        try:
            async for piece in pieces:
                heard.append((perf_counter() - began, piece))
                if held is not None:
                    yield held
                    held = None
                if live and not any(mark in piece for mark in _LAST):
                    yield piece
                else:
                    held = piece
        except OpenAIError:
            keep(heard, True)
            if held is not None:
                yield held
            raise
        except BaseException:  # many readers leave once they have the last event, and do not wait for the end of the body
            if any(mark in b"".join(piece for _, piece in heard[-3:]) for mark in _LAST):
                keep(heard, False)
            raise
        keep(heard, False)
        if held is not None:
            yield held
