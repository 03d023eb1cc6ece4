"""Requests that the service makes of itself, without a network: the lines of batches, and what faults damage."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Scope

INWARD = "ceyx.inward"
"""In the scope of a request that the service makes of itself: neither limits nor latency are for it."""


async def posted(app: ASGIApp, path: str, body: bytes, key: str | None) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body that `app` answers a POST of JSON with."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if key is not None:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
        INWARD: True,
    }
    status, carried, parts = await collected(app, scope, body)
    return status, dict(carried), b"".join(parts)


async def collected(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, list[tuple[str, str]], list[bytes]]:
    """The status, headers and parts of the body that `app` answers with."""
    status, carried, parts = 500, list[tuple[str, str]](), list[bytes]()
    unread = [body]

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await asyncio.Event().wait()  # nobody leaves
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            carried.extend((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"])
        elif message.get("body"):
            parts.append(message["body"])

    await app(scope, receive, send)
    return status, carried, parts
