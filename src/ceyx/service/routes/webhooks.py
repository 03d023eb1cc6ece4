"""/webhook_endpoints: where events are to be sent, and the event of a test; `delivery.py` sends it, and those of what ends."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from ceyx.service.delivery import KIND, TYPES, is_here, made, send
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Stored
from ceyx.service.visit import Visit, deleted, not_played, now, shown
from ceyx.types.webhooks.webhook_endpoint import EventType

_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]
_Types: TypeAlias = Annotated[list[EventType], Meta(min_length=1)]


class _Create(Struct):
    event_types: _Types
    name: _Name
    url: str


class _Update(Struct):
    event_types: _Types | UnsetType = UNSET
    name: _Name | UnsetType = UNSET
    url: str | UnsetType = UNSET


class _Rotate(Struct):
    keep_old_secret_active_for_24_hours: bool = False


class _Test(Struct):
    event_type: EventType


_create, _update = msgspec.json.Decoder(_Create), msgspec.json.Decoder(_Update)
_rotate, _test = msgspec.json.Decoder(_Rotate), msgspec.json.Decoder(_Test)


async def create(visit: Visit) -> Response:
    body: _Create = await visit.body(_create)
    _check(body.url)
    endpoint: Stored = {"id": identifier("whe_"), "object": KIND, "created_at": now(), "updated_at": now()}
    endpoint |= {"event_types": body.event_types, "name": body.name, "url": body.url, **_secret()}
    visit.store.put(KIND, endpoint["id"], endpoint)
    return _telling(endpoint)


async def listing(visit: Visit) -> Response:
    return visit.page(KIND)


async def retrieve(visit: Visit) -> Response:
    return json_response(shown(visit.found(KIND, visit.id(), "webhook endpoint")))


async def update(visit: Visit) -> Response:
    body: _Update = await visit.body(_update)
    visit.found(KIND, visit.id(), "webhook endpoint")
    if body.url is not UNSET:
        _check(body.url)
    changed = visit.store.update(KIND, visit.id(), updated_at=now(), **msgspec.to_builtins(body))
    return json_response(shown(changed or {}))


async def delete(visit: Visit) -> Response:
    visit.found(KIND, visit.id(), "webhook endpoint")
    visit.store.delete(KIND, visit.id())
    return deleted(visit.id(), "webhook_endpoint.deleted")


async def rotate(visit: Visit) -> Response:
    body: _Rotate = await visit.body(_rotate)
    old = visit.found(KIND, visit.id(), "webhook endpoint")
    kept = {"_old_secret": old["_secret"], "_old_until": now() + 24 * 3600} if body.keep_old_secret_active_for_24_hours else {}
    changed = visit.store.update(KIND, visit.id(), updated_at=now(), **{"_old_until": 0, **_secret(), **kept})
    return _telling(changed or {})


async def test(visit: Visit) -> Response:
    """Sends an event, signed, and says what was answered."""
    body: _Test = await visit.body(_test)
    endpoint = visit.found(KIND, visit.id(), "webhook endpoint")
    if not is_here(endpoint["url"]):
        return not_played(f"This service sends webhooks to this machine only, and {endpoint['url']} is on another one.")
    try:
        status = await send(endpoint, *made(body.event_type, identifier("test_")))
    except (OSError, ValueError) as error:
        why = str(error) or "no answer in time"
        raise Refusal(400, f"The webhook could not be delivered to {endpoint['url']}: {why}.", param="url") from None
    if not 200 <= status < 300:
        raise Refusal(400, f"The webhook was answered with {status} by {endpoint['url']}; it takes one from 200 to 299.")
    said: dict[str, Any] = {"object": "webhook_endpoint.test", "webhook_endpoint_id": endpoint["id"]}
    return json_response({**said, "event_type": body.event_type, "status_code": status, "success": True})


async def event_types(_: Visit) -> Response:
    return json_response({"object": "list", "data": list(TYPES)})


TABLE = (
    ("POST", "/webhook_endpoints", create),
    ("GET", "/webhook_endpoints", listing),
    ("GET", "/webhook_endpoints/{id}", retrieve),
    ("POST", "/webhook_endpoints/{id}", update),
    ("DELETE", "/webhook_endpoints/{id}", delete),
    ("POST", "/webhook_endpoints/{id}/rotate_secret", rotate),
    ("POST", "/webhook_endpoints/{id}/test", test),
    ("GET", "/webhook_event_types", event_types),
)


def _check(url: str) -> None:
    """Raises Refusal for what no event can be sent to: HTTPS it must be, but on this machine."""
    try:
        target = urlsplit(url)
        good = bool(target.hostname) and target.port != 0
    except ValueError:
        pass
    else:
        if good and (target.scheme == "https" or (target.scheme == "http" and is_here(url))):
            return
    raise bad_request(f"Invalid 'url': expected the address of an HTTPS endpoint, got {url[:80]!r}.", "url", "invalid_value")


def _secret() -> Stored:
    secret = f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
    return {"_secret": secret, "signing_secret_hint": f"whsec_…{secret[-4:]}"}


def _telling(endpoint: Stored) -> Response:
    """The endpoint with its secret, which is told this once."""
    return json_response({**shown(endpoint), "signing_secret": endpoint["_secret"]})
