"""What the events of a response amount to: whether they are all there, and the response so far.

Deltas are the hot path: of each, no more is kept than its text, and the response is put together only when asked for.
"""

from __future__ import annotations

from typing import Any

from ceyx.errors import ProtocolError
from ceyx.types.responses.response import Response
from ceyx.types.responses.response_stream_event import ResponseStreamEvent, wrap_event
from ceyx.wire.collecting import Collector, ErrorEvent
from ceyx.wire.filtered import stopped
from ceyx.wire.view import View, plain

LAST = frozenset({"response.completed", "response.failed", "response.incomplete"})
STATES = LAST | {"response.created", "response.queued", "response.in_progress"}
# Where the text of a delta goes: the parts of its item, the type of those, their field, and what says which of them it is.
# Without parts, into the field of the item itself.
DELTAS: dict[str, tuple[str, str, str, str]] = {
    "response.output_text.delta": ("content", "output_text", "text", "content_index"),
    "response.refusal.delta": ("content", "refusal", "refusal", "content_index"),
    "response.reasoning_text.delta": ("content", "reasoning_text", "text", "content_index"),
    "response.reasoning_summary_text.delta": ("summary", "summary_text", "text", "summary_index"),
    "response.function_call_arguments.delta": ("", "", "arguments", ""),
    "response.mcp_call_arguments.delta": ("", "", "arguments", ""),
    "response.custom_tool_call_input.delta": ("", "", "input", ""),
    "response.code_interpreter_call_code.delta": ("", "", "code", ""),
}
PART_OF = {kind: where[3] for kind, where in DELTAS.items()}
PARTS = {
    "response.content_part.added": ("content", "content_index"),
    "response.reasoning_summary_part.added": ("summary", "summary_index"),
}


class ResponseCollector(Collector[ResponseStreamEvent]):
    """Reads the events of a response."""

    def __init__(self) -> None:
        self._response: View | None = None
        self.items: dict[int, View] = {}
        """The items that were announced, as last told of."""
        self._parts: dict[int, dict[tuple[str, Any], View]] = {}
        self.texts: dict[tuple[int, str, Any], list[str]] = {}
        """The text of those that are not finished, in pieces: by their place, the type of the event, and the part."""
        self._ended = False

    def read(self, data: Any) -> ResponseStreamEvent:
        try:
            kind = data["type"]
            texts = self.texts[data["output_index"], kind, data.get(PART_OF[kind])]
            if type(text := data["delta"]) is not str:
                return self._note(data)
            texts.append(text)
        except (KeyError, TypeError):  # no delta of a text, or the first of one
            return self._note(data)
        event: ResponseStreamEvent = wrap_event(data)
        return event

    def _note(self, data: Any) -> ResponseStreamEvent:
        event: Any = wrap_event(data)
        if type(data) is dict and type(kind := data.get("type")) is str:
            if kind == "error":
                raise ErrorEvent(data)
            self._ended = self._ended or kind in LAST
            if kind in STATES:
                self._response = data.get("response")
            elif type(place := data.get("output_index")) is int:
                self._place(data, kind, place)
        return event  # type: ignore[no-any-return]

    def _place(self, data: dict[str, Any], kind: str, place: int) -> None:
        """Take over what an event says of the item at this place."""
        if kind in DELTAS:
            if type(text := data.get("delta")) is str:
                self.texts.setdefault((place, kind, number_in(data, PART_OF[kind])), []).append(text)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            if isinstance(item := data.get("item"), View):
                self.items[place] = item
            if kind == "response.output_item.done":
                for where in [where for where in self.texts if where[0] == place]:
                    del self.texts[where]
                self._parts.pop(place, None)
        elif kind in PARTS and isinstance(part := data.get("part"), View):
            name, number = PARTS[kind]
            self._parts.setdefault(place, {})[name, number_in(data, number)] = part

    def unfinished(self) -> str | None:
        return None if self._ended else "no response.completed, response.failed or response.incomplete event"

    def filtered(self) -> dict[str, Any] | None:
        response = plain(self._response)
        return stopped(response) if type(response) is dict else None

    def partial(self) -> Response:
        """The response so far. Text and arguments of what is not finished may be cut; what was never announced is left out."""
        return self._built(strict=False)

    def snapshot(self) -> Response:
        """As `partial`, for a stream from its beginning: ProtocolError for events about an item that was never announced."""
        return self._built(strict=True)

    def _built(self, strict: bool) -> Response:
        so_far = plain(self._response)
        response: dict[str, Any] = {"id": "", "object": "response", **(so_far if type(so_far) is dict else {})}
        if self._ended and response.get("output"):  # the last event has it all
            return Response.wrap(response)
        items: dict[int, dict[str, Any]] = plain(self.items)
        for place, kind, _ in self.texts:
            if strict and place not in items:
                raise ProtocolError(f"{kind} came for output_index {place}, which no response.output_item.added had announced")
        for place, item in items.items():
            self._fill(item, place)
        response["output"] = [items[place] for place in sorted(items)]
        return Response.wrap(response)

    def _fill(self, item: dict[str, Any], place: int) -> None:
        """Put the parts and texts of an unfinished item where they belong."""
        parts: dict[tuple[str, Any], dict[str, Any]] = plain(self._parts.get(place, {}))
        for (at, kind, number), pieces in self.texts.items():
            if at != place:
                continue
            name, type_, field, _ = DELTAS[kind]
            text = "".join(pieces)
            if not name:
                item[field] = text
                continue
            new: dict[str, Any] = {"type": type_, "annotations": []} if type_ == "output_text" else {"type": type_}
            parts.setdefault((name, number), new)[field] = text
        for name in ("content", "summary"):
            if found := [parts[key] for key in sorted((key for key in parts if key[0] == name), key=lambda key: key[1] or 0)]:
                item[name] = found


def number_in(data: dict[str, Any], name: str) -> int | None:
    """Which part of an item an event is about; None where that says nothing."""
    number = data.get(name)
    return number if type(number) is int else None
