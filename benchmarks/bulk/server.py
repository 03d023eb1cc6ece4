"""The service of the bulk benchmark: `python -m benchmarks.bulk.server` answers chats on loopback until its parent ends.

It knows a row by the words `row 123` in its question, and counts how often each arrived. The first segment of the path says how
it answers: `/zero` at once, `/wait-50` after so many milliseconds, `/quota-600` at once, as long as there are not more
than so many requests a minute (of which the tenth part may come in a burst) and with a 429 where there are. `/log` tells
what was counted, and `/forget` begins anew. A model of no service: it spends as little as it can on a request.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from time import monotonic
from typing import Final

from benchmarks import processors

BURST: Final = 6.0  # seconds' worth of a quota at once
PLENTY: Final = 1_000_000_000
_ROW: Final = re.compile(rb"row (\d+)")
_COMPLETION: Final = json.dumps(
    {
        "id": "chatcmpl-BvR4nQ8sWzT2kLm6XpYc1HdJ9uEoA",
        "object": "chat.completion",
        "created": 1767268800,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Still, then quick: blue over brown water, a fish, and the branch is empty. " * 4,
                    "refusal": None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 42,
            "completion_tokens": 77,
            "total_tokens": 119,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_7c2e91d04a",
    },
    separators=(",", ":"),
).encode()
_REFUSAL: Final = json.dumps(
    {"error": {"message": "Rate limit reached for requests.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
).encode()


class Quota:
    """So many requests a minute, counted as in a bucket that fills evenly."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute, self.per_second = per_minute, per_minute / 60
        self.most = self.left = BURST * self.per_second
        self.at = monotonic()

    def admits(self) -> bool:
        now = monotonic()
        self.left, self.at = min(self.left + (now - self.at) * self.per_second, self.most), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Service:
    """What was counted since it was told to forget."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.rows: Counter[int] = Counter()
        self.refused = 0
        self.quotas: dict[str, Quota] = {}
        self.first = self.last = 0.0

    def told(self) -> bytes:
        return json.dumps({"rows": self.rows, "refused": self.refused, "seconds": self.last - self.first}).encode()

    def answer(self, way: str, body: bytes) -> bytes:
        self.last = monotonic()
        self.first = self.first or self.last
        row = _ROW.search(body)
        if way.startswith("quota-"):
            quota = self.quotas.get(way) or self.quotas.setdefault(way, Quota(int(way[6:])))
            admitted = quota.admits()
            wait = 0.0 if admitted else (1 - quota.left) / quota.per_second
            limit = (
                f"x-ratelimit-limit-requests: {quota.per_minute}\r\nx-ratelimit-remaining-requests: {int(quota.left)}\r\n"
                f"x-ratelimit-reset-requests: {(quota.most - quota.left) / quota.per_second:.3f}s\r\n"
            ).encode()
            if not admitted:
                self.refused += 1
                after = f"retry-after-ms: {wait * 1000:.0f}\r\nretry-after: {wait:.3f}\r\n".encode()
                return _message(b"429 Too Many Requests", limit + after, _REFUSAL)
        else:
            limit = _UNLIMITED
        if row:
            self.rows[int(row[1])] += 1
        return _message(b"200 OK", limit, _COMPLETION)


_UNLIMITED: Final = b"".join(
    b"x-ratelimit-limit-%b: %d\r\nx-ratelimit-remaining-%b: %d\r\nx-ratelimit-reset-%b: 0s\r\n"
    % (kind, PLENTY, kind, PLENTY, kind)
    for kind in (b"requests", b"tokens")
)


def _message(status: bytes, headers: bytes, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\nx-request-id: req_8a1f\r\n"
        b"openai-processing-ms: 1\r\nopenai-version: 2020-10-01\r\nconnection: keep-alive\r\n%b\r\n%b"
    ) % (status, len(body), headers, body)


class Connection(asyncio.Protocol):
    """One client's connection."""

    transport: asyncio.Transport

    def __init__(self, service: Service) -> None:
        self.service = service
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end]
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            length = int(lowered[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            body = self.received[end + 4 : end + 4 + length]
            self.received = self.received[end + 4 + length :]
            self.take(head.split(b"/", 2)[1].split(b" ")[0].decode(), body)

    def take(self, way: str, body: bytes) -> None:
        if way == "log":
            self.transport.write(_message(b"200 OK", b"", self.service.told()))
        elif way == "forget":
            self.service.forget()
            self.transport.write(_message(b"200 OK", b"", b"{}"))
        elif way.startswith("wait-"):
            answer = self.service.answer(way, body)
            asyncio.get_running_loop().call_later(int(way[5:]) / 1000, self.say, answer)
        else:
            self.transport.write(self.service.answer(way, body))

    def say(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


async def serve() -> None:
    """Prints where it listens, then answers until standard input closes."""
    service = Service()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", backlog=2048)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    processors.take(-1)
    asyncio.run(serve())
