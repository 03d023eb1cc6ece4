"""Items of responses and conversations: checked and with ids as they are kept, and the chat messages they amount to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ceyx.service.bodies import (
    Assistant,
    Audio,
    AudioData,
    Called,
    CallMade,
    CustomCalled,
    Developer,
    File,
    Image,
    ImageURL,
    Message,
    Part,
    Refused,
    System,
    Text,
    ToolResult,
    User,
)
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.routes.usage import identifier

Item: TypeAlias = dict[str, Any]

PREFIXES = {
    "message": "msg_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "custom_tool_call": "ctc_",
    "custom_tool_call_output": "ctco_",
    "reasoning": "rs_",
    "compaction": "cmp_",
    "web_search_call": "ws_",
    "file_search_call": "fs_",
    "image_generation_call": "ig_",
    "code_interpreter_call": "ci_",
    "computer_call": "cu_",
    "computer_call_output": "cuo_",
    "mcp_call": "mcp_",
    "mcp_list_tools": "mcpl_",
    "mcp_approval_request": "mcpr_",
    "mcp_approval_response": "mcpa_",
}
"""How the ids of each kind of item begin."""
_OTHERS = """
    additional_tools apply_patch_call apply_patch_call_output compaction_trigger local_shell_call local_shell_call_output program
    program_output shell_call shell_call_output tool_search_call tool_search_output
"""
KINDS = {*PREFIXES, *_OTHERS.split()}
_ROLES = ("user", "assistant", "system", "developer")
_PARTS = ("input_text", "output_text", "input_image", "input_file", "input_audio", "refusal", "text", "summary_text")
_NEEDED: dict[str, dict[str, Any]] = {
    "function_call": {"call_id": str, "name": str, "arguments": str},
    "custom_tool_call": {"call_id": str, "name": str, "input": str},
    "function_call_output": {"call_id": str, "output": (str, list)},
    "custom_tool_call_output": {"call_id": str, "output": (str, list)},
}


def new_id(kind: str) -> str:
    return identifier(PREFIXES.get(kind, "item_"))


def kept(given: str | list[Item] | None, param: str = "input") -> list[Item]:
    """What a request gives, as items that are whole. Raises Refusal for what is none."""
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    return [_kept(item, f"{param}[{i}]") for i, item in enumerate(given or ())]


def _kept(item: Item, param: str) -> Item:
    kind = item.get("type") or ("message" if "role" in item else "item_reference")
    if kind == "item_reference":
        _check_field(item, "id", str, param)
        return {"type": kind, "id": item["id"]}
    if not isinstance(kind, str) or kind not in KINDS:
        message = f"Invalid value for '{param}.type': {str(kind)[:60]!r} is no kind of item."
        raise bad_request(message, f"{param}.type", "invalid_value")
    for name, wanted in _NEEDED.get(kind, {}).items():
        _check_field(item, name, wanted, param)
    given = item.get("id")
    whole = {"id": given if isinstance(given, str) and given else new_id(kind), "type": kind, **_rest(item)}
    if kind == "message":
        return {**whole, **_message(item, param)}
    if kind in _NEEDED:
        whole["status"] = item.get("status") or "completed"
    if isinstance(whole.get("output"), list):
        whole["output"] = [_part(part, f"{param}.output[{i}]") for i, part in enumerate(whole["output"])]
    return whole


def _rest(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in ("id", "type")}


def _check_field(item: Item, name: str, wanted: Any, param: str) -> None:
    if item.get(name) is None:
        raise bad_request(f"Missing required parameter: '{param}.{name}'.", f"{param}.{name}", "missing_required_parameter")
    if not isinstance(item[name], wanted):
        message = f"Invalid type for '{param}.{name}': got {type(item[name]).__name__}."
        raise bad_request(message, f"{param}.{name}", "invalid_type")


def _message(item: Item, param: str) -> Item:
    role = item.get("role")
    if role not in _ROLES:
        message = f"Invalid value for '{param}.role': expected one of {', '.join(_ROLES)}; got {str(role)[:40]!r}."
        raise bad_request(message, f"{param}.role", "invalid_value")
    _check_field(item, "content", (str, list), param)
    content = item["content"]
    if isinstance(content, str):
        content = [{"type": "output_text" if role == "assistant" else "input_text", "text": content}]
    parts = [_part(part, f"{param}.content[{i}]") for i, part in enumerate(content)]
    return {"status": item.get("status") or "completed", "role": role, "content": parts}


def _part(part: Any, param: str) -> Item:
    if not isinstance(part, dict):
        raise bad_request(f"Invalid type for '{param}': expected an object.", param, "invalid_type")
    kind = part.get("type")
    if kind not in _PARTS:
        message = f"Invalid value for '{param}.type': {str(kind)[:40]!r} is no kind of content; here are {', '.join(_PARTS[:6])}."
        raise bad_request(message, f"{param}.type", "invalid_value")
    if kind == "refusal" or kind.endswith("text"):
        _check_field(part, "refusal" if kind == "refusal" else "text", str, param)
    return {**part, "annotations": part.get("annotations") or []} if kind == "output_text" else part


def messages(items: Iterable[Item]) -> list[Message]:
    """The messages of a chat that these items are. Raises Refusal where calls and their outputs do not belong together."""
    made: list[Message] = []
    calls: dict[str, bool] = {}
    for item in items:
        match item["type"]:
            case "message":
                made.append(_spoken(item))
            case "function_call" | "custom_tool_call":
                calls[item["call_id"]] = False
                call = _call(item)
                if made and isinstance(made[-1], Assistant):
                    made[-1].tool_calls = [*(made[-1].tool_calls or ()), call]
                else:
                    made.append(Assistant(tool_calls=[call]))
            case "function_call_output" | "custom_tool_call_output":
                if item["call_id"] not in calls:
                    raise _lonely("call", "output", item["call_id"])
                calls[item["call_id"]] = True
                output = item["output"]
                made.append(
                    ToolResult(output if isinstance(output, str) else [_content(part) for part in output], item["call_id"])
                )
            case _:  # of tools that run at the provider, and thoughts: they say nothing here
                pass
    for call_id, answered in calls.items():
        if not answered:
            raise _lonely("output", "call", call_id)
    return made


def _lonely(missing: str, there: str, call_id: str) -> Refusal:
    what = {"call": "tool call", "output": "tool output"}[missing]
    return bad_request(f"No {what} found for function call{' output' * (there == 'output')} {call_id[:64]}.", "input")


def _spoken(item: Item) -> Message:
    content = [_content(part) for part in item["content"]]
    match item["role"]:
        case "assistant":
            return Assistant(content)
        case "system":
            return System(content)
        case "developer":
            return Developer(content)
        case _:
            return User(content)


def _content(part: Item) -> Part:
    match part["type"]:
        case "input_image":
            return Image(ImageURL(str(part.get("image_url") or part.get("file_id") or "")))
        case "input_audio":
            return Audio(AudioData("", ""))
        case "input_file":
            return File(part)
        case "refusal":
            return Refused(part["refusal"])
        case _:
            return Text(part["text"])


def _call(item: Item) -> CallMade:
    if item["type"] == "custom_tool_call":
        return CallMade(item["call_id"], "custom", custom=CustomCalled(item["name"], item["input"]))
    return CallMade(item["call_id"], function=Called(item["name"], item["arguments"]))
