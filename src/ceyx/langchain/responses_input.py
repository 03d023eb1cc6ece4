"""Messages of LangChain as input items of the Responses API. Pure; the blocks of earlier answers are `responses_blocks.py`'s."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage

from ceyx.langchain.responses_blocks import Block, as_items, from_v0, is_v0
from ceyx.langchain.translate import Fields, sent_calls, sent_content

CALLS = frozenset({"function_call", "custom_tool_call", "computer_call"})
OF_ASSISTANT = CALLS | frozenset(
    (
        *("web_search_call", "file_search_call", "code_interpreter_call", "mcp_call", "mcp_list_tools", "mcp_approval_request"),
        *("tool_search_call", "tool_search_output", "apply_patch_call", "apply_patch_call_output", "shell_call"),
        *("shell_call_output", "local_shell_call", "program", "program_output", "compaction", "additional_tools"),
    )
)
"""The items of earlier answers that are sent as they came."""
OF_OTHERS = frozenset(
    (
        *("mcp_approval_response", "tool_search_output", "apply_patch_call_output", "shell_call_output"),
        *("local_shell_call_output", "computer_call_output", "custom_tool_call_output", "configuration_update"),
        "additional_tools",
    )
)
"""The items that a program puts among the content of its messages."""
PARTS = frozenset({"input_text", "input_image", "input_file", "input_audio"})


def sent_items(
    messages: Iterable[BaseMessage], *, stored: bool = True, earlier: Iterable[BaseMessage] = ()
) -> list[dict[str, Any]]:
    """`messages` as input items.

    `stored` says whether the server keeps what it answers, so that earlier items are known there by their ids; if it does not,
    reasoning is sent only where it is encrypted. `earlier` are messages that the server has, whose calls are answered here.
    """
    items = _Items(stored)
    for message in earlier:
        if isinstance(message, AIMessage):
            items.note_calls(message)
    for message in messages:
        items.add(message)
    return items.sent


class _Items:
    def __init__(self, stored: bool) -> None:
        self.sent: list[dict[str, Any]] = []
        self._stored = stored
        self._spoken: dict[str, dict[str, Any]] = {}  # messages of answers, by their ids
        self._calls: dict[str, str] = {}  # the kinds of calls, by their ids

    def add(self, message: BaseMessage) -> None:
        if isinstance(message, AIMessage):
            self._answer(message, message.content)
        elif isinstance(message, ToolMessage):
            self.sent.append(self._result(message))
        elif isinstance(message, HumanMessage):
            self._said(message, "user")
        elif isinstance(message, SystemMessage):
            self._said(message, message.additional_kwargs.get("__openai_role__", "system"))
        elif isinstance(message, ChatMessage):
            if message.role == "assistant":
                self._answer(AIMessage(message.content), message.content)
            else:
                self._said(message, message.role)
        else:
            raise TypeError(
                f"a {type(message).__name__} is no message that the Responses API takes; it takes human, AI, system and tool ones"
            )

    # -- earlier answers

    def note_calls(self, message: AIMessage) -> None:
        for block in _blocks_of(message, message.content):
            if block.get("type") in CALLS and block.get("call_id"):
                self._calls[block["call_id"]] = block["type"]

    def _answer(self, message: AIMessage, content: Any) -> None:
        calls = sent_calls(message) or ()
        if not isinstance(content, str) or content or not calls:
            for block in _blocks_of(message, content):
                self._add_block(block, message)
        for call in calls:
            if call["id"] not in self._calls:
                self._add_call(call)

    def _add_block(self, block: Block, message: AIMessage) -> None:
        kind = block.get("type")
        if kind in ("text", "output_text", "refusal"):
            self._add_text(block)
        elif kind == "reasoning":
            if self._stored or block.get("encrypted_content"):
                self.sent.append(_without_index(block))
        elif kind == "image_generation_call":
            if self._stored:
                self.sent.append({"type": kind, "id": block["id"]})
            elif block.keys() - {"type", "id", "index"}:  # an id alone is known to nobody
                self.sent.append(_without_index(block))
        elif kind in OF_ASSISTANT:
            item = _without_index(block)
            if kind in CALLS:
                self._calls[item["call_id"]] = kind
            self.sent.append(_as_edited(item, message) if kind == "function_call" else item)

    def _add_text(self, block: Block) -> None:
        part: dict[str, Any]
        if block["type"] == "refusal":
            part = {"type": "refusal", "refusal": block["refusal"]}
        elif block.get("text") is None:
            return
        else:
            annotations = [sent_annotation(one) for one in block.get("annotations") or ()]
            part = {"type": "output_text", "text": block["text"], "annotations": annotations}
        id_ = block.get("id")
        item = self._spoken.get(id_) if id_ else None
        if item is None:
            item = {"type": "message", "role": "assistant", "content": []}
            if id_:
                self._spoken[id_] = item
                if self._stored and not id_.startswith("lc_"):  # which LangChain made up
                    item["id"] = id_
            self.sent.append(item)
        item["content"].append(part)
        if block.get("phase") is not None:
            item["phase"] = block["phase"]

    def _add_call(self, call: Fields) -> None:
        self._calls[call["id"]] = kind = "custom_tool_call" if "custom" in call else "function_call"
        given: Fields = call.get("custom") or call["function"]
        field = "input" if "custom" in call else "arguments"
        self.sent.append({"type": kind, "name": given["name"], field: given[field], "call_id": call["id"]})

    # -- what tools gave

    def _result(self, message: ToolMessage) -> dict[str, Any]:
        id_, more, content = message.tool_call_id, message.additional_kwargs, message.content
        of = self._calls.get(id_)
        parts = None if isinstance(content, str) else _unwrapped(sent_content(content, role="tool", api="responses"))
        for part in parts or ():
            if isinstance(part, dict) and part.get("type") in OF_OTHERS:
                if part["type"] == "custom_tool_call_output":
                    return {**part, "call_id": part.get("call_id") or id_, "output": part.get("output") or ""}
                return self._checked({"call_id": id_, **_without_index(part)}, more)
        output: Any = content if parts is None else _parts(parts)
        if more.get("type") == "computer_call_output" or of == "computer_call":
            screen = _screen(output)
            if screen is not None:
                return self._checked({"call_id": id_, "type": "computer_call_output", "output": screen}, more)
        if output is None:
            output = json.dumps(parts, ensure_ascii=False, default=str)
        kind = "custom_tool_call_output" if of == "custom_tool_call" else "function_call_output"
        return {"type": kind, "output": output, "call_id": id_}

    def _checked(self, item: dict[str, Any], more: Fields) -> dict[str, Any]:
        """`item`, with the safety checks that were acknowledged."""
        name = "acknowledged_safety_checks"
        return {**item, name: more[name]} if name in more else item

    # -- what others say

    def _said(self, message: BaseMessage, role: str) -> None:
        content = message.content
        if isinstance(content, str):
            self.sent.append({"type": "message", "role": role, "content": content})
            return
        parts = []
        for block in _unwrapped(sent_content(content, role=role, api="responses")):
            if (part := _part(block)) is not None:
                parts.append(part)
            elif (kind := block.get("type")) in OF_OTHERS:
                self.sent.append(block)
            else:
                what = f"a block of type {kind!r} in a {message.type} message has no place in the input of the Responses API"
                warnings.warn(f"{what}, so it was dropped", UserWarning, stacklevel=2)
        if parts:
            self.sent.append({"type": "message", "role": role, "content": parts})


def _blocks_of(message: AIMessage, content: Any) -> list[Block]:
    """The content of an answer as the API has it."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else block for block in content]
    blocks = sent_content(blocks, role="assistant", api="responses")
    return as_items(from_v0(message, blocks) if is_v0(message, content) else blocks, message.tool_calls)


def _as_edited(item: Block, message: AIMessage) -> Block:
    """A call as `tool_calls` has it, where a program changed its arguments there after the model had made it."""
    for call in message.tool_calls:
        if call["id"] == item["call_id"]:
            try:
                as_made = json.loads(item.get("arguments") or "{}", strict=False)
            except ValueError:  # cut: what was read of them is no better
                return item
            if as_made != call["args"]:
                return {**item, "name": call["name"], "arguments": json.dumps(call["args"], ensure_ascii=False)}
    return item


def _without_index(block: Fields) -> Block:
    """A block without the numbers by which LangChain adds up chunks."""
    made = {name: value for name, value in block.items() if name != "index"}
    if made.get("type") == "reasoning":
        for name in ("summary", "content"):
            if isinstance(parts := made.get(name), list):
                made[name] = [{key: value for key, value in part.items() if key != "index"} for part in parts]
    return made


def sent_annotation(annotation: Fields) -> Fields:
    """An annotation as the API has it; see `responses_answers.kept_annotation`."""
    if "file_index" not in annotation:
        return annotation
    return {"index" if name == "file_index" else name: value for name, value in annotation.items()}


def _unwrapped(blocks: Any) -> list[Any]:
    return [
        block["value"] if isinstance(block, dict) and block.get("type") == "non_standard" and "value" in block else block
        for block in blocks
    ]


def _part(block: Any) -> dict[str, Any] | None:
    """A block as a part of content; None for one that is none."""
    if isinstance(block, str):
        return {"type": "input_text", "text": block}
    kind = block.get("type")
    if kind in PARTS:
        return block  # type: ignore[no-any-return]
    if kind == "text":
        made = {"type": "input_text", "text": block["text"]}
    elif kind == "image_url":
        image = block["image_url"]
        made = {"type": "input_image", "image_url": image if isinstance(image, str) else image["url"]}
        if isinstance(image, Mapping) and image.get("detail"):
            made["detail"] = image["detail"]
    elif kind == "file" and isinstance(block.get("file"), Mapping):
        made = {"type": "input_file", **block["file"]}
    else:
        return None
    if "prompt_cache_breakpoint" in block:
        made["prompt_cache_breakpoint"] = block["prompt_cache_breakpoint"]
    return made


def _parts(blocks: Sequence[Any]) -> list[dict[str, Any]] | None:
    """`blocks` as parts of content; None where not all of them are."""
    parts = [part for block in blocks if (part := _part(block)) is not None]
    return parts if len(parts) == len(blocks) else None


def _screen(output: Any) -> dict[str, Any] | None:
    """What a computer shows: its first picture, or the address of one."""
    if isinstance(output, str):
        return {"type": "input_image", "image_url": output}
    return next((part for part in output or () if part["type"] == "input_image"), None)
