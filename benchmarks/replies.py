"""The replies the server gives, as bytes: realistic in headers, fields and size, and rendered once.

Knows nothing of sockets; `server.py` decides which reply goes where and how fast.
"""

from __future__ import annotations

import base64
import json
import random
import struct
from typing import Any, Final

BURST: Final = 2000
"""Content chunks of the stream that is sent as fast as the socket takes it."""
PACED: Final = 200
"""Content chunks of the stream that is sent one a millisecond."""
VECTORS: Final = 100
DIMENSIONS: Final = 1536

_headers: Final = {
    "Date": "Thu, 01 Jan 2026 12:00:00 GMT",
    "Server": "cloudflare",
    "Connection": "keep-alive",
    "access-control-expose-headers": "X-Request-ID",
    "openai-organization": "example-organization",
    "openai-processing-ms": "412",
    "openai-project": "proj_Yk2Xw9QpLr7TnVbC3dFgHj5m",
    "openai-version": "2020-10-01",
    "x-envoy-upstream-service-time": "431",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "2000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "1999962",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "1ms",
    "x-request-id": "req_5f0c2e7d9b1a4836a7e4d2c1b0f98765",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "cf-cache-status": "DYNAMIC",
    "cf-ray": "8f3b6c2d1e0a4b59-FRA",
    "alt-svc": 'h3=":443"; ma=86400',
}

_answer = (
    "A kingfisher sits still above the water until it knows exactly where the fish will be, then goes once. "
    "Most of the work is in the waiting: it corrects for the bend of the light at the surface, picks the "
    "moment, and spends as little as it can on the rest. A library that carries questions to a model could do "
    "worse than copy it: be still while the answer is on its way, and be quick and exact when it comes."
)


def completion() -> bytes:
    """A chat completion of about a kilobyte, as a whole HTTP response."""
    return _completion({"role": "assistant", "content": _answer, "refusal": None, "annotations": []}, "stop")


def call() -> bytes:
    """As `completion`, but that a tool is called."""
    function = {"name": "depth_of_fish", "arguments": '{"place": "the bend below the old mill", "hour": 7}'}
    called = {"id": "call_Jx2Qm7Vd0SzKp4TnYb9LwRcE", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [called], "refusal": None, "annotations": []}
    return _completion(message, "tool_calls")


def _completion(message: dict[str, Any], finish_reason: str) -> bytes:
    return _response(
        {
            "id": "chatcmpl-BvR4nQ8sWzT2kLm6XpYc1HdJ9uEoA",
            "object": "chat.completion",
            "created": 1767268800,
            "model": "gpt-4o-2024-08-06",
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "logprobs": None,
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {
                "prompt_tokens": 38,
                "completion_tokens": 57,
                "total_tokens": 95,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {
                    "reasoning_tokens": 0,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
            },
            "service_tier": "default",
            "system_fingerprint": "fp_7c2e91d04a",
        }
    )


def embeddings(*, as_base64: bool) -> bytes:
    """An embedding reply of 100 vectors, base64 or lists of floats, as a whole HTTP response."""
    chance = random.Random(1536)
    data: list[dict[str, Any]] = []
    for index in range(VECTORS):
        packed = struct.pack(f"<{DIMENSIONS}f", *(chance.uniform(-0.1, 0.1) for _ in range(DIMENSIONS)))
        vector: object = base64.b64encode(packed).decode() if as_base64 else list(struct.unpack(f"<{DIMENSIONS}f", packed))
        data.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": 800, "total_tokens": 800}
    return _response({"object": "list", "data": data, "model": "text-embedding-3-small", "usage": usage})


def stream(count: int) -> tuple[bytes, list[bytes]]:
    """The head of an event stream, and its pieces: each event an HTTP chunk of its own, the last piece also ends the body."""
    words = _answer.split()
    pieces = [_event({"role": "assistant", "content": "", "refusal": None}, None)]
    pieces += [_event({"content": f"{words[index % len(words)]} "}, None) for index in range(count)]
    pieces += [_event({}, "stop"), _piece(b"data: [DONE]\n\n") + b"0\r\n\r\n"]
    return _head("text/event-stream; charset=utf-8", "Transfer-Encoding: chunked"), pieces


def _event(delta: dict[str, str | None], finish_reason: str | None) -> bytes:
    chunk = {
        "id": "chatcmpl-BvR4nQ8sWzT2kLm6XpYc1HdJ9uEoA",
        "object": "chat.completion.chunk",
        "created": 1767268800,
        "model": "gpt-4o-2024-08-06",
        "service_tier": "default",
        "system_fingerprint": "fp_7c2e91d04a",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
        "usage": None,
        "obfuscation": "p3Xq8ZtLw0",
    }
    return _piece(b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n")


def _piece(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _response(value: object) -> bytes:
    body = json.dumps(value, indent=None, separators=(",", ":")).encode()
    return _head("application/json", f"Content-Length: {len(body)}") + body


def _head(content_type: str, framing: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in _headers.items()]
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {content_type}", framing, *lines, "", ""]).encode()
