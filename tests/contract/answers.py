"""What the recorder answers: for each path the answer that the `openai` package expects there, with all that it may hold."""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import pydantic
from surface import SENDING, at, hints, needed, parameters
from values import arms_of, streamed, value

import ceyx
from ceyx.wire.call import Call

BEFORE = r"(?:/deep/er|/gateway)?(?:/openai)?(?:/deployments/[^/]+)?(?:/v1)?"
LAST = (".completed", ".done")


class Route(NamedTuple):
    """Where a method of a client goes, and what it gives there."""

    name: str
    method: str
    path: re.Pattern[str]
    gives: Any
    free: int


def found() -> list[Route]:
    """Of every method that sends one request, those with the fewest free segments first."""
    plan = ceyx.OpenAI(api_key="k").plan
    routes = []
    for path in SENDING:
        try:
            call = planned(plan, path)
        except AttributeError:  # a method that is missing, which the tests of signatures name
            continue
        if isinstance(call, Call):  # else it sends several, each of which is another method's
            pattern = re.compile(BEFORE + re.escape(call.path).replace("ID", "[^/]+"))
            routes.append(Route(path, call.method, pattern, hints(path)["return"], call.path.count("ID")))
    return sorted(routes, key=lambda route: (route.free, "Page" in str(route.gives)))  # a page may be read in another way, too


def planned(plan: Any, path: str) -> Any:
    """The call of a method with the least it can be called with, ID in place of every identifier."""
    every, types = parameters(plan, path), hints(path)
    named = {name: "ID" if name.endswith("_id") else value(types[name], name) for name in needed(plan, path)}
    at_first = [named.pop(name) for name in list(named) if every[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return at(plan, path)(*("ID" for _ in at_first), **named)


ROUTES = found()


def answer(method: str, path: str, streams: bool, turn: int) -> tuple[str, bytes]:
    """Type and content of the answer to a request."""
    gives = next((route.gives for route in ROUTES if route.method == method and route.path.fullmatch(path)), dict)
    if streams and (event := streamed(gives)) is not None:
        return "text/event-stream", b"".join(event_stream(event))
    (first, *_) = arms_of(gives)
    if first is type(None):
        return "application/json", b""
    if isinstance(first, type) and issubclass(first, pydantic.BaseModel):
        return "application/json", json.dumps(
            {**value(first, turn=turn), **({"has_more": False} if "Page" in first.__name__ else {})}
        ).encode()
    return ("application/json", b"{}") if first is dict else ("application/octet-stream", f"what is at {path}".encode())


def event_stream(event: Any) -> Iterator[bytes]:
    """One event of each kind, the one that ends the stream last."""
    kinds = [arm for arm in arms_of(event) if "Error" not in arm.__name__]
    events = [value(kind, turn=turn) for turn in (1, 0) for kind in kinds] if len(kinds) == 1 else [value(kind) for kind in kinds]
    ending = max(
        (one.get("type", "") for one in events if one.get("type", "").endswith(LAST)),
        key=lambda kind: -kind.count("."),
        default="",
    )
    for one in sorted(events, key=lambda one: one.get("type") == ending):
        yield b"data: " + json.dumps(one).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"
