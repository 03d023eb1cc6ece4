"""Messages of LangChain as messages of chat completions, and answers as messages. Pure: no requests, no settings of a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    is_data_content_block,
)
from langchain_core.messages.block_translators.openai import convert_to_openai_data_block

from ceyx.langchain.making import ai_message
from ceyx.wire.view import View, plain

Fields = Mapping[str, Any]
API = Literal["chat/completions", "responses"]
UNSENT = frozenset({"tool_use", "thinking", "reasoning_content"})  # blocks of other providers that no API of OpenAI takes
UNSENT_IN_CHATS = frozenset({"function_call", "code_interpreter_call"})  # what responses have as items of their own
UNSENT_OF_ASSISTANT = frozenset({"reasoning", "tool_call", "invalid_tool_call"})  # in v1 content; calls are sent beside it
REASONING = ("reasoning_content", "reasoning_details")  # what compatible servers may want back; OpenAI's refuse it
_SOUND = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav"}  # what the API calls sound of these MIME types

# ---- out


def sent_messages(messages: Iterable[BaseMessage], *, reasoning: bool = False) -> list[dict[str, Any]]:
    """`messages` as chat completions take them; with `reasoning`, also what the model thought, for servers that want it back."""
    return [sent_message(message, reasoning=reasoning) for message in messages]


def sent_message(message: BaseMessage, *, reasoning: bool = False) -> dict[str, Any]:
    """One message as chat completions take it. TypeError for a kind of message that they do not have."""
    if isinstance(message, HumanMessage):
        return _named(message, {"role": "user", "content": sent_content(message.content, role="user")})
    if isinstance(message, AIMessage):
        return _of_assistant(message, reasoning)
    if isinstance(message, SystemMessage):
        role = message.additional_kwargs.get("__openai_role__", "system")
        return _named(message, {"role": role, "content": sent_content(message.content, role=role)})
    if isinstance(message, ToolMessage):
        content = sent_content(message.content, role="tool")
        return {"role": "tool", "content": _only_text(content), "tool_call_id": message.tool_call_id}
    if isinstance(message, FunctionMessage):
        return _named(message, {"role": "function", "content": sent_content(message.content, role="function")})
    if isinstance(message, ChatMessage):
        return _named(message, {"role": message.role, "content": sent_content(message.content, role=message.role)})
    raise TypeError(
        f"a {type(message).__name__} is no message that chat completions take; they take human, AI, system, tool ones"
    )


def _named(message: BaseMessage, sent: dict[str, Any]) -> dict[str, Any]:
    if (name := message.name or message.additional_kwargs.get("name")) is not None:
        sent["name"] = name
    return sent


def _of_assistant(message: AIMessage, reasoning: bool) -> dict[str, Any]:
    content, more = message.content, message.additional_kwargs
    if not isinstance(content, str):
        kept = [block for block in content if not (isinstance(block, dict) and block.get("type") in UNSENT_OF_ASSISTANT)]
        content = sent_content(_only_text(kept), role="assistant")
    sent = _named(message, {"role": "assistant", "content": content})
    if (calls := sent_calls(message)) is not None:
        sent["tool_calls"] = calls
    elif "function_call" in more:
        sent["function_call"] = more["function_call"]
    if "tool_calls" in sent or "function_call" in sent:
        sent["content"] = content or None
    if (audio := _spoken(message)) is not None:
        sent["audio"] = audio
    if reasoning:
        sent.update({name: more[name] for name in REASONING if more.get(name)})
    return sent


def sent_calls(message: AIMessage) -> list[dict[str, Any]] | None:
    """The tool calls of an answer as chat completions take them; None where it has none."""
    more = message.additional_kwargs
    if message.tool_calls or message.invalid_tool_calls:
        custom = {call.get("id") for call in more.get("tool_calls") or () if "custom" in call}
        return [
            *(
                _sent_custom(call["id"], call["name"], call["args"])
                if call["id"] in custom
                else _sent_call(call["id"], call["name"], json.dumps(call["args"], ensure_ascii=False))
                for call in message.tool_calls
            ),
            *(_sent_call(call["id"], call["name"], call["args"] or "") for call in message.invalid_tool_calls),
        ]
    if "tool_calls" not in more or "model_provider" in message.response_metadata:
        return None  # where an answer says who made it, its calls were read, and a program that emptied `tool_calls` meant it
    return [{name: call[name] for name in ("id", "type", "function", "custom") if name in call} for call in more["tool_calls"]]


def _sent_call(id: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    return {"type": "function", "id": id, "function": {"name": name, "arguments": arguments}}


def _sent_custom(id: str | None, name: str, args: Fields) -> dict[str, Any]:
    return {"type": "custom", "id": id, "custom": {"name": name, "input": args.get("__arg1") or ""}}


def _spoken(message: AIMessage) -> dict[str, Any] | None:
    """How the API names an answer that was spoken: by its id, as it does not take the sound back."""
    for block in message.content:
        if isinstance(block, dict) and block.get("type") == "audio" and block.get("id"):
            return {"id": block["id"]}
    audio = message.additional_kwargs.get("audio")
    return {"id": audio["id"]} if audio and "id" in audio else audio or None


def sent_content(content: Any, *, role: str = "user", api: API = "chat/completions") -> Any:
    """Content as the API takes it: v1 and Anthropic's blocks become its own, what it does not know of others is left out.

    ValueError for `additional_tools` where they cannot be.
    """
    if not content or not isinstance(content, list):
        return content
    sent = []
    for block in content:
        if not isinstance(block, dict):
            sent.append(block)
        elif (made := _sent_block(block, role, api)) is not None:
            sent.append(made)
    return sent


def _sent_block(block: dict[str, Any], role: str, api: API) -> dict[str, Any] | None:
    kind = block.get("type")
    if kind in UNSENT or (api == "chat/completions" and kind in UNSENT_IN_CHATS):
        return None
    if kind == "text" and "text" in block:
        extras = block.get("extras")
        if isinstance(extras, dict) and "prompt_cache_breakpoint" in extras:
            return _breaking({"type": "text", "text": block["text"]}, block)
        return block
    if role != "assistant":
        _refuse_tools(block, role, api)
    if kind == "image" and isinstance(source := block.get("source"), dict):
        return _image_of_anthropic(source)
    if is_data_content_block(block) and not (api == "responses" and role == "assistant"):
        made = convert_to_openai_data_block(block, api=api)
        if made.get("type") == "input_audio":
            sound = made["input_audio"]
            made = {**made, "input_audio": {**sound, "format": _SOUND.get(sound["format"], sound["format"])}}
        return _breaking(made, block)
    return block


def _breaking(made: dict[str, Any], block: Fields) -> dict[str, Any]:
    """`made`, with the mark of `block` that a cached prompt may end here."""
    extras = block.get("extras")
    for holder in (block, extras if isinstance(extras, Mapping) else {}):
        if "prompt_cache_breakpoint" in holder:
            return {**made, "prompt_cache_breakpoint": holder["prompt_cache_breakpoint"]}
    return made


def _image_of_anthropic(source: Fields) -> dict[str, Any] | None:
    if source.get("type") == "base64" and source.get("media_type") and source.get("data"):
        return {"type": "image_url", "image_url": {"url": f"data:{source['media_type']};base64,{source['data']}"}}
    if source.get("type") == "url" and source.get("url"):
        return {"type": "image_url", "image_url": {"url": source["url"]}}
    return None


def _refuse_tools(block: Fields, role: str, api: API) -> None:
    inner = block["value"] if block.get("type") == "non_standard" and isinstance(block.get("value"), Mapping) else block
    if inner.get("type") != "additional_tools":
        return
    if role not in ("system", "developer"):
        raise ValueError("`additional_tools` must be carried on a `SystemMessage`; the API takes it from no other role")
    if api == "chat/completions":
        raise ValueError("`additional_tools` requires the Responses API; set `use_responses_api=True`")


def _only_text(content: Any) -> Any:
    """`content` with its texts as chat completions take them, less what else v1 has in them, such as annotations."""
    if not isinstance(content, list):
        return content
    return [
        _breaking({"type": "text", "text": block["text"]}, block)
        if isinstance(block, dict) and block.get("type") == "text" and "text" in block
        else block
        for block in content
    ]


# ---- in


def fields_of(value: Any) -> Any:
    """The fields of an answer or a part of it: our views', a dict as it is, and what other clients give, dumped."""
    if isinstance(value, View):
        return value.__dict__
    if isinstance(value, Mapping):
        return value
    if hasattr(value, "model_dump"):
        return value.model_dump(warnings=False)
    shown = f"{value!r:.200}"
    raise ValueError(f"Unexpected response type: expected an object of the API, got a {type(value).__name__}: {shown}")


def read_message(message: Fields, usage: dict[str, Any] | None) -> AIMessage:
    """The message of a choice."""
    more: dict[str, Any] = {}
    calls: list[Any] = []
    broken: list[Any] = []
    for name, value in message.items():
        if name in ("role", "content", "name") or value is None or value == []:
            continue
        if name == "tool_calls":
            raw = plain(value)
            for call in raw:
                read_call(call, calls, broken)
            more["tool_calls"] = raw
        elif name != "parsed":
            more[name] = plain(value)
    more["refusal"] = message.get("refusal")
    return ai_message(message.get("content") or "", more, calls, broken, usage, message.get("name"))


def read_call(raw: dict[str, Any], calls: list[Any], broken: list[Any]) -> None:
    """Append a tool call to `calls`, or to `broken` where its arguments are no JSON object."""
    if (function := raw.get("function")) is None:
        custom = raw.get("custom") or {}
        calls.append(
            {"name": custom.get("name") or "", "args": {"__arg1": custom.get("input")}, "id": raw.get("id"), "type": "tool_call"}
        )
        return
    arguments = function.get("arguments")
    why = "are not a JSON object."
    try:
        args = json.loads(arguments, strict=False) if arguments and arguments != "null" else {}
    except (ValueError, RecursionError) as error:
        args, why = None, f"are not valid JSON. Received {type(error).__name__} {error}"
    if isinstance(args, dict):
        calls.append({"name": function.get("name") or "", "args": args, "id": raw.get("id"), "type": "tool_call"})
        return
    why = f"Function {function.get('name')} arguments:\n\n{arguments}\n\n{why}"
    broken.append(
        {"name": function.get("name"), "args": arguments, "id": raw.get("id"), "error": why, "type": "invalid_tool_call"}
    )


def token_usage(usage: Any) -> dict[str, Any] | None:
    """The usage of an answer as `token_usage`: the numbers that all have first, then the details."""
    if not usage:
        return None
    given: Fields = fields_of(usage)
    return {**_COUNTED, **{name: plain(value) if isinstance(value, View) else value for name, value in given.items()}}


_COUNTED = dict.fromkeys(
    ("completion_tokens", "prompt_tokens", "total_tokens", "completion_tokens_details", "prompt_tokens_details")
)


def usage_metadata(usage: Fields, tier: str | None = None) -> dict[str, Any]:
    """Usage as LangChain counts it. Details of the tiers with prices of their own have their tier's name before them."""
    into, out = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    total = usage.get("total_tokens")
    read: Fields = fields_of(usage.get("prompt_tokens_details") or {})
    made: Fields = fields_of(usage.get("completion_tokens_details") or {})
    tiered = tier in ("priority", "flex")
    before = f"{tier}_" if tiered else ""
    input_details = {
        "audio": read.get("audio_tokens"),
        f"{before}cache_read": read.get("cached_tokens"),
        f"{before}cache_creation": read.get("cache_write_tokens"),
    }
    output_details = {"audio": made.get("audio_tokens"), f"{before}reasoning": made.get("reasoning_tokens")}
    if tiered:
        input_details[str(tier)] = into - (read.get("cached_tokens") or 0)
        output_details[str(tier)] = out - (made.get("reasoning_tokens") or 0)
    return {
        "input_tokens": into,
        "output_tokens": out,
        "total_tokens": into + out if total is None else total,
        "input_token_details": {name: value for name, value in input_details.items() if value is not None},
        "output_token_details": {name: value for name, value in output_details.items() if value is not None},
    }
