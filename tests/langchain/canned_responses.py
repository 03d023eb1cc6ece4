"""Responses as the API gives them, whole and as events, with every kind of item; for tests of what LangChain makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Item = dict[str, Any]
USAGE = {
    "input_tokens": 31,
    "input_tokens_details": {"cached_tokens": 16, "cache_write_tokens": 2},
    "output_tokens": 8,
    "output_tokens_details": {"reasoning_tokens": 4},
    "total_tokens": 39,
}


def response(*output: Item, **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1.0,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": "gpt-4o-2024-08-06",
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": USAGE,
        "service_tier": "default",
        "metadata": {"of": "me"},
        "user": None,
        **more,
    }


def text(said: str, *annotations: Item, **more: Any) -> Item:
    return {"type": "output_text", "text": said, "annotations": list(annotations), "logprobs": [], **more}


def message(*parts: Item, id: str = "msg_1", **more: Any) -> Item:
    content = list(parts) or [text("J'adore la programmation.")]
    return {"type": "message", "id": id, "role": "assistant", "status": "completed", "content": content, **more}


def call(name: str, arguments: str, number: int = 1, **more: Any) -> Item:
    ids = {"id": f"fc_{number}", "call_id": f"call_{number}"}
    return {"type": "function_call", "name": name, "arguments": arguments, "status": "completed", **ids, **more}


REFUSAL = {"type": "refusal", "refusal": "I will not."}
THOUGHT: Item = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "First."}, {"type": "summary_text", "text": "Then that."}],
    "encrypted_content": "c2VjcmV0",
}
URL = {"type": "url_citation", "url": "https://x/y", "title": "Y", "start_index": 0, "end_index": 3}
FILE = {"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 7}
PATH = {"type": "file_path", "file_id": "file_2", "index": 7}
CUSTOM: Item = {
    "type": "custom_tool_call",
    "id": "ctc_1",
    "call_id": "call_9",
    "name": "do_math",
    "input": "3 * 3",
    "status": "completed",
}
BUILT_IN: list[Item] = [
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "rome"}},
    {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["rome"], "results": [{"text": "Rome"}]},
    {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "status": "completed",
        "code": "print(1)",
        "container_id": "cntr_1",
        "outputs": [{"type": "logs", "logs": "1"}],
    },
    {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": [{"name": "t", "input_schema": {"type": "object"}}]},
    {"type": "mcp_call", "id": "mcp_1", "server_label": "s", "name": "t", "arguments": '{"a":1}', "output": "done"},
    {"type": "mcp_approval_request", "id": "mcpr_1", "server_label": "s", "name": "t", "arguments": "{}"},
    {
        "type": "computer_call",
        "id": "cu_1",
        "call_id": "call_7",
        "status": "completed",
        "action": {"type": "screenshot"},
        "pending_safety_checks": [{"id": "sc_1", "code": "c", "message": "m"}],
    },
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "aGk=", "output_format": "png"},
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "c2hvcnQ="},
]


def events(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """What a server that streams this response sends, but for `[DONE]`."""
    return [{**event, "sequence_number": number} for number, event in enumerate(_events(whole))]


def _events(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for place, item in enumerate(whole["output"]):
        empty = {"content": [], "summary": [], "arguments": "", "input": "", "status": "in_progress"}
        opened = {name: empty.get(name, value) for name, value in item.items() if name != "encrypted_content"}
        yield {"type": "response.output_item.added", "output_index": place, "item": opened}
        at = {"item_id": item["id"], "output_index": place}
        yield from {"message": _said, "reasoning": _thought, "function_call": _called}.get(item["type"], _ran)(item, at)
        yield {"type": "response.output_item.done", "output_index": place, "item": item}
    yield {"type": f"response.{whole['status']}", "response": whole}


def _said(item: Item, at: Item) -> Iterator[Item]:
    for number, part in enumerate(item["content"]):
        here = {**at, "content_index": number}
        yield {"type": "response.content_part.added", **here, "part": {"type": part["type"], "text": "", "refusal": ""}}
        if part["type"] == "refusal":
            yield {"type": "response.refusal.delta", **here, "delta": part["refusal"]}
            yield {"type": "response.refusal.done", **here, "refusal": part["refusal"]}
            continue
        half = len(part["text"]) // 2
        likely = part["logprobs"]
        for piece, logprobs in ((part["text"][:half], likely[:1]), (part["text"][half:], likely[1:])):
            yield {"type": "response.output_text.delta", **here, "delta": piece, "logprobs": logprobs}
        for index, annotation in enumerate(part["annotations"]):
            yield {"type": "response.output_text.annotation.added", **here, "annotation_index": index, "annotation": annotation}
        yield {"type": "response.output_text.done", **here, "text": part["text"], "logprobs": likely}
        yield {"type": "response.content_part.done", **here, "part": part}


def _thought(item: Item, at: Item) -> Iterator[Item]:
    for number, part in enumerate(item["summary"]):
        here = {**at, "summary_index": number}
        yield {"type": "response.reasoning_summary_part.added", **here, "part": {**part, "text": ""}}
        for piece in (part["text"][:3], part["text"][3:]):
            yield {"type": "response.reasoning_summary_text.delta", **here, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
    for number, part in enumerate(item.get("content") or ()):
        yield {"type": "response.reasoning_text.delta", **at, "content_index": number, "delta": part["text"]}


def _called(item: Item, at: Item) -> Iterator[Item]:
    for piece in (item["arguments"][:4], item["arguments"][4:]):
        yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
    yield {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"], "name": item["name"]}


def _ran(item: Item, at: Item) -> Iterator[Item]:
    if item["type"] == "image_generation_call":
        partial = {"partial_image_b64": "aA==", "partial_image_index": 0}
        yield {"type": "response.image_generation_call.partial_image", **at, **partial}
