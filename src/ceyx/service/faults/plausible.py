"""What a provider would answer where this service has no route: the shape its clients expect, with our words in it."""

from __future__ import annotations

from typing import Any

from ceyx.service.engines.local import WHO
from ceyx.service.faults.answer import Answer, Asked, event, stream, whole
from ceyx.service.tokens import pieces
from ceyx.wire.sse import DONE, encoded

_USAGE = {"prompt_tokens": 8, "completion_tokens": 12, "total_tokens": 20}
_RESPONSE_USAGE = {
    "input_tokens": 8,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 20,
}


def plausible(asked: Asked) -> Answer:
    """An answer in the shape of the path: a Responses stream for /responses, a chat's for what streams otherwise."""
    model = asked.deployment or "gpt-4o"
    if asked.path.rstrip("/").endswith("/responses"):
        return stream(*_response_events(model)) if asked.streams else whole(_response(model, "completed"))
    if asked.streams:
        return stream(*_chunks(model, [{"content": piece} for piece in pieces(WHO)], "stop"))
    if asked.path.rstrip("/").endswith("/completions"):
        return whole(_chat(model, {"role": "assistant", "content": WHO, "refusal": None}, "stop"))
    return whole({"object": "list", "data": []})


def tool_call(asked: Asked, whole_call: bool) -> Answer:
    """A chat's answer that calls a tool: one the request has, else `get_weather`."""
    tools: Any = asked.fields.get("tools") or [{}]
    function: Any = tools[0].get("function") if isinstance(tools, list) and isinstance(tools[0], dict) else None
    name = str(function.get("name")) if isinstance(function, dict) else "get_weather"
    arguments = '{"city": "Oslo", "note": "' + WHO + '"}'
    model = asked.deployment or "gpt-4o"
    begun = {"id": "call_ceyx_local_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    if whole_call:
        return whole(_chat(model, {"role": "assistant", "content": None, "tool_calls": [begun]}, "tool_calls"))
    deltas: list[dict[str, Any]] = [{"tool_calls": [{"index": 0, **begun, "function": {"name": name, "arguments": ""}}]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces(arguments)]
    return stream(*_chunks(model, deltas, "tool_calls"))


def _chat(model: str, message: dict[str, Any], finish: str) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    head = {"id": "chatcmpl-ceyx-local", "object": "chat.completion", "created": 1_715_367_049, "model": model}
    return {**head, "choices": [choice], "usage": _USAGE}


def _chunks(model: str, deltas: list[dict[str, Any]], finish: str) -> list[bytes]:
    head = {"id": "chatcmpl-ceyx-local", "object": "chat.completion.chunk", "created": 1_715_367_049, "model": model}
    opened: dict[str, Any] = {"role": "assistant", "content": None if "tool_calls" in deltas[0] else ""}
    made = [
        event({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]})
        for delta, reason in [*((each, None) for each in (opened, *deltas)), ({}, finish)]
    ]
    return [*made, encoded(DONE)]


def _response(model: str, status: str, *output: dict[str, Any]) -> dict[str, Any]:
    done = status == "completed"
    return {
        "id": "resp_ceyx_local",
        "object": "response",
        "created_at": 1_715_367_049,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": list(output) or ([_message("completed", WHO)] if done else []),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": _RESPONSE_USAGE if done else None,
    }


def _message(status: str, text: str | None) -> dict[str, Any]:
    content = [] if text is None else [_text(text)]
    return {"id": "msg_ceyx_local", "type": "message", "status": status, "role": "assistant", "content": content}


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def _response_events(model: str) -> list[bytes]:
    item = {"item_id": "msg_ceyx_local", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response(model, "in_progress")},
        {"type": "response.in_progress", "response": _response(model, "in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": _message("in_progress", None)},
        {"type": "response.content_part.added", **item, "part": _text("")},
        *({"type": "response.output_text.delta", **item, "delta": piece, "logprobs": []} for piece in pieces(WHO)),
        {"type": "response.output_text.done", **item, "text": WHO, "logprobs": []},
        {"type": "response.content_part.done", **item, "part": _text(WHO)},
        {"type": "response.output_item.done", "output_index": 0, "item": _message("completed", WHO)},
        {"type": "response.completed", "response": _response(model, "completed")},
    ]
    return [event({**each, "sequence_number": place}, each["type"]) for place, each in enumerate(events)]
