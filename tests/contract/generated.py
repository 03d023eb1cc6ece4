"""Calls made from the signatures of the `openai` package: each method with what it needs, with everything, and as a stream."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

from pairs import Ask
from surface import OPENAI, OPTIONS, SENDING, at, hints, needed, parameters
from values import streamed, value

TURNS = 3  # so many arms of each union
STRICT = {"type": "function", "function": {"name": "f", "strict": True, "parameters": {"type": "object", "properties": {}}}}
# What parameters are called with where a value made from their type would not do; None leaves one out.
GIVEN: dict[str, Any] = {
    "max_concurrency": 1,  # else the order of requests is any
    "max_wait_seconds": 5,
    "poll_interval": 0.001,
    "poll_interval_ms": 1,
    "chat.completions.parse.response_format": None,  # types: see test_contract_parse.py
    "chat.completions.parse.tools": [STRICT],
    "responses.parse.parse_as": None,
    "responses.parse.text_format": None,
    "responses.parse.tools": None,
    "uploads.upload_file_chunked.bytes": 5,
    "uploads.upload_file_chunked.file": b"hello",
    "vector_stores.file_batches.upload_and_poll.files": [("a.txt", b"A")],  # one, as several have no order
}


class Generated(NamedTuple):
    """A call of a method, and which of the answers it may give it is given."""

    ask: Ask
    turn: int


def calls_of(path: str) -> Iterator[tuple[str, Generated]]:
    """The calls of one method, by name."""
    every, types = parameters(OPENAI, path), hints(path)
    takes = [name for name in every if name not in {*OPTIONS, "stream", "self"}]
    least = needed(OPENAI, path)
    seen: list[Any] = []
    for turn in range(TURNS):
        for way, names in (("least", least), ("all", takes)):
            given = {name: made for name in names if (made := given_for(path, name, types[name], turn)) is not None}
            if way == "all" or turn == 0:
                if given not in seen:
                    yield f"{path}-{way}-{turn}", Generated(asking(path, every, given), turn)
                seen.append(given)
            if turn == 0 and way == "least" and streamed(types["return"]) is not None:
                yield f"{path}-streamed", Generated(asking(path, every, {**given, "stream": True}), turn)


def given_for(path: str, name: str, hint: Any, turn: int) -> Any:
    for key in (f"{path.removeprefix('beta.')}.{name}", name):
        if key in GIVEN:
            return GIVEN[key]
    return f"{name} 1/2" if name.endswith("_id") and hint is str else value(hint, name, turn)


def asking(path: str, every: dict[str, Any], given: dict[str, Any]) -> Ask:
    first = [given[name] for name in given if every[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    named = {name: one for name, one in given.items() if every[name].kind is inspect.Parameter.KEYWORD_ONLY}
    return lambda client, package: at(client, path)(*first, **named)


CALLS = {name: call for path in SENDING for name, call in calls_of(path)}
