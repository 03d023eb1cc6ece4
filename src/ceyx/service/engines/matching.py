"""When two requests are the same: each is taken apart into its values by where they are, less what does not matter.

What does not matter: the order of an object's fields, of the query and of a form's fields; fields that are null, and `stream`
where it is false; a form's boundary; what names the caller (`IGNORED`); and the ids that pair a tool's result with its call,
which a model makes up anew each time: the first id in a request is as good as any other first one, the second as any second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

Normal: TypeAlias = dict[str, Any]
"""A request's values by where they are, such as `body.messages[0].content`."""

IGNORED = ("body.user", "body.safety_identifier", "body.prompt_cache_key", "body.metadata")
MOST_SHOWN = 8
_LONGEST_SHOWN = 90
_number = re.compile(r"\[\d+\]")


def normal(request: Mapping[str, Any], ignored: Iterable[str] = IGNORED) -> Normal:
    """What of a recorded request (`cassette.Exchange.request`) decides whether another is the same.

    `ignored` are places whose values do not matter, with what is below them; `[]` stands for any number.
    """
    body = request.get("json")
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if not (value is None or (name == "stream" and value is False))}
        body = _Paired().renamed(body)
    elif "form" in request:
        body = {"form": sorted(request["form"], key=lambda part: str(part["name"]))}
    elif body is None:
        body = request.get("text") or request.get("base64")
    values: Normal = {"method": request["method"], "path": request["path"]}
    query: dict[str, list[str]] = {}
    for name, value in request.get("query", ()):
        query.setdefault(name, []).append(value)
    _flatten("query", {name: each[0] if len(each) == 1 else each for name, each in query.items()} or None, values)
    _flatten("headers", request.get("headers") or None, values)
    _flatten("body", body, values)
    ignored = tuple(ignored)
    return {place: value for place, value in values.items() if not _is_below(place, ignored)}


def key(values: Normal) -> bytes:
    """The same for the same requests."""
    return msgspec.json.encode(values, order="sorted")


def differences(recorded: Normal, asked: Normal) -> list[str]:
    """Where two requests differ, in words."""
    told = []
    for place in (*asked, *(place for place in recorded if place not in asked)):
        if place not in recorded:
            told.append(f"{place} is {_shown(asked[place])}, and not in the recording")
        elif place not in asked:
            told.append(f"{place} is not there, and {_shown(recorded[place])} in the recording")
        elif (now := asked[place]) != (then := recorded[place]):
            start = _alike(now, then) if isinstance(now, str) and isinstance(then, str) else 0
            told.append(f"{place} is {_shown(now, start)}, and {_shown(then, start)} in the recording")
    return told


def _alike(one: str, other: str) -> int:
    """How many characters they begin with that are the same."""
    return next(
        (place for place, (mine, its) in enumerate(zip(one, other, strict=False)) if mine != its), min(len(one), len(other))
    )


def nearest(asked: Normal, recorded: Iterable[Normal]) -> Normal | None:
    """The recorded request that differs least."""
    return min(recorded, key=lambda each: _distance(asked, each), default=None)


def explained(asked: Normal, closest: Normal | None) -> str:
    """Why `asked` is not recorded, for an error."""
    if closest is None:
        return "the recording is empty"
    told = differences(closest, asked)
    more = f"; and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
    return f"from the nearest recorded one it differs in this: {'; '.join(told[:MOST_SHOWN])}{more}"


def _distance(one: Normal, other: Normal) -> tuple[int, int]:
    """How many values differ, a path above all; then how little of the texts among them is alike."""
    apart = [place for place in one if place not in other or one[place] != other[place]]
    texts = [(one[place], other.get(place)) for place in apart]
    alike = sum(_alike(mine, its) for mine, its in texts if isinstance(mine, str) and isinstance(its, str))
    return len(apart) + len(other.keys() - one.keys()) + 1000 * (one["path"] != other["path"]), -alike


def _shown(value: Any, place: int = 0) -> str:
    """A value for people; of a long text what is around `place`."""
    if not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    start = max(place - 20, 0) if len(value) > _LONGEST_SHOWN else 0
    cut = value[start : start + _LONGEST_SHOWN]
    return f"{'…' if start else ''}{cut!r}{'…' if start + len(cut) < len(value) else ''}"


def _is_below(place: str, ignored: tuple[str, ...]) -> bool:
    general = _number.sub("[]", place)
    return any(name == each or name.startswith((f"{each}.", f"{each}[")) for name in (place, general) for each in ignored)


def _flatten(place: str, value: Any, into: Normal) -> None:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            _flatten(f"{place}.{name}", each, into)
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            _flatten(f"{place}[{number}]", each, into)
    elif isinstance(value, float) and value.is_integer():
        into[place] = int(value)
    elif value is not None or place.count("."):
        into[place] = value


class _Paired:
    """Names the ids of tool calls, and of what was answered before, by their order."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def renamed(self, value: Any, within: str = "") -> Any:
        """`value`, which stands in a list or field `within`."""
        if isinstance(value, list):
            return [self.renamed(each, within) for each in value]
        if not isinstance(value, dict):
            return value
        made: Any = {}
        for name, each in value.items():
            pairs = name in ("tool_call_id", "call_id") or (
                name == "id" and within in ("tool_calls", "input") and value.get("type") != "item_reference"
            )
            if pairs and isinstance(each, str):
                made[name] = self._names.setdefault(each, f"id {len(self._names) + 1}")
            else:
                made[name] = self.renamed(each, name)
        return made
