"""What a provider would answer where this service has no route: the shape its clients expect, with our words in it."""

from __future__ import annotations

from typing import Any

from ceyx.service.engines.local import WHO
from ceyx.service.faults.answer import Answer, Asked, event, stream, whole
from ceyx.service.tokens import pieces
from ceyx.wire.sse import DONE, encoded

_USAGE = {"prompt_tokens": 8, "completion_tokens": 12, "total_tokens": 20}


def plausible(asked: Asked) -> Answer:
    """An answer in the shape of a chat for what streams or completes, else of an empty list."""
    model = asked.deployment or "gpt-4o"
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
