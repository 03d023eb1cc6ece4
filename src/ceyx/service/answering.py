"""A response: what it is asked with, and the object it becomes. Nothing of HTTP, and nothing of what came before it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ceyx.service import logprobs
from ceyx.service.answers import Answer, ToolCall
from ceyx.service.bodies import (
    Body,
    Chat,
    Count,
    Custom,
    CustomTool,
    Developer,
    Function,
    FunctionTool,
    JSONObject,
    JSONSchema,
    NamedSchema,
    Object,
    StreamOptions,
    TextFormat,
    Tier,
    Tool,
)
from ceyx.service.engines import local
from ceyx.service.errors import bad_request
from ceyx.service.items import Item, messages, new_id
from ceyx.service.tokens import Tokens
from ceyx.service.visit import Metadata

THOUGHT = "Nothing is thought here: the words of the question decide."


class Schema(Struct, tag_field="type", tag="json_schema", omit_defaults=True):
    name: Annotated[str, Meta(pattern="^[a-zA-Z0-9_-]{1,64}$")]
    schema: Object
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct, omit_defaults=True):
    format: TextFormat | JSONObject | Schema | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Reasoning(Struct):
    effort: str | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None


class BackgroundOptions(Struct):
    completion_window: Literal["soonest", "2h", "8h"] = "soonest"
    continuation_id: str | None = None


class ById(Struct):
    id: str


class Context(Body, kw_only=True):
    """What a response is made from; counting and compacting take it too."""

    input: str | list[Object] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | ById | None = None
    tools: list[Object] | None = None
    tool_choice: str | Object | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: TextConfig | None = None
    truncation: Literal["auto", "disabled"] | None = None

    @property
    def conversation_id(self) -> str | None:
        return self.conversation.id if isinstance(self.conversation, ById) else self.conversation


class Asked(Context, kw_only=True):
    """The body of a request for a response."""

    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    max_tool_calls: Count | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    background_options: BackgroundOptions | None = None
    stream: bool | None = None
    metadata: Metadata | None = None
    prompt: Object | None = None
    prompt_cache_key: str | None = None
    service_tier: Tier | None = None
    stream_options: StreamOptions | None = None
    safety_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What comes of it."""

    output: list[Item]
    cut: str | None
    """Why it is not whole."""
    found: dict[str, Any] | None
    """What the content filter found in it."""
    usage: dict[str, Any]


Choice: TypeAlias = str | Object | None
Held: TypeAlias = Callable[[list[Answer]], list[Answer]]


def chat_of(asked: Context, context: list[Item]) -> Chat:
    """The chat that an engine can answer. Raises Refusal for tools and items that do not fit."""
    spoken = messages(context)
    if asked.instructions:
        spoken.insert(0, Developer(asked.instructions))
    tools = [made for i, tool in enumerate(asked.tools or ()) if (made := _tool(tool, f"tools[{i}]"))]
    format = asked.text.format if asked.text else None
    if isinstance(format, JSONObject) and "json" not in msgspec.json.encode(spoken).decode().lower():
        message = "The input must contain the word 'json' in some form, to use 'text.format' of type 'json_object'."
        raise bad_request(message, "input")
    return Chat(
        messages=spoken,
        tools=tools or None,
        tool_choice=_choice(asked.tool_choice, tools),
        parallel_tool_calls=asked.parallel_tool_calls,
        response_format=_format(format),
    )


def _tool(tool: Object, param: str) -> Tool | None:
    """A tool that a program runs; None for one that a provider would, and nobody runs here."""
    kind = tool.get("type")
    if not isinstance(kind, str):
        raise bad_request(f"Missing required parameter: '{param}.type'.", f"{param}.type", "missing_required_parameter")
    if kind not in ("function", "custom"):
        return None
    if not isinstance(tool.get("name"), str):
        raise bad_request(f"Missing required parameter: '{param}.name'.", f"{param}.name", "missing_required_parameter")
    try:
        return FunctionTool(msgspec.convert(tool, Function)) if kind == "function" else CustomTool(msgspec.convert(tool, Custom))
    except msgspec.ValidationError as error:
        raise bad_request(f"Invalid type for '{param}': {error}.", param, "invalid_type") from None


def _choice(choice: Choice, tools: list[Tool]) -> Choice:
    """A choice as chats spell it."""
    if not tools:
        return None
    if isinstance(choice, dict):
        if choice.get("type") == "allowed_tools":
            allowed = {"mode": choice.get("mode") or "auto", "tools": choice.get("tools") or []}
            return {"type": "allowed_tools", "allowed_tools": allowed}
        if choice.get("type") not in ("function", "custom"):
            return "auto"  # a tool of the provider's
        names = [tool.function.name if isinstance(tool, FunctionTool) else tool.custom.name for tool in tools]
        if choice.get("name") not in names:
            raise bad_request(f"Tool choice '{str(choice.get('name'))[:64]}' not found in 'tools' parameter.", "tool_choice")
    elif choice not in (None, "none", "auto", "required"):
        message = f"Invalid value for 'tool_choice': expected 'none', 'auto' or 'required', got {str(choice)[:40]!r}."
        raise bad_request(message, "tool_choice", "invalid_value")
    return choice


def _format(format: TextFormat | JSONObject | Schema | None) -> TextFormat | JSONObject | JSONSchema | None:
    return JSONSchema(NamedSchema(format.name, format.schema)) if isinstance(format, Schema) else format


def thinks(model: str) -> bool:
    """Whether a model's answers begin with a thought."""
    return model[:2] in ("o1", "o3", "o4") or model.startswith("gpt-5")


def made(asked: Asked, model: str, chat: Chat, replied: list[Answer], held: Held, tokens: Tokens) -> Made:
    """The output of a response: what is `replied`, or what the engine says that answers chats; less what is `held` back."""
    output: list[Item] = []
    thought = 0
    if thinks(model) and not replied and not (asked.reasoning and asked.reasoning.effort == "none"):
        output.append(_thought(asked))
        thought = tokens.count(THOUGHT)
    if asked.max_output_tokens is not None:
        chat.max_completion_tokens = max(asked.max_output_tokens - thought, 1)
    (answer,) = held(replied or local.chat(chat, tokens))
    cut = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(answer.finish)
    output += _items(asked, answer, "incomplete" if cut else "completed", tokens)
    read, written = tokens.prompt(chat), thought + answer.counted(tokens)
    usage = {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": read + written,
    }
    return Made(output, cut, answer.found, usage)


def _thought(asked: Asked) -> Item:
    told = asked.reasoning and (asked.reasoning.summary or asked.reasoning.generate_summary)
    thought: Item = {"id": new_id("reasoning"), "type": "reasoning"}
    thought["summary"] = [{"type": "summary_text", "text": THOUGHT}] if told else []
    if "reasoning.encrypted_content" in (asked.include or ()):
        thought["encrypted_content"] = b64encode(THOUGHT.encode()).decode()
    return thought


def _items(asked: Asked, answer: Answer, status: str, tokens: Tokens) -> list[Item]:
    called = [_called(call, status) for call in answer.calls]
    if answer.text is None and answer.refusal is None:
        return called
    text: Item = {"type": "output_text", "text": answer.text or "", "annotations": [], "logprobs": []}
    if answer.refusal is not None:
        text = {"type": "refusal", "refusal": answer.refusal}
    elif asked.top_logprobs is not None or "message.output_text.logprobs" in (asked.include or ()):
        text["logprobs"] = logprobs.of_chat(tokens.pieces(text["text"]), asked.top_logprobs)["content"]
    said: Item = {"id": new_id("message"), "type": "message", "status": status, "role": "assistant", "content": [text]}
    return [said, *called]


def _called(call: ToolCall, status: str) -> Item:
    kind, field = ("custom_tool_call", "input") if call.kind == "custom" else ("function_call", "arguments")
    return {"id": new_id(kind), "type": kind, "status": status, field: call.text, "call_id": call.id, "name": call.name}


def response(id: str, model: str, created: int, asked: Asked, made: Made) -> dict[str, Any]:
    """The response as an object, once it is done."""
    text = msgspec.to_builtins(asked.text) if asked.text else {}
    reasoning = asked.reasoning or Reasoning()
    summary = reasoning.summary or reasoning.generate_summary
    return {
        "id": id,
        "object": "response",
        "created_at": created,
        "status": "incomplete" if made.cut else "completed",
        "background": bool(asked.background),
        "completed_at": None if made.cut else created,
        "error": None,
        "incomplete_details": {"reason": made.cut} if made.cut else None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "max_tool_calls": asked.max_tool_calls,
        "model": model,
        "output": made.output,
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "previous_response_id": asked.previous_response_id,
        "prompt": asked.prompt,
        "prompt_cache_key": asked.prompt_cache_key,
        "reasoning": {"effort": reasoning.effort or ("medium" if thinks(model) else None), "summary": summary},
        "safety_identifier": asked.safety_identifier,
        "service_tier": asked.service_tier if asked.service_tier in ("flex", "priority") else "default",
        "store": asked.store is not False,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "text": {"format": {"type": "text"}, "verbosity": "medium", **text},
        "tool_choice": asked.tool_choice or "auto",
        "tools": [_echoed(tool) for tool in asked.tools or ()],
        "top_logprobs": asked.top_logprobs or 0,
        "top_p": 1.0 if asked.top_p is None else asked.top_p,
        "truncation": asked.truncation or "disabled",
        "usage": made.usage,
        "user": asked.user,
        "metadata": asked.metadata or {},
        **({"conversation": {"id": asked.conversation_id}} if asked.conversation_id else {}),
    }


def _echoed(tool: Object) -> Object:
    return {"description": None, "parameters": None, "strict": True, **tool} if tool["type"] == "function" else tool


def unfinished(response: dict[str, Any], status: str) -> dict[str, Any]:
    """A response on its way, or stopped on it."""
    nothing: dict[str, Any] = {"output": [], "usage": None, "completed_at": None, "incomplete_details": None}
    return {**response, "status": status, **nothing}
