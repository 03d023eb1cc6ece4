"""The requests that a test's service received, and what it answered: recorded around the app, looked at by tests."""

from __future__ import annotations

import re
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ceyx.rates import Used
from ceyx.wire.message import redacted

if TYPE_CHECKING:
    from ceyx.service.counters import Tally

MOST_KEPT = 8 * 1024 * 1024
RECEIVED = "ceyx.received"
_below = re.compile(
    r"/openai/deployments/(?P<deployment>[^/]+)/(?P<endpoint>.+)|/(?:openai/v1|openai|v1)/(?P<other>.+)"
).fullmatch
_HIDDEN = frozenset({"openai-organization", "openai-project"})


class Received:
    """A request, and the answer to it. Keys and tokens are in none of it."""

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: dict[str, str] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        shown = redacted({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
        self.headers = Headers({name: "REDACTED" if name.lower() in _HIDDEN else value for name, value in shown.items()})
        self._asked = bytearray()
        self._answered = bytearray()
        self._status: int | None = None
        self._tally: Tally | None = None
        form = _below(self.path)
        self.endpoint: str = (form["endpoint"] or form["other"]) if form else self.path
        """The path below the version or deployment, such as chat/completions."""
        self._deployment: str | None = form["deployment"] if form else None

    @property
    def content(self) -> bytes:
        """The bytes of the body, up to 8 MiB."""
        return bytes(self._asked)

    @property
    def body(self) -> Any:
        """The body: decoded, if it is JSON; else None."""
        return _decoded(self.content)

    @property
    def model(self) -> str | None:
        """The model or deployment that was asked for."""
        model = self.body.get("model") if isinstance(self.body, dict) else None
        return self._deployment or (model if isinstance(model, str) else None)

    @property
    def text(self) -> str:
        """What the user said last; the input, or the prompt, of others than chats."""
        body = self.body if isinstance(self.body, dict) else {}
        said = body.get("messages") or body.get("input") or body.get("prompt") or ""
        if isinstance(said, list) and any(isinstance(each, dict) for each in said):
            turns = [each for each in said if isinstance(each, dict)]
            spoken = [each for each in turns if each.get("role") == "user"] or turns
            said = spoken[-1].get("content") or ""
        if isinstance(said, list):
            texts = [each.get("text") if isinstance(each, dict) else each for each in said]
            said = "\n".join(each for each in texts if isinstance(each, str))
        return said if isinstance(said, str) else ""

    @property
    def streamed(self) -> bool:
        """Whether a stream was asked for."""
        return isinstance(self.body, dict) and self.body.get("stream") is True

    @property
    def status(self) -> int | None:
        """The status of the answer; None, where there was none."""
        if self._status is None and self._tally is not None:
            return self._tally.status
        return self._status

    @property
    def fault(self) -> str | None:
        """The name of the fault that happened to it."""
        return None if self._tally is None else self._tally.fault

    @property
    def answer(self) -> Any:
        """The answer: decoded if it is JSON, of a stream the events, of all others the bytes. Up to 8 MiB of it."""
        whole = bytes(self._answered)
        if whole.startswith((b"data:", b"event:")):
            lines = (line[5:].strip() for line in whole.split(b"\n") if line.startswith(b"data:"))
            return [_decoded(line) for line in lines if line != b"[DONE]"]
        decoded = _decoded(whole)
        return whole if decoded is None else decoded

    @property
    def usage(self) -> dict[str, Any] | None:
        """The tokens that the answer says it took; None, where it does not say."""
        answer = self.answer
        for each in reversed(answer) if isinstance(answer, list) else [answer]:
            if isinstance(each, dict):
                inner = each.get("response")  # of the events of a response
                usage = each.get("usage") or (inner.get("usage") if isinstance(inner, dict) else None)
                if isinstance(usage, dict):
                    return usage
        return None

    @property
    def tokens(self) -> Used:
        """The tokens of `usage`; zeros, where there is none."""
        return Used.of(self.usage) if self.usage else Used()

    @property
    def cost(self) -> Decimal | None:
        """What the real model would have cost, in dollars; None where nothing was used, or nobody knows its price."""
        from ceyx.prices import prices

        if self.usage is None:
            return None
        answer = self.answer
        each = answer[-1] if isinstance(answer, list) else answer
        inner = each.get("response")
        model = each.get("model") or (inner.get("model") if isinstance(inner, dict) else None) or self.model
        cost = prices().cost(self.usage, model, provider="azure" if self.path.startswith("/openai") else "openai")
        return None if cost is None else cost.total

    def is_like(
        self,
        endpoint: str | None = None,
        *,
        model: str | None = None,
        contains: str | None = None,
        stream: bool | None = None,
        method: str | None = None,
        status: int | None = None,
    ) -> bool:
        """Whether all of this is true of it. `endpoint` and `model` may have * and ?; `contains` looks at `text`, in any case."""
        return (
            (endpoint is None or fnmatchcase(self.endpoint, endpoint.strip("/")))
            and (model is None or fnmatchcase(self.model or "", model))
            and (contains is None or contains.lower() in self.text.lower())
            and (stream is None or self.streamed is stream)
            and (method is None or self.method == method.upper())
            and (status is None or self.status == status)
        )

    def __repr__(self) -> str:
        said = [f"{self.method} {self.path}"]
        if self.model:
            said.append(f"model={self.model}")
        if self.streamed:
            said.append("stream")
        if text := self.text:
            said.append(repr(text if len(text) <= 60 else f"{text[:57]}..."))
        outcome = f"{self.status or 'no answer'}" + (f" ({self.fault})" if self.fault else "")
        return f"<{' '.join(said)} -> {outcome}>"


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None


class Recorder:
    """An ASGI app around another, that keeps the requests it is for."""

    def __init__(self, app: ASGIApp, own: str) -> None:
        self._app, self._own = app, own
        self.requests: list[Received] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._own):
            return await self._app(scope, receive, send)
        received = Received(scope)
        scope[RECEIVED] = received
        self.requests.append(received)

        async def read() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                _keep(received._asked, message.get("body") or b"")
            return message

        async def written(message: Message) -> None:
            received._tally = scope.get("ceyx.tally")
            if message["type"] == "http.response.start":
                received._status = message["status"]
            else:
                _keep(received._answered, message.get("body") or b"")
            await send(message)

        try:
            await self._app(scope, read, written)
        finally:
            received._tally = scope.get("ceyx.tally")


def _keep(kept: bytearray, more: bytes) -> None:
    kept += more[: MOST_KEPT - len(kept)]
