"""Plain HTTP to a service: no client of ours stands between these tests and the wire."""

from __future__ import annotations

from typing import Any

import msgspec
import urllib3

from ceyx.service import LocalService

AZURE = "/openai/deployments/{}/{}?api-version=2025-04-01-preview"


class Wire:
    """Requests to a service, and what came back."""

    def __init__(self, service: LocalService) -> None:
        self.service = service
        self.pool = urllib3.PoolManager(retries=False, timeout=20)

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        return self.pool.request("GET", self.service.azure_endpoint + path, headers=headers)

    def post(self, path: str, body: object, **headers: str) -> urllib3.BaseHTTPResponse:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.pool.request("POST", self.service.azure_endpoint + path, body=raw, headers=headers)

    def chat(self, text: str = "Hello", /, model: str = "gpt-4o", **fields: Any) -> Any:
        """The decoded answer to a chat, which must succeed."""
        answer = self.post("/v1/chat/completions", {"model": model, "messages": said(text), **fields})
        assert answer.status == 200, answer.data
        return answer.json()

    def events(self, path: str, body: dict[str, Any]) -> list[Any]:
        """The decoded events of a stream, which must end in [DONE]."""
        answer = self.post(path, {**body, "stream": True})
        assert answer.status == 200, answer.data
        assert answer.headers["content-type"].startswith("text/event-stream")
        *events, done, rest = answer.data.decode().split("\n\n")
        assert (done, rest) == ("data: [DONE]", "")
        return [msgspec.json.decode(event.removeprefix("data: ")) for event in events]


def said(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]
