"""A server that keeps every request, and answers as `answers.py` says."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from answers import answer
from form_data import Field, fields
from threaded_server import ThreadedServer

COMPARED = ("accept", "api-key", "authorization", "content-type", "openai-beta", "openai-organization", "openai-project")


class Sent(NamedTuple):
    """A request, as far as servers look at it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any


class Recorder(ThreadedServer):
    """The server, in a thread of its own."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answer: Callable[[str, str, bool], tuple[str, bytes]] = partial(answer, turn=0)
        """Method, path, and whether a stream is asked for, to the type and content of the answer."""
        super().__init__(Handler)


class Handler(BaseHTTPRequestHandler):
    recorder: Recorder
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        own = {name: value for name, value in headers.items() if name in COMPARED or name.startswith("x-own-")}
        body = read(raw, own) if raw else None
        if not raw:
            own.pop("content-type", None)  # of nothing, which openai sends with DELETE
        query = sorted(parse_qsl(parts.query, keep_blank_values=True))
        self.recorder.sent.append(Sent(self.command, parts.path, query, own, body))
        streams = ("stream", "true") in query or (
            body.get("stream") is True if isinstance(body, dict) else STREAMED in (body or ())
        )
        kind, content = self.recorder.answer(self.command, parts.path, streams)
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = answer


STREAMED = Field("stream", b"true")


def read(raw: bytes, headers: dict[str, str]) -> Any:
    """The body: JSON decoded; of a form its fields, sorted, as only those of one name have an order."""
    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return json.loads(raw)
    found = fields(headers["content-type"], raw)
    headers["content-type"] = "multipart/form-data"
    return sorted(found, key=lambda field: field.name)
