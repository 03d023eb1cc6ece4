"""Streams of events of responses, in the shapes they come in."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
RESPONSE: Event = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1700000000,
    "model": "gpt-4o",
    "status": "in_progress",
    "output": [],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "error": None,
    "incomplete_details": None,
}
USAGE = {
    "input_tokens": 3,
    "output_tokens": 4,
    "total_tokens": 7,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}


def numbered(*events: Event) -> list[Event]:
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def begun() -> list[Event]:
    return [{"type": f"response.{state}", "response": RESPONSE} for state in ("created", "in_progress")]


def text_item(place: int, *pieces: str, phase: str | None = None, status: str = "completed") -> tuple[list[Event], Event]:
    """The events of a message, and the message."""
    told = {} if phase is None else {"phase": phase}
    item = {"id": f"msg_{place}", "type": "message", "role": "assistant", "status": "in_progress", "content": [], **told}
    part = {"type": "output_text", "text": "", "annotations": []}
    of = {"item_id": item["id"], "output_index": place, "content_index": 0}
    whole = {**part, "text": "".join(pieces)}
    done = {**item, "status": status, "content": [whole]}
    events = [
        {"type": "response.output_item.added", "output_index": place, "item": item},
        {"type": "response.content_part.added", **of, "part": part},
        *({"type": "response.output_text.delta", **of, "delta": piece, "logprobs": []} for piece in pieces),
        {"type": "response.output_text.done", **of, "text": whole["text"], "logprobs": []},
        {"type": "response.content_part.done", **of, "part": whole},
        {"type": "response.output_item.done", "output_index": place, "item": done},
    ]
    return events, done


def call_item(place: int, name: str, *pieces: str, status: str = "completed") -> tuple[list[Event], Event]:
    """The events of a call, and the call."""
    item = {"id": f"fc_{place}", "type": "function_call", "call_id": f"call_{place}", "name": name, "arguments": ""}
    of = {"item_id": item["id"], "output_index": place}
    done = {**item, "arguments": "".join(pieces), "status": status}
    events = [
        {"type": "response.output_item.added", "output_index": place, "item": {**item, "status": "in_progress"}},
        *({"type": "response.function_call_arguments.delta", **of, "delta": piece} for piece in pieces),
        {"type": "response.function_call_arguments.done", **of, "arguments": done["arguments"], "name": name},
        {"type": "response.output_item.done", "output_index": place, "item": done},
    ]
    return events, done


def stream(*items: tuple[list[Event], Event], status: str = "completed", **more: Any) -> list[Event]:
    last = {**RESPONSE, "status": status, "output": [item for _, item in items], "usage": USAGE, **more}
    return numbered(
        *begun(), *(event for events, _ in items for event in events), {"type": f"response.{status}", "response": last}
    )


REFUSAL = {"type": "refusal", "refusal": "I'm sorry"}
REFUSED: Event = {"id": "msg_0", "type": "message", "role": "assistant", "status": "completed", "content": [REFUSAL]}
_of = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
REFUSING: tuple[list[Event], Event] = (
    [
        {"type": "response.output_item.added", "output_index": 0, "item": {**REFUSED, "status": "in_progress", "content": []}},
        {"type": "response.content_part.added", **_of, "part": {"type": "refusal", "refusal": ""}},
        *({"type": "response.refusal.delta", **_of, "delta": piece} for piece in ("I'm ", "sorry")),
        {"type": "response.refusal.done", **_of, "refusal": "I'm sorry"},
        {"type": "response.output_item.done", "output_index": 0, "item": REFUSED},
    ],
    REFUSED,
)
