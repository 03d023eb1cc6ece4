"""/_ceyx/: how tests steer a service while it runs, from any language. JSON in, JSON out.

Who may is left to `callers.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service.callers import guarded
from ceyx.service.documents import Document, DocumentError
from ceyx.service.engines.script import Script
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.faults.fault import FaultError
from ceyx.service.faults.middleware import OWN
from ceyx.service.faults.triggers import Triggers, rule, written
from ceyx.service.gate import Endpoint, Service, content, json_response
from ceyx.service.page.told import opened, set_up, state
from ceyx.service.seen import knowing

Handler: TypeAlias = Callable[[Request], Awaitable[dict[str, Any]]]


class Control:
    """What can be asked of a service and told to it."""

    def __init__(self, service: Service, triggers: Triggers) -> None:
        self.service, self.triggers = service, triggers

    def routes(self) -> list[BaseRoute]:
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "requests", self.requests),
            ("GET", "requests/{number:int}", self.request),
            ("DELETE", "requests", self.forget_requests),
            ("GET", "state", self.state),
            ("POST", "script", self.put_script),
            ("DELETE", "script", self.drop_script),
            ("GET", "faults", self.faults),
            ("POST", "faults", self.add_faults),
            ("DELETE", "faults", self.drop_faults),
            ("GET", "clock", self.clock),
            ("POST", "clock", self.advance),
            ("GET", "counters", self.counters),
            ("POST", "counters/reset", self.reset_counters),
            ("POST", "reset", self.reset),
        )
        return [Route(f"{OWN}{path}", self._guarded(handle), methods=[method]) for method, path, handle in table]

    def _guarded(self, handle: Handler) -> Endpoint:
        async def answer(request: Request) -> Response:
            return json_response(await handle(request))

        return guarded(self.service, answer)

    async def requests(self, request: Request) -> dict[str, Any]:
        """The last requests; `after` a number, at most `limit`."""
        after, limit = _number(request, "after", 0), _number(request, "limit", 100)
        return self.service.seen.said(after, limit, self.service.settings.keys)

    async def request(self, request: Request) -> dict[str, Any]:
        """One request and its answer, as far as they are kept."""
        number = request.path_params["number"]
        if (found := self.service.seen.numbered(number)) is None:
            raise Refusal(404, f"Request {number} is not kept: it has not come, or was forgotten.", code="not_kept")
        return opened(found, knowing(self.service.settings.keys))

    async def state(self, _: Request) -> dict[str, Any]:
        """What is set up, and how far it is used."""
        return {**set_up(self.service), **state(self.service, self.triggers)}

    async def forget_requests(self, _: Request) -> dict[str, Any]:
        self.service.seen.clear()
        return {"count": 0}

    async def put_script(self, request: Request) -> dict[str, Any]:
        """From now on this script is asked before the engine of its `deployment`, which is * unless said."""
        given = await _object(request)
        deployment = given.pop("deployment", "*")
        if not isinstance(deployment, str):
            raise bad_request(f"deployment is a name, or *; got {deployment!r}", "deployment", "invalid_type")
        try:
            script = Script(Document("the script", given, folder=None))
        except DocumentError as error:
            raise bad_request(str(error), None, "invalid_script") from None
        self.service.scripts[deployment] = script
        return {"deployment": deployment, "replies": len(script.entries)}

    async def drop_script(self, request: Request) -> dict[str, Any]:
        """The script of ?deployment=, or all of them, are forgotten."""
        name = request.query_params.get("deployment")
        dropped = [name] if name in self.service.scripts else [] if name else [*self.service.scripts]
        for each in dropped:
            del self.service.scripts[each]
        return {"dropped": dropped}

    async def faults(self, _: Request) -> dict[str, Any]:
        return {"rules": [written(each) for each in self.triggers.rules]}

    async def add_faults(self, request: Request) -> dict[str, Any]:
        """One rule, or several as `rules`, go before those there are."""
        given = await _object(request)
        fields = given["rules"] if given.keys() == {"rules"} and isinstance(given["rules"], list) else [given]
        try:
            made = [rule(each, place) for place, each in enumerate(fields)]
        except FaultError as error:
            raise bad_request(str(error), None, "invalid_fault") from None
        self.triggers.replace((*made, *self.triggers.rules))
        return {"rules": [written(each) for each in self.triggers.rules]}

    async def drop_faults(self, request: Request) -> dict[str, Any]:
        """No rule is left; or, where one is sent, as GET has it, all but that."""
        given = await _object(request)
        kept = [each for each in self.triggers.rules if given and written(each) != given]
        if given and len(kept) == len(self.triggers.rules):
            raise Refusal(404, "There is no such rule; GET has those that there are.", code="no_such_rule")
        self.triggers.replace(tuple(kept))
        return await self.faults(request)

    async def clock(self, _: Request) -> dict[str, Any]:
        clock = self.service.clock
        return {"now": round(clock.time(), 3), "ahead": clock.ahead}

    async def advance(self, request: Request) -> dict[str, Any]:
        """The clock is put forward, by `advance` seconds."""
        given = await _object(request)
        seconds: Any = given.get("advance")
        if type(seconds) not in (int, float) or not 0 <= seconds <= 10**9 or given.keys() != {"advance"}:
            raise bad_request('send {"advance": SECONDS}, from 0 on; a clock is not put back but by reset', "advance")
        self.service.clock.ahead += float(seconds)
        return await self.clock(request)

    async def counters(self, request: Request) -> dict[str, Any]:
        """What was counted; with ?calls=all, how often each `x-ceyx-request` arrived."""
        return self.service.counters.said(request.query_params.get("calls") == "all")

    async def reset_counters(self, _: Request) -> dict[str, Any]:
        """Everything from zero, the rules of faults too, so that the same requests meet the same faults again."""
        self.service.counters.reset()
        self.triggers.reset()
        return self.service.counters.said()

    async def reset(self, request: Request) -> dict[str, Any]:
        """All as at the start; with {"store": true}, what was stored is gone, too."""
        given = await _object(request)
        if given.keys() - {"store"} or type(given.get("store", False)) is not bool:
            raise bad_request('send nothing, or {"store": true} to have what is stored forgotten, too', "store")
        self.service.reset()
        self.triggers.replace(self.service.settings.rules)
        if given.get("store"):
            self.service.store.clear()
        return {"reset": True, "store": bool(given.get("store"))}


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; an empty one, if nothing was."""
    raw = await content(request)
    try:
        given = msgspec.json.decode(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The body is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise bad_request("The body is no JSON object.")
    return given


def _number(request: Request, name: str, usual: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise bad_request(f"{name} is a whole number; got {given[:40]!r}", name)
    return int(given)
