"""A server that misbehaves on request: the first part of the path says how. It keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()

    def url(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{manner}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news here."""


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.bodies.append(self.body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        getattr(self, self.path.split("/")[1])()

    # -- manners

    def plain(self) -> None:
        self.stream([text("Bon"), text("jour"), finish("stop")])

    def ends_with_line(self) -> None:
        self.stream([text("Bonjour\n"), finish("stop")])

    def unauthorized(self) -> None:
        given = self.headers["authorization"].removeprefix("Bearer ")
        self.refuse(401, f"Incorrect API key provided: {given}.", "invalid_api_key")

    def quota(self) -> None:
        self.refuse(429, "You exceeded your current quota.", "insufficient_quota")

    def no_stream_options(self) -> None:
        if "stream_options" in self.body:
            self.refuse(400, "Unrecognized request argument supplied: stream_options", None)
        else:
            self.plain()

    def extra_forbidden(self) -> None:
        if "stream_options" not in self.body:
            return self.plain()
        detail = [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]
        self.answer(422, {"detail": detail})

    def reasoning(self) -> None:
        if "max_tokens" in self.body:
            message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            self.refuse(400, message, "unsupported_parameter")
        else:
            self.plain()

    def too_warm(self) -> None:
        self.refuse(400, "Invalid 'temperature'\nfor this model.", "invalid_value")

    def cut(self) -> None:
        self.begin_stream()
        self.chunk(text("Bonj"))
        time.sleep(0.2)
        self.close_connection = True

    def unfinished(self) -> None:
        self.stream([text("Bonj")])

    def error_event(self) -> None:
        self.stream([text("Bonj"), {"error": {"message": "The server had an error.", "code": "server_error"}}])

    def filtered(self) -> None:
        self.stream([text("Bonj"), finish("content_filter")])

    def refusal(self) -> None:
        self.stream([{**text(""), "choices": [{"index": 0, "delta": {"refusal": "I cannot."}}]}, finish("stop")])

    def escapes(self) -> None:
        self.stream([text("a\x1b]0;title\x07b"), finish("stop")])

    def page(self) -> None:
        content = b"<html>Please sign in</html>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def many(self) -> None:
        self.stream([text("line\n" * 1000)] * 200 + [finish("stop")])

    def slow(self) -> None:
        self.begin_stream()
        with suppress(OSError):
            for _ in range(600):
                self.chunk(text("tick "))
                time.sleep(0.05)
        self.server.hung_up.set()

    def silent(self) -> None:
        time.sleep(30)

    # -- how they are sent

    def refuse(self, status: int, message: str, code: str | None) -> None:
        self.answer(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("x-request-id", "req_fake")
        self.end_headers()
        self.wfile.write(content)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("x-request-id", "req_fake")
        self.end_headers()

    def stream(self, events: list[dict[str, Any]]) -> None:
        self.begin_stream()
        for event in events:
            self.chunk(event)
        self.part(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, event: dict[str, Any]) -> None:
        self.part(f"data: {json.dumps(event)}\n\n".encode())

    def part(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        self.wfile.flush()


def text(content: str) -> dict[str, Any]:
    return chunk_of({"index": 0, "delta": {"content": content}, "finish_reason": None})


def finish(reason: str) -> dict[str, Any]:
    return chunk_of({"index": 0, "delta": {}, "finish_reason": reason})


def chunk_of(choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake-1", "choices": [choice]}
