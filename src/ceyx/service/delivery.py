"""Events to the webhook endpoints that asked for them: signed, and sent when a job, a run or a response in the background ends.

They go to this machine only. What else is known of endpoints is in `routes/webhooks.py`.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from base64 import b64encode
from ipaddress import ip_address
from time import time as machine_time
from typing import get_args
from urllib.parse import quote, urlsplit

import msgspec

from ceyx.service.clock import time
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.work import Work
from ceyx.types.webhooks.webhook_endpoint import EventType
from ceyx.wire.webhook import signing_key

KIND = "webhook_endpoint"
TYPES: tuple[str, ...] = get_args(EventType)
SECONDS_TO_ANSWER = 10.0
_WAITS = (0.1, 1.0, 5.0)
"""Seconds before each further try, where an endpoint took an event with no 2xx; it is then given up."""
_OTHERWISE = {"eval.run.completed": "eval.run.succeeded"}
_PLAIN = "/%:@!$&'()*+,;=~?"  # what of a path or query need not be quoted, or is already
_status = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)\b").match
_log = logging.getLogger("ceyx.service")


def tell(store: Store, work: Work, kind: str, id: str, status: str) -> None:
    """Sends the event of an object that has come to this status, if there is one; called in the service's loop."""
    type = f"{kind}.{status}"
    type = _OTHERWISE.get(type, type)
    if type not in TYPES:
        return
    endpoints = store.page(KIND, limit=None, where=lambda each: type in each["event_types"] and is_here(each["url"]))[0]
    if endpoints:
        event, raw = made(type, id)
        for endpoint in endpoints:
            work.start(f"{event} {endpoint['id']}", _deliver(endpoint, event, raw))


def made(type: str, about: str) -> tuple[str, bytes]:
    """The id of a new event about an object, and the event."""
    event = {"id": identifier("evt_"), "object": "event", "created_at": int(time()), "type": type, "data": {"id": about}}
    return str(event["id"]), msgspec.json.encode(event)


async def send(endpoint: Stored, event: str, raw: bytes) -> int:
    """The status that an endpoint answers an event with. Raises OSError or ValueError where it does not."""
    target = urlsplit(endpoint["url"])
    path = quote(target.path or "/", _PLAIN) + (f"?{quote(target.query, _PLAIN)}" if target.query else "")
    headers = {"host": target.netloc.rpartition("@")[2], **_signed(endpoint, event, raw), "content-length": str(len(raw))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "connection: close", "", ""]
    secure = target.scheme == "https"
    async with asyncio.timeout(SECONDS_TO_ANSWER):  # on the loop, so that a service that stops waits for nobody
        port = target.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(target.hostname, port, ssl=secure or None)
        try:
            writer.write("\r\n".join(lines).encode() + raw)
            answer = await reader.readline()
        finally:
            writer.close()
    if (status := _status(answer)) is None:
        raise ValueError(f"it answered with no HTTP, but {answer[:40]!r}")
    return int(status[1])


def is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _deliver(endpoint: Stored, event: str, raw: bytes) -> None:
    came: object = None
    for wait in (0.0, *_WAITS):
        await asyncio.sleep(wait)
        try:
            came = await send(endpoint, event, raw)
        except (OSError, ValueError) as error:
            came = str(error) or "no answer in time"
        else:
            if 200 <= came < 300:
                return
    _log.warning("the webhook %s could not be delivered to %s: %s", event, endpoint["url"], came)


def _signed(endpoint: Stored, id: str, raw: bytes) -> dict[str, str]:
    """The headers of an event (Standard Webhooks 1.0)."""
    keys = [endpoint["_secret"], *([endpoint["_old_secret"]] if endpoint.get("_old_until", 0) > time() else [])]
    stamp = str(int(machine_time()))  # the receiver checks it by its own clock, which nobody puts forward
    signed = f"{id}.{stamp}.".encode() + raw
    signatures = [b64encode(hmac.digest(signing_key(key), signed, "sha256")).decode() for key in keys]
    by = " ".join(f"v1,{signature}" for signature in signatures)
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": by, "content-type": "application/json"}
