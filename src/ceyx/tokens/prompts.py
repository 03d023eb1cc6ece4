"""What a prompt is in tokens beside its text: the frame of each message, images, sound, calls of tools, and tools.

How the models see tools is known from what providers charge for them: as declarations in the style of TypeScript.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ceyx.tokens.images import image_tokens, size_in
from ceyx.tokens.text import Count, count

REPLY = 3  # what begins the answer
SOUND_BYTES_A_TOKEN = 1600  # of MP3 at 128 kbit/s, at ten tokens a second
_FRAMES_KNOWN = ("gpt-3.5", "gpt-35", "gpt-4", "ft:gpt-3.5", "ft:gpt-4", "chatgpt-4o")
_TEXTS = ("text", "input_text", "output_text", "refusal", "summary_text", "reasoning_text")


def count_messages(
    messages: Iterable[Mapping[str, Any]],
    model: str,
    *,
    tools: Iterable[Mapping[str, Any]] = (),
    response_format: Mapping[str, Any] | None = None,
) -> Count:
    """The tokens of a prompt: messages as they are sent to Chat Completions or Responses, what frames them, and tools.

    Exact for text sent to gpt-3.5, gpt-4, gpt-4o and gpt-4.1. Providers do not say how they write tools, sound and files into the
    prompt, so those are estimates, as are images of newer models and images behind URLs.
    """
    messages, tools = list(messages), list(tools)
    total = Count(REPLY, exact=model.lower().startswith(_FRAMES_KNOWN))
    framed = 4 if "0301" in model else 3
    named = -1 if "0301" in model else 1  # its name took the place of the role
    system = next((message for message in messages if message.get("role") == "system"), None)
    for message in messages:
        total += framed + _message(message, model, padded=bool(tools) and message is system)
        if message.get("name") and message.get("role"):
            total += named + count(str(message["name"]), model)
    if tools:
        # Tools are told of in a message of the system's, which is the first of the prompt's own if there is one.
        total += Count(9 - (4 if system else 0), exact=False) + count(declarations(tools), model)
    if response_format is not None:
        total += Count(_as_json(response_format, model), exact=False)
    return total


def _message(message: Mapping[str, Any], model: str, padded: bool) -> Count:
    role = str(message.get("role") or "")
    total = count(role, model)
    if role == "function":
        total += -2
    content = message.get("content")
    if isinstance(content, str):
        total += count(content + "\n" if padded else content, model)
    else:
        for part in content or ():
            total += _part(part, model)
    if (refusal := message.get("refusal")) and isinstance(refusal, str):
        total += count(refusal, model)
    for called in _calls(message):
        total += Count(3, exact=False) + count(called[0], model) + count(called[1], model)
    if (output := message.get("output")) is not None:  # an item of Responses
        total += count(output, model) if isinstance(output, str) else Count(_as_json(output, model), exact=False)
    return total


def _calls(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The name and the arguments of each tool that a message calls."""
    if message.get("function_call"):
        yield _call(message["function_call"])
    for tool in message.get("tool_calls") or ():
        yield _call(tool.get("function") or tool.get("custom") or {})
    if message.get("type") in ("function_call", "custom_tool_call"):
        yield _call(message)


def _call(of: Mapping[str, Any]) -> tuple[str, str]:
    return str(of.get("name") or ""), str(of.get("arguments") or of.get("input") or "")


def _part(part: Any, model: str) -> Count:
    if isinstance(part, str):
        return count(part, model)
    kind = part.get("type")
    if kind in _TEXTS:
        return count(str(part.get("text") or part.get("refusal") or ""), model)
    if kind in ("image_url", "input_image"):
        image = part.get("image_url") or ""
        given = image if isinstance(image, Mapping) else {"url": image, "detail": part.get("detail")}
        return Count(
            *image_tokens(model.lower().removeprefix("ft:"), size_in(str(given.get("url"))), given.get("detail") or "auto")
        )
    if kind == "input_audio":
        data = str((part.get("input_audio") or {}).get("data") or "")
        return Count(-(-len(data) * 3 // 4 // SOUND_BYTES_A_TOKEN), exact=False)
    return Count(0, exact=False)  # files and what is newer


def _as_json(value: Any, model: str) -> int:
    return count(msgspec.json.encode(value, enc_hook=str).decode(), model)


# ---- tools


def declarations(tools: Sequence[Mapping[str, Any]]) -> str:
    """Functions as the models are told of them; tools of other kinds as they are."""
    lines = ["namespace functions {", ""]
    others: list[str] = []
    for tool in tools:
        function = tool.get("function") if tool.get("type") == "function" else tool if "parameters" in tool else None
        if function is None and tool.get("type") == "function":
            function = tool
        if function is None:
            others.append(msgspec.json.encode(tool, enc_hook=str).decode())
            continue
        if function.get("description"):
            lines.append(f"// {function['description']}")
        schema = function.get("parameters") or {}
        if schema.get("properties"):
            lines += [f"type {function.get('name')} = (_: {{", *_properties(schema, schema, 0), "}) => any;", ""]
        else:
            lines += [f"type {function.get('name')} = () => any;", ""]
    return "\n".join([*lines, "} // namespace functions", *others])


def _properties(schema: Mapping[str, Any], whole: Mapping[str, Any], indent: int) -> Iterator[str]:
    required = schema.get("required") or ()
    for name, each in schema.get("properties", {}).items():
        if isinstance(each, Mapping) and each.get("description"):
            yield f"{' ' * indent}// {each['description']}"
        yield f"{' ' * indent}{name}{'' if name in required else '?'}: {_type(each, whole, indent)},"


def _type(schema: Any, whole: Mapping[str, Any], indent: int) -> str:
    if not isinstance(schema, Mapping) or indent > 40:  # a schema may hold itself
        return "any"
    if isinstance(schema.get("$ref"), str):
        found: Any = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        return _type(found, whole, indent + 2)
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(map(_literal, schema["enum"]))
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return " | ".join(_type(each, whole, indent) for each in schema[union])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": each}, whole, indent) for each in kind)
    if kind == "array":
        return f"{_type(schema.get('items'), whole, indent)}[]"
    if kind == "object" or schema.get("properties"):
        return "\n".join(["{", *_properties(schema, whole, indent + 2), "}"]) if schema.get("properties") else "object"
    return {"integer": "number"}.get(str(kind), str(kind or "any"))


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
