"""A server on loopback that keeps what it is asked, and answers what a test has it answer; and the answers that tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from threaded_server import ThreadedServer

USAGE = {
    "prompt_tokens": 31,
    "completion_tokens": 8,
    "total_tokens": 39,
    "prompt_tokens_details": {"cached_tokens": 16, "audio_tokens": 1, "cache_write_tokens": 2},
    "completion_tokens_details": {
        "reasoning_tokens": 4,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
SAFE = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "safe"}}
PROMPT_SAFE = [{"prompt_index": 0, "content_filter_results": SAFE}]


class Asked(NamedTuple):
    """A request, as far as tests look at it."""

    path: str
    headers: dict[str, str]
    body: Any


def choice(message: dict[str, Any] | None = None, finish: str = "stop", **more: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "J'adore la programmation.", "refusal": None, **(message or {})}
    return {"index": 0, "message": said, "finish_reason": finish, "logprobs": None, **more}


def completion(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "system_fingerprint": "fp_1",
        "choices": list(choices) or [choice()],
        "usage": USAGE,
        **more,
    }


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of a stream; `choice=` has more fields of its choice."""
    of_choice = more.pop("choice", {})
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None, **of_choice}]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "system_fingerprint": "fp_1",
        "choices": choices,
        **more,
    }


STREAM = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "J'adore"}),
    chunk({"content": " la programmation."}),
    chunk({}, "stop"),
    chunk(usage=USAGE),
]
Answering = Callable[[Asked], Any]


class Recorder(ThreadedServer):
    """The server. `answer` is a completion, a list of chunks, an (status, object) pair, or a function of the request."""

    def __init__(self, answer: Any = None) -> None:
        self.asked: list[Asked] = []
        self.answer: Any = answer
        super().__init__(_Handler)
        self.url = f"{self.origin}/v1"

    @property
    def body(self) -> Any:
        """What was asked last."""
        return self.asked[-1].body


class _Handler(BaseHTTPRequestHandler):
    recorder: Recorder
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, json.loads(raw))
        self.recorder.asked.append(asked)
        answer = self.recorder.answer
        if callable(answer):
            answer = answer(asked)
        if answer is None:
            answer = STREAM if asked.body.get("stream") else completion()
        status, kind = 200, "application/json"
        if isinstance(answer, tuple):
            status, answer = answer
        if isinstance(answer, list):
            kind = "text/event-stream"
            content = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in answer) + b"data: [DONE]\n\n"
        else:
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("x-request-id", "req_1")
        self.end_headers()
        self.wfile.write(content)


def failure(status: int, message: str = "boom", code: str | None = None, **more: Any) -> tuple[int, Any]:
    return status, {"error": {"message": message, "code": code, "type": None, "param": None, **more}}
