"""What a provider keeps must be asked for where it is kept: which stored things a call names, and where each was made.

Files, batches, vector stores, conversations and their like are made at one place, the home. Responses and stored chats are made
wherever their model answered, and that is remembered. A thing that nobody remembers, made by another program, say, is looked for.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from weakref import WeakMethod

from ceyx.dialect import BELOW_DEPLOYMENT
from ceyx.wire.call import Call
from ceyx.wire.collecting import Collector
from ceyx.wire.view import View

# What any deployment of the model may answer; all else is about what is stored, or about the account.
SPREAD = BELOW_DEPLOYMENT | {
    ("POST", path)
    for path in ("/responses", "/responses/compact", "/responses/input_tokens", "/moderations", "/images/variations")
}
_thing = re.compile(
    r"/(?:files|uploads|batches|vector_stores|containers|conversations|responses|evals|models|chat/completions"
    r"|fine_tuning/jobs|fine_tuning/checkpoints|audio/voices|audio/voice_consents)/([^/?]+)"
).match
# Of those, the calls whose parameters may name stored things. (Looking through a million tokens to embed would cost.)
_NAMING = frozenset({"/chat/completions", "/responses", "/responses/compact", "/responses/input_tokens"})
# Parameters that name stored things, at any depth.
_NAMES = frozenset({
    "previous_response_id", "conversation", "file_id", "file_ids", "input_file_id", "training_file", "validation_file",
    "vector_store_id", "vector_store_ids", "container", "container_id", "eval_id", "part_ids",
})  # fmt: skip
_GIVEN = frozenset({"auto"})  # values of theirs that name nothing


class Memory:
    """Where stored things were made, the latest of them; the oldest are forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._places: OrderedDict[str, str] = OrderedDict()

    def place(self, id: str) -> str | None:
        return self._places.get(id)

    def note(self, ids: Sequence[str], place: str) -> None:
        places = self._places
        for id in ids:
            places[id] = place
            places.move_to_end(id)
        while len(places) > self._size:
            places.popitem(last=False)

    def __len__(self) -> int:
        return len(self._places)


def named(call: Call[Any]) -> tuple[str | None, list[str], list[str]]:
    """The ids that a call names: of the thing that its path is about, in its parameters, and of items that may be kept."""
    things: list[str] = []
    items: list[str] = []
    spread = (call.method, call.path) in SPREAD
    found = None if spread else _thing(call.path)
    if call.body and (not spread or call.path in _NAMING):
        try:
            _gather({name: value for name, value in call.body.items() if name != "metadata"}, things, items)
        except RecursionError:
            pass  # the encoder says what is wrong with it
    return found and found[1], things, items


def _gather(value: Any, things: list[str], items: list[str]) -> None:
    if isinstance(value, list | tuple):
        for inner in value:
            if isinstance(inner, list | tuple | dict | View):
                _gather(inner, things, items)
        return
    fields = value if isinstance(value, dict) else vars(value)
    for name, inner in fields.items():
        if name in _NAMES:
            things += _texts(inner)
        elif name == "id" and isinstance(inner, str):
            items.append(inner)
        if isinstance(inner, list | tuple | dict | View):
            _gather(inner, things, items)


def _texts(value: Any) -> Iterator[str]:
    """The ids in the value of a parameter: one, a list of them, or that of an object."""
    if isinstance(value, str):
        if value and value not in _GIVEN:
            yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            if isinstance(inner, str):
                yield inner
    elif isinstance(value, dict) and isinstance(value.get("id"), str):
        yield value["id"]


def made_by(call: Call[Any]) -> bool:
    """Whether what answers a call may be kept at a place that is not the home."""
    if call.method != "POST" or call.body is None:
        return False
    return call.path == "/responses" or (call.path == "/chat/completions" and call.body.get("store") is True)


def ids_in(content: bytes) -> list[str]:
    """The ids of a response or chat, and of its items."""
    import msgspec

    try:
        return _ids(msgspec.json.decode(content, type=dict[str, Any]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []  # who reads the answer says what is wrong with it


def _ids(answer: dict[str, Any]) -> list[str]:
    output = answer.get("output")
    items = [item.get("id") for item in output if type(item) is dict] if type(output) is list else []
    return [id for id in (answer.get("id"), *items) if type(id) is str]


def watched(each: Callable[[], Collector[Any]], note: Callable[[list[str]], None]) -> Callable[[], Collector[Any]]:
    """Collectors as `each` makes them, that also tell `note` of what the stream makes."""

    def make() -> Collector[Any]:
        collector = each()
        anything: Any = collector
        anything.read = partial(_read, WeakMethod(collector.read), note, [])  # weak: a circle would keep what was read for long
        return collector

    return make


def _read(read: Any, note: Callable[[list[str]], None], last: list[Any], item: Any) -> Any:
    if type(item) is dict:
        if type(made := item.get("response")) is dict or "choices" in (made := item):
            if last != (found := _ids(made)):
                note(found)
                last[:] = found
        elif type(made := item.get("item")) is dict:
            note(_ids(made))
    return read()(item)
