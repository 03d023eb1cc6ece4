"""A request as faults see it, and an answer as they damage it: whole, or as the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import msgspec

from ceyx.service.errors import Provider
from ceyx.wire import sse

_deployment = re.compile(r"/openai/deployments/(.+?)/(?:(?:chat/)?completions|embeddings|responses|images/|audio/)").match
_first_segment = re.compile(r"/openai/deployments/([^/]+)").match
_END = {"response.completed", "response.incomplete", "response.failed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    method: str
    path: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    body: bytes = b""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The body, where it is a JSON object."""

    @property
    def provider(self) -> Provider:
        return "azure" if self.path.startswith("/openai") else "openai"

    @property
    def streams(self) -> bool:
        return self.fields.get("stream") is True

    @property
    def deployment(self) -> str:
        """The deployment in the path, else the model in the body."""
        form = _deployment(self.path) or _first_segment(self.path)
        return form[1] if form else str(self.fields.get("model") or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, before it is sent. `parts` are the events of a stream, with their blank lines, or one whole body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    parts: tuple[bytes, ...]
    streams: bool = False

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)

    def with_content(self, content: bytes) -> Self:
        return replace(self, parts=(content,))

    def with_events(self, *events: bytes) -> Self:
        return replace(self, parts=events)

    def with_header(self, name: str, value: str) -> Self:
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*kept, (name, value)))

    def before_end(self, events: int) -> int:
        """So many events, but none that says the stream is over."""
        for place, event in enumerate(self.parts[:events]):
            if ends(event):
                return place
        return min(events, len(self.parts))

    def changed(self, change: Callable[[dict[str, Any]], object]) -> Self:
        """This answer, `change` having been at its object, or at that of each event."""
        at = changed if self.streams else _changed
        return replace(self, parts=tuple(at(part, change) for part in self.parts))


def whole(value: object, status: int = 200) -> Answer:
    """An answer of one JSON value."""
    return Answer(status, (("content-type", "application/json"),), (msgspec.json.encode(value),))


def stream(*events: bytes) -> Answer:
    return Answer(200, (("cache-control", "no-cache"), ("content-type", "text/event-stream; charset=utf-8")), events, True)


def event(value: object, name: str = "") -> bytes:
    return sse.encoded(msgspec.json.encode(value), name)


def fields_of(part: bytes) -> dict[str, Any]:
    """The object in an event; empty where there is none, as in [DONE]."""
    read = sse.read(part.strip(b"\n"))
    return decoded(read[1]) if read else {}


def decoded(data: bytes) -> dict[str, Any]:
    """The JSON object that `data` is; empty for anything else."""
    try:
        value = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def changed(part: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    read = sse.read(part.strip(b"\n"))
    fields = decoded(read[1]) if read else {}
    if read is None or not fields:
        return part
    change(fields)
    return event(fields, read[0].decode())


def _changed(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    fields = decoded(content)
    change(fields)
    return msgspec.json.encode(fields)


def finishes(part: bytes) -> bool:
    """Whether an event says why the answer ended."""
    fields = fields_of(part)
    return fields.get("type") in _END or any(choice.get("finish_reason") for choice in fields.get("choices") or ())


def is_done(part: bytes) -> bool:
    return part.strip() == b"data: [DONE]"


def ends(part: bytes) -> bool:
    return is_done(part) or finishes(part)
