"""The rules between fields of a body, and between messages of a conversation, that types cannot state."""

from __future__ import annotations

import re
from typing import Any

from ceyx.service.bodies import Assistant, Chat, Completion, Embedding, FunctionTool, JSONObject, JSONSchema, Message, ToolResult
from ceyx.service.catalogue import Model
from ceyx.service.errors import bad_request

MOST_INPUTS = 2048
MOST_TOKENS = 8192
"""How many tokens one text may have to be embedded. Checked only where the caller counted: our own count is an estimate."""

_name = re.compile(r"[a-zA-Z0-9_-]{1,64}").fullmatch


def check_chat(body: Chat) -> None:
    """Raises Refusal where fields contradict each other."""
    _check_streaming(body)
    if body.top_logprobs is not None and not body.logprobs:
        raise bad_request("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    if body.max_tokens is not None and body.max_completion_tokens is not None:
        raise bad_request(
            "Give 'max_completion_tokens' or 'max_tokens', not both.", "max_tokens", "invalid_parameter_combination"
        )
    if body.tools is None:
        if body.tool_choice not in (None, "none"):
            raise bad_request("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice")
        if body.parallel_tool_calls is not None:
            raise bad_request("'parallel_tool_calls' is only allowed when 'tools' are specified.", "parallel_tool_calls")
    names = set[str]()
    for i, tool in enumerate(body.tools or ()):
        kind, name = ("function", tool.function.name) if isinstance(tool, FunctionTool) else ("custom", tool.custom.name)
        _check_name(name, f"tools[{i}].{kind}.name")
        if name in names:
            raise bad_request(f"Two tools are named '{name[:64]}'; names must differ.", f"tools[{i}].{kind}.name")
        names.add(name)
    _check_choice(body.tool_choice, names)
    if isinstance(body.response_format, JSONSchema):
        _check_name(body.response_format.json_schema.name, "response_format.json_schema.name")
        if not body.response_format.json_schema.schema:
            param = "response_format.json_schema.schema"
            raise bad_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    elif isinstance(body.response_format, JSONObject) and not any("json" in _words(message) for message in body.messages):
        message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        raise bad_request(message, "messages")
    _check_conversation(body.messages)


def _words(message: Message) -> str:
    content = message.content
    parts = content if isinstance(content, list) else [content or ""]
    return " ".join(part if isinstance(part, str) else getattr(part, "text", "") for part in parts).lower()


def _check_streaming(body: Chat | Completion) -> None:
    if body.stream_options is not None and not body.stream:
        raise bad_request("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")


def _check_name(name: str, param: str) -> None:
    if not _name(name):
        message = f"Invalid '{param}': expected 1 to 64 letters, digits, underscores or dashes, got {name[:80]!r}."
        raise bad_request(message, param, "invalid_value")


def _check_choice(choice: str | dict[str, Any] | None, names: set[str]) -> None:
    if choice is None or choice in ("none", "auto", "required"):
        return
    if isinstance(choice, dict):
        kind = choice.get("type")
        inner = choice.get(kind) if kind in ("function", "custom", "allowed_tools") else None
        if isinstance(inner, dict):
            if kind == "allowed_tools":
                listed = inner.get("tools")
                if inner.get("mode") in ("auto", "required") and isinstance(listed, list) and listed:
                    return
            elif inner.get("name") in names:
                return
            else:
                message = f"Tool choice '{str(inner.get('name'))[:64]}' not found in 'tools' parameter."
                raise bad_request(message, "tool_choice")
    message = (
        "Invalid value for 'tool_choice': expected 'none', 'auto', 'required', a named tool, or allowed tools with their mode."
    )
    raise bad_request(message, "tool_choice", "invalid_value")


def _check_conversation(messages: list[Message]) -> None:
    """Every call of a tool is answered right after it, and nothing else is."""
    open_calls = set[str]()
    answerable = set[str]()
    for i, message in enumerate(messages):
        if isinstance(message, ToolResult):
            if message.tool_call_id not in answerable:
                text = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
                raise bad_request(f"{text}; no call before it has the id {message.tool_call_id[:64]!r}.", f"messages[{i}].role")
            open_calls.discard(message.tool_call_id)
            continue
        _check_answered(open_calls, i)
        made = (message.tool_calls or ()) if isinstance(message, Assistant) else ()
        open_calls, answerable = {call.id for call in made}, {call.id for call in made}
        said = not isinstance(message, Assistant) or message.content is not None or message.refusal or message.function_call
        if not said and not made:
            raise bad_request(f"messages[{i}] has neither 'content' nor 'tool_calls'.", f"messages[{i}].content")
    _check_answered(open_calls, len(messages))


def _check_answered(open_calls: set[str], index: int) -> None:
    if open_calls:
        text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'"
        raise bad_request(f"{text}; these have none: {', '.join(sorted(open_calls))[:200]}.", f"messages[{index - 1}]")


def check_completion(body: Completion) -> None:
    """Raises Refusal where fields contradict each other."""
    _check_streaming(body)
    if body.best_of is not None:
        if body.best_of < (body.n or 1):
            raise bad_request("'best_of' must be at least 'n'.", "best_of")
        if body.stream and body.best_of > (body.n or 1):
            raise bad_request("'best_of' above 'n' cannot be streamed.", "best_of")
    if isinstance(body.prompt, list):
        _check_texts(body.prompt, "prompt")


def check_embedding(body: Embedding, model: Model) -> None:
    """Raises Refusal for inputs or sizes this model does not take."""
    if body.encoding_format not in (None, "float", "base64"):
        message = f"Invalid value for 'encoding_format': expected 'float' or 'base64', got {body.encoding_format[:40]!r}."
        raise bad_request(message, "encoding_format", "invalid_value")
    if body.dimensions is not None:
        if not model.shortens:
            raise bad_request("This model does not support specifying dimensions.", "dimensions")
        if body.dimensions > model.dimensions:
            message = f"Invalid value for 'dimensions': {model.id} gives at most {model.dimensions}, asked for {body.dimensions}."
            raise bad_request(message, "dimensions", "invalid_value")
    if isinstance(body.input, list):
        _check_texts(body.input, "input")
    elif not body.input:
        raise bad_request("Invalid 'input': input cannot be an empty string.", "input")


def _check_texts(texts: list[Any], param: str) -> None:
    """One text as tokens, or up to 2048 texts, each a string or tokens."""
    if not texts:
        raise bad_request(f"Invalid '{param}': input cannot be an empty array.", param, "empty_array")
    if isinstance(texts[0], int):
        return _check_tokens(texts, param)
    if len(texts) > MOST_INPUTS:
        message = f"Invalid '{param}': array too long. Expected at most {MOST_INPUTS} items, got {len(texts)}."
        raise bad_request(message, param, "array_above_max_length")
    strings = isinstance(texts[0], str)
    for i, text in enumerate(texts):
        if strings and isinstance(text, str):
            if not text and param == "input":
                raise bad_request(f"Invalid '{param}[{i}]': input cannot be an empty string.", f"{param}[{i}]")
        elif not strings and isinstance(text, list):
            _check_tokens(text, f"{param}[{i}]")
        else:
            message = f"Invalid type for '{param}[{i}]': expected strings throughout, or lists of token numbers throughout."
            raise bad_request(message, f"{param}[{i}]", "invalid_type")


def _check_tokens(tokens: list[Any], param: str) -> None:
    if not tokens:
        raise bad_request(f"Invalid '{param}': input cannot be an empty array.", param, "empty_array")
    if any(type(token) is not int or token < 0 for token in tokens):
        raise bad_request(f"Invalid type for '{param}': expected token numbers.", param, "invalid_type")
    if len(tokens) > MOST_TOKENS:
        message = f"This model's maximum context length is {MOST_TOKENS} tokens, however you requested {len(tokens)} tokens."
        raise bad_request(message, param, "context_length_exceeded")
