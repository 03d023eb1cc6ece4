"""Content of earlier answers as items of the Responses API, from LangChain's v1 form and from the oldest, v0; and into v0.

Pure, and of one message's content: what items a conversation amounts to is for `responses_input.py` to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from langchain_core.messages import AIMessage

Block = dict[str, Any]
IDS = "__openai_function_call_ids__"
"""Where v0 has the ids of function calls."""
_IN_V0 = ("reasoning", "tool_outputs", "refusal", IDS)
_ORDER = (
    *("reasoning", "code_interpreter_call", "mcp_call", "image_generation_call", "text", "refusal", "function_call"),
    *("computer_call", "mcp_list_tools", "mcp_approval_request"),
)
"""v0 does not say in which order things came; the API takes them in this one."""
_KEPT_ASIDE = frozenset(
    (
        *("web_search_call", "file_search_call", "computer_call", "code_interpreter_call", "mcp_call", "mcp_list_tools"),
        *("mcp_approval_request", "image_generation_call", "tool_search_call", "tool_search_output", "apply_patch_call"),
        "apply_patch_call_output",
    )
)
"""The items that v0 has in `tool_outputs`, and not among its content."""

# ---- v1


def as_items(blocks: Iterable[Block], calls: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Blocks of an answer with those of v1 put in the API's own form; the rest as they are."""
    blocks = list(blocks)
    results = {block.get("tool_call_id"): block for block in blocks if block.get("type") == "server_tool_result"}
    made: list[Block] = []
    thought: Block | None = None  # what the block before was part of
    for block in blocks:
        kind = block.get("type")
        before, thought = thought, None
        if kind == "reasoning" and "summary" not in block:
            if before is not None and "reasoning" in block and before.get("id") == block.get("id"):
                before["summary"].append(_summary(block))
                thought = before
            else:
                item = _thought(block)
                made.append(item)
                thought = item if "reasoning" in block else None
        elif kind == "text" and block.get("annotations"):
            made.append({**block, "annotations": [_annotation(one) for one in block["annotations"]]})
        elif kind == "tool_call":
            made.append(_function_call(block, calls))
        elif kind == "server_tool_call":
            if (read := _SERVER_CALLS.get(block.get("name") or "")) is not None:
                result = results.get(block.get("id"))
                if result is not None or read is _tool_search:
                    made.append(read(block, block.get("extras") or {}, result or {}))
        elif kind == "server_tool_result":
            if (block.get("extras") or {}).get("name") == "tool_search":
                made.append(_tool_search_output(block))
        elif kind == "image" and "base64" in block and str(block.get("id")).startswith("ig_"):
            status = block.get("status") or (block.get("extras") or {}).get("status")
            image = {"type": "image_generation_call", "result": block["base64"], "id": block["id"]}
            made.append({**image, "status": status} if status else image)
        elif kind == "non_standard" and isinstance(block.get("value"), dict):
            made.append(block["value"])
        else:
            made.append(block)
    return made


def _thought(block: Block) -> Block:
    """The item that this block begins."""
    item = {name: value for name, value in block.items() if name not in ("reasoning", "extras")}
    return {**item, **(block.get("extras") or {}), "summary": [_summary(block)] if "reasoning" in block else []}


def _summary(block: Block) -> Block:
    return {"type": "summary_text", "text": block.get("reasoning") or ""}


def _annotation(given: Mapping[str, Any]) -> Any:
    kind = given.get("type")
    if kind == "non_standard_annotation":
        return given["value"]
    if kind != "citation":
        return dict(given)
    made = {name: given[name] for name in ("end_index", "start_index") if name in given}
    extras = given.get("extras") or {}
    if "url" in given:
        title = {"title": given["title"]} if "title" in given else {}
        return {**made, **title, "type": "url_citation", "url": given["url"], **extras}
    name = {"filename": given["title"]} if "title" in given else {}
    return {**made, "type": "file_citation", **extras, **name}


def _function_call(block: Block, calls: Iterable[Mapping[str, Any]]) -> Block:
    extras = block.get("extras") or {}
    made: Block = {"type": "function_call", "call_id": block.get("id")}
    if "item_id" in extras:
        made["id"] = extras["item_id"]
    call = next((call for call in calls if call.get("id") == block.get("id")), block)
    made["name"] = block.get("name") or call.get("name")
    made["arguments"] = extras.get("arguments") or json.dumps(call.get("args") or {}, separators=(",", ":"), ensure_ascii=False)
    made.update({name: extras[name] for name in ("status", "namespace", "async") if name in extras})
    return made


def _status(result: Mapping[str, Any]) -> Block:
    status = result.get("status")
    told = {"success": "completed", "error": "failed"}.get(str(status)) if status else (result.get("extras") or {}).get("status")
    return {"status": told} if told else {}


def _web_search(call: Block, extras: Block, result: Block) -> Block:
    action = {"action": call["args"]} if call.get("args") else {}  # less the sources, which the API does not take back
    return {"type": "web_search_call", "id": call["id"], **action, **_status(result)}


def _file_search(call: Block, extras: Block, result: Block) -> Block:
    queries = (call.get("args") or {}).get("queries")
    made: Block = {"type": "file_search_call", "id": call["id"], **({} if queries is None else {"queries": queries})}
    if "output" in result:
        made["results"] = result["output"]
    return {**made, **_status(result)}


def _code_interpreter(call: Block, extras: Block, result: Block) -> Block:
    made: Block = {"type": "code_interpreter_call", "id": call["id"]}
    if "code" in (call.get("args") or {}):
        made["code"] = call["args"]["code"]
    if (container := call.get("container_id") or extras.get("container_id")) is not None:
        made["container_id"] = container
    if "output" in result:
        made["outputs"] = result["output"]
    return {**made, **_status(result)}


def _mcp_call(call: Block, extras: Block, result: Block) -> Block:
    more = {name: value for name, value in extras.items() if name not in ("arguments", "tool_name")}
    made: Block = {"type": "mcp_call", "id": call["id"], **more}
    if "args" in call:
        made["arguments"] = json.dumps(call["args"], separators=(",", ":"), ensure_ascii=False)
    elif "arguments" in extras:
        made["arguments"] = extras["arguments"]
    if extras.get("tool_name"):
        made["name"] = extras["tool_name"]
    return {**made, **_outcome(result, "output")}


def _mcp_list_tools(call: Block, extras: Block, result: Block) -> Block:
    return {"type": "mcp_list_tools", "id": call["id"], **extras, **_outcome(result, "tools")}


def _outcome(result: Block, name: str) -> Block:
    """What a call of an MCP server came to: its output, by this name, and its error."""
    made = {name: result["output"]} if "output" in result else {}
    if error := (result.get("extras") or {}).get("error"):
        made["error"] = error
    return made


def _tool_search(call: Block, extras: Block, result: Block) -> Block:
    made: Block = {"type": "tool_search_call", "id": call["id"]}
    made.update({name: extras[name] for name in ("status", "execution") if extras.get(name)})
    return {**made, "arguments": call["args"]} if "args" in call else made


def _tool_search_output(result: Block) -> Block:
    made = {"type": "tool_search_output", "id": result.get("tool_call_id") or "", "execution": "server", **_status(result)}
    output = result.get("output")
    return {**made, "tools": output["tools"]} if isinstance(output, dict) and "tools" in output else made


_SERVER_CALLS: dict[str, Callable[[Block, Block, Block], Block]] = {
    "web_search": _web_search,
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
    "remote_mcp": _mcp_call,
    "mcp_list_tools": _mcp_list_tools,
    "tool_search": _tool_search,
}

# ---- v0


def is_v0(message: AIMessage, blocks: Iterable[Any]) -> bool:
    """Whether an answer is in the form that keeps what is no text in `additional_kwargs`."""
    if not all(isinstance(block, dict) for block in blocks):
        return False
    if any(name in message.additional_kwargs for name in _IN_V0):
        return True
    of_response = str(message.response_metadata.get("id")).startswith("resp_")
    return of_response and str(message.id).startswith("msg_")


def from_v0(message: AIMessage, blocks: Iterable[Block]) -> list[Block]:
    """All blocks of an answer in v0, in an order that the API takes."""
    more = message.additional_kwargs
    found: list[Block] = []
    if reasoning := more.get("reasoning"):
        found.append({**reasoning, "type": "reasoning"})
    id_ = message.id if str(message.id).startswith("msg_") else None
    found += [{**block, "id": id_} if id_ and block.get("type") == "text" else block for block in blocks]
    if refusal := more.get("refusal"):
        found.append({"type": "refusal", "refusal": refusal})
    ids = more.get(IDS) or {}
    for call in message.tool_calls:
        if any(block.get("call_id") == call["id"] for block in found):  # of a custom tool
            continue
        arguments = json.dumps(call["args"], ensure_ascii=False)
        made = {"type": "function_call", "name": call["name"], "arguments": arguments, "call_id": call["id"]}
        found.append({**made, "id": ids[call["id"]]} if call["id"] in ids else made)
    found += more.get("tool_outputs") or ()
    return sorted(found, key=_place)


def _place(block: Block) -> int:
    kind = block.get("type")
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def as_v0(
    blocks: Iterable[Block], more: dict[str, Any], id_: str | None, *, reasons: bool = False
) -> tuple[list[Block], str | None]:
    """Content and id in v0 of a message, or of a chunk, into whose `more` goes what is no text.

    `reasons` says that an earlier chunk has said of which item the reasoning is.
    """
    content: list[Block] = []
    for block in blocks:
        kind = block.get("type")
        if kind == "reasoning":
            left_out = ("index", "id", "type") if reasons else ("index",)
            more["reasoning"] = {name: value for name, value in block.items() if name not in left_out}
        elif kind in _KEPT_ASIDE:
            more.setdefault("tool_outputs", []).append(block)
        elif kind == "function_call":
            ids = more.setdefault(IDS, {})
            if block.get("call_id") and block.get("id"):
                ids[block["call_id"]] = block["id"]
        elif kind == "refusal" and block.get("refusal"):
            more["refusal"] = block["refusal"]
        elif kind == "text":
            id_ = block.get("id", id_)
            content.append({name: value for name, value in block.items() if name != "id"})
        else:
            content.append(block)
    return content, None if id_ is not None and id_.startswith("resp_") else id_
