"""/_ceyx/: how tests steer a service while it runs, from any language. JSON in, JSON out.

Who asks is on this machine, or shows a key of the service; a page in a browser is of the service's own address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service.documents import Document, DocumentError
from ceyx.service.engines.script import Script
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.faults.fault import FaultError
from ceyx.service.faults.triggers import Rule, Triggers, rule
from ceyx.service.gate import Endpoint, Service, content, json_response

PATH = "/_ceyx"
Handler: TypeAlias = Callable[[Request], Awaitable[dict[str, Any]]]


class Control:
    """What can be asked of a service and told to it."""

    def __init__(self, service: Service, triggers: Triggers) -> None:
        self.service, self.triggers = service, triggers

    def routes(self) -> list[BaseRoute]:
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "requests", self.requests),
            ("DELETE", "requests", self.forget_requests),
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
        return [Route(f"{PATH}/{path}", self._guarded(handle), methods=[method]) for method, path, handle in table]

    def _guarded(self, handle: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                check_caller(self.service, request)
                return json_response(await handle(request))
            except Refusal as refusal:
                return json_response(refusal.body(), refusal.status)

        return endpoint

    async def requests(self, request: Request) -> dict[str, Any]:
        """The last requests; `after` a number, at most `limit`."""
        after, limit = _number(request, "after", 0), _number(request, "limit", 100)
        return self.service.seen.said(after, limit, self.service.settings.keys)

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
        return {"rules": [_written(each) for each in self.triggers.rules]}

    async def add_faults(self, request: Request) -> dict[str, Any]:
        """One rule, or several as `rules`, go before those there are."""
        given = await _object(request)
        fields = given["rules"] if given.keys() == {"rules"} and isinstance(given["rules"], list) else [given]
        try:
            made = [rule(each, place) for place, each in enumerate(fields)]
        except FaultError as error:
            raise bad_request(str(error), None, "invalid_fault") from None
        self.triggers.replace((*made, *self.triggers.rules))
        return {"rules": [_written(each) for each in self.triggers.rules]}

    async def drop_faults(self, _: Request) -> dict[str, Any]:
        self.triggers.replace(())
        return {"rules": []}

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


def check_caller(service: Service, request: Request) -> None:
    """Raises Refusal for one who may not steer the service: from elsewhere without a key, or a page of another address."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refusal(403, f"Pages of {origin[:80]} may not control this service.", code="wrong_origin")
    key = request.headers.get("api-key") or request.headers.get("authorization", "").partition(" ")[2].strip()
    if key and any(compare_digest(key.encode(), each.encode()) for each in service.settings.keys):
        return
    if request.client is None or not _is_loopback(request.client.host):
        message = "This service is controlled from the machine it runs on, or with one of its keys: send one as api-key."
        raise Refusal(403, message, code="control_forbidden")
    # A name that somebody made point here would make a page of theirs one of ours.
    host = request.url.hostname or ""
    if not (host == "localhost" or host.endswith(".localhost") or _is_loopback(host)):
        raise Refusal(403, f"This service is controlled at localhost or 127.0.0.1, not at {host[:80]!r}.", code="wrong_host")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or bool((mapped := getattr(address, "ipv4_mapped", None)) and mapped.is_loopback)


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


def _written(rule: Rule) -> dict[str, Any]:
    fields = {name: getattr(rule, name) for name in ("path", "deployment", "model", "stream", "first", "every", "probability")}
    return {"fault": rule.fault.text, **{name: value for name, value in fields.items() if value is not None}}
