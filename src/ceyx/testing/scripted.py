"""What a test wants its service to say: the engine that its words make, in the vocabulary of the engine `script`.

Of what is expected, that for some requests goes before that for all, and the latest before the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

import msgspec
from starlette.responses import Response

from ceyx.service.documents import Document, Table
from ceyx.service.engines.replies import Scripted, read
from ceyx.service.engines.said import said
from ceyx.service.engines.script import Match, match_of, said_by
from ceyx.service.errors import Refusal
from ceyx.service.gate import Ask, json_response
from ceyx.testing.received import RECEIVED, Received

Function: TypeAlias = Callable[[Received], "str | Mapping[str, Any]"]
"""Makes a reply of a request: a text, or the arguments of `reply`."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """A status and a body, sent as they are."""

    body: Any
    status: int
    headers: dict[str, str]

    def response(self) -> Response:
        if isinstance(self.body, bytes | str):
            return Response(self.body, self.status, self.headers)
        return json_response(self.body, self.status, self.headers)


Reply: TypeAlias = Scripted | Exactly | Function


def reply_of(text: str | Function | None = None, **said: Any) -> Reply:
    """The reply that the arguments of `reply` mean. Raises ValueError, which says what they may be, for those that mean none."""
    if callable(text):
        if said:
            raise ValueError(f"reply() takes a function alone; got {', '.join(said)} beside it")
        return text
    if "body" in said or "status" in said:
        body, status, headers = said.pop("body", ""), said.pop("status", 200), said.pop("headers", {})
        if text is not None or said:
            beside = ", ".join((*(["a text"] if text is not None else []), *said))
            raise ValueError(f"reply(body=, status=, headers=) is sent as it is, and goes with nothing else; got {beside}")
        return Exactly(body, status, dict(headers))
    values = {"text": text, **said}
    if (calls := values.pop("tool_calls", None)) is not None:
        values["calls"] = [_call(each) for each in calls]
    if "json" in values:
        values["json"] = _plain(values["json"])
    content = values.get("file")
    if isinstance(content, bytes):
        del values["file"]
        values.setdefault("content_type", "application/octet-stream")
    read_as = read(Table(Document("reply()", values), (), {name: each for name, each in values.items() if each is not None}))
    return replace(read_as, reply=replace(read_as.reply, file=content)) if isinstance(content, bytes) else read_as


def _call(given: Any) -> dict[str, Any]:
    """A call of a tool as scripts write it: from (name, arguments), or as the API writes it, or as scripts do."""
    if isinstance(given, tuple) and len(given) == 2:
        return {"name": given[0], "arguments": _plain(given[1])}
    call = _plain(given)
    if not isinstance(call, dict):
        raise ValueError(f'a tool call is written ("get_weather", {{"city": "Paris"}}), or as the API has it; got {given!r}')
    for kind in ("function", "custom"):
        if isinstance(call.get(kind), dict):
            return {**call[kind], **({"id": call["id"]} if call.get("id") else {})}
    return call


def _plain(value: Any) -> Any:
    """JSON's own types, from models and dataclasses, too."""
    dump = getattr(value, "model_dump", None)
    return msgspec.to_builtins(dump(mode="json") if callable(dump) else value)


@dataclass(slots=True)
class Expected:
    """Replies for the requests that match: one after the other, the last of them for ever."""

    match: Match
    for_all: bool
    """Whether there are no conditions."""
    replies: list[tuple[Reply, int | None]] = field(default_factory=list)
    """Each with the times it is given; None: once, or for ever if it is the last."""
    conditions: str = "any request"
    requests: list[Received] = field(default_factory=list)
    """Those that it answered."""

    def then(self, text: str | Function | None = None, *, times: int | None = None, **said: Any) -> Self:
        """What is said next; takes what `reply` takes."""
        self.replies.append((reply_of(text, **said), _times(times)))
        return self

    def next(self) -> Reply | None:
        """What one more request is answered with; None, once all is said."""
        seen = len(self.requests)
        for place, (reply, times) in enumerate(self.replies):
            last = place == len(self.replies) - 1
            if times is None and last:
                return reply
            seen -= times or 1
            if seen < 0:
                return reply
        return None

    @property
    def unused(self) -> int:
        """How many replies nobody has asked for yet."""
        return max(sum(times or 1 for _, times in self.replies) - len(self.requests), 0)

    def __repr__(self) -> str:
        return f"<for {self.conditions}: {len(self.replies)} replies, {len(self.requests)} requests>"


def expected(conditions: Mapping[str, Any]) -> Expected:
    """What has conditions, and no replies yet. Raises ValueError for conditions that there are not."""
    values = {name: getattr(each, "pattern", each) for name, each in conditions.items()}
    match = match_of(Table(Document("when()", values), (), values))
    told = ", ".join(f"{name}={each!r}" for name, each in conditions.items())
    return Expected(match, not values, conditions=told or "any request")


class Wanted:
    """The engine that says what is expected, and leaves all else to the local one, unless it is strict."""

    any_model = False

    def __init__(self) -> None:
        self.expected: list[Expected] = []
        self.strict = False

    def add(self, expected: Expected) -> None:
        self.expected.insert(0, expected)  # the latest goes first, and sorting keeps that

    async def answer(self, ask: Ask) -> Response | None:
        if not self.expected and not self.strict:
            return None
        heard, received = said(ask), ask.request.scope.get(RECEIVED)
        for each in sorted(self.expected, key=lambda each: each.for_all):
            if each.match.suits(heard) and (reply := each.next()) is not None:
                if received is not None:
                    each.requests.append(received)
                return await _answered(ask, reply, received)
        if not self.strict:
            return None
        known = "; ".join(each.conditions for each in self.expected) or "nothing"
        message = (
            f"No reply is left for {heard.endpoint} of {heard.deployment!r} with {heard.text[:80]!r}: this service is strict, "
            f"and expects {known}. Add ceyx_service.reply(...), or leave out strict."
        )
        raise Refusal(400, message, code="no_scripted_reply")

    def reset(self) -> None:
        self.expected.clear()

    def close(self) -> None:
        """Holds nothing."""


async def _answered(ask: Ask, reply: Reply, received: Received | None) -> Response:
    if isinstance(reply, Scripted):
        return await said_by(ask, reply)
    if isinstance(reply, Exactly):
        return reply.response()
    made = reply(received or Received(ask.request.scope))
    return await _answered(ask, reply_of(made) if isinstance(made, str) else reply_of(**made), received)


def _times(times: int | None) -> int | None:
    if times is not None and (not isinstance(times, int) or times < 1):
        raise ValueError(f"times is a whole number from 1 on; got {times!r}")
    return times
