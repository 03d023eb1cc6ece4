"""Which tools a conversation calls, and with what arguments: by overlap of words, not by understanding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from ceyx.service.answers import ToolCall
from ceyx.service.bodies import Chat, CustomTool, Function, FunctionTool, Tool
from ceyx.service.engines.clues import Clues
from ceyx.service.engines.instances import instance

_MOST_CALLS = 4
_FIXED = {"enum", "const", "format"}
_SAID_OFTEN = """
    about all and any are can current does each for from get give given has have how input into its list make more not
    now one only or other out please set should some that the their them then there these they this tool use used user
    using value was what when where which who will with would you your
"""
_COMMON = frozenset(_SAID_OFTEN.split())


@dataclass(frozen=True, slots=True)
class Choice:
    """What `tool_choice` comes to: how much it asks for, and of which tools."""

    mode: Literal["none", "auto", "required", "named"]
    tools: list[Tool]


def choice(body: Chat) -> Choice:
    """The tools this chat may call, deprecated `functions` among them, and whether it must."""
    tools = list(body.tools or [FunctionTool(function) for function in body.functions or ()])
    asked: Any = body.tool_choice if body.tools else body.function_call
    if not tools or asked == "none":
        return Choice("none", [])
    if asked in (None, "auto", "required"):
        return Choice(asked or "auto", tools)
    if isinstance(asked, dict) and asked.get("type") == "allowed_tools":
        allowed = asked["allowed_tools"]
        names = {_name_in(entry) for entry in allowed["tools"]}
        return Choice(allowed["mode"], [tool for tool in tools if name_of(tool) in names])
    return Choice("named", [tool for tool in tools if name_of(tool) == _name_in(asked)])


def _name_in(asked: Any) -> str:
    """The name in {"type": "function", "function": {"name": ...}}, or in {"name": ...} as `function_call` has it."""
    if not isinstance(asked, dict):
        return ""
    inner = asked.get(str(asked.get("type")), asked)
    return str(inner.get("name", "")) if isinstance(inner, dict) else ""


def name_of(tool: Tool) -> str:
    return tool.function.name if isinstance(tool, FunctionTool) else tool.custom.name


def calls(body: Chat, wanted: Choice, prompt: str) -> list[ToolCall]:
    """The calls made for this prompt: none where the choice is free and no tool's words are in it."""
    scores = [_score(tool, prompt) for tool in wanted.tools]
    best = max(scores, default=0)
    if not scores or (wanted.mode == "auto" and not best):
        return []
    several = body.parallel_tool_calls is not False and wanted.mode != "named" and body.tools is not None
    chosen = [tool for tool, score in zip(wanted.tools, scores, strict=True) if score == best]
    if not several or not best:
        chosen = chosen[:1]
    texts = [(tool, text) for tool in chosen for text in _inputs(tool, prompt, several)][:_MOST_CALLS]
    return [
        ToolCall(_id(body, i), name_of(tool), text, "custom" if isinstance(tool, CustomTool) else "function")
        for i, (tool, text) in enumerate(texts)
    ]


def _id(body: Chat, index: int) -> str:
    """The same for the same conversation, and another at each turn of it."""
    digest = blake2b(msgspec.json.encode(body.messages), digest_size=12, salt=index.to_bytes(2, "big")).hexdigest()
    return f"call_{digest}"


def _score(tool: Tool, prompt: str) -> int:
    """How many of the prompt's words are a tool's: those of its name count most, those of its parameters least."""
    asked = _words(prompt)
    described = tool.function if isinstance(tool, FunctionTool) else tool.custom
    parameters = (tool.function.parameters or {}) if isinstance(tool, FunctionTool) else {}
    properties = parameters.get("properties", {})
    texts = (str(part.get("description", "")) for part in properties.values() if isinstance(part, dict))
    inside = " ".join([*properties, *texts])
    weighed = ((described.name, 4), (described.description or "", 2), (inside, 1))
    return sum(weight * len(asked & _words(text)) for text, weight in weighed)


def _words(text: str) -> set[str]:
    """Its telling words, less the endings that inflect them."""
    split = re.findall(r"[^\W\d_][\w']{2,}", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).replace("_", " ").lower())
    words = {re.sub(r"(?:'s|s|es|ed|ing|er|est)$", "", word) for word in split if word not in _COMMON}
    return {word for word in words if len(word) > 2}


def _inputs(tool: Tool, prompt: str, several: bool) -> list[str]:
    """Arguments, or input, for each call of this tool: one for each name in the prompt, where names are all it takes."""
    if isinstance(tool, CustomTool):
        return [" ".join(prompt.split())]
    clues = Clues(prompt)
    if _takes_one_name(tool.function):
        names = clues.strings[:_MOST_CALLS]
        if len(names) > 1:
            return [_arguments(tool.function, prompt, name) for name in (names if several else [max(names, key=len)])]
    return [_arguments(tool.function, prompt, None)]


def _takes_one_name(function: Function) -> bool:
    parts = (function.parameters or {}).get("properties", {}).values()
    free = [part for part in parts if isinstance(part, dict) and part.get("type") == "string" and not part.keys() & _FIXED]
    return len(free) == 1


def _arguments(function: Function, prompt: str, name: str | None) -> str:
    """JSON that the function's schema accepts; `name` is the only text it may use."""
    clues = Clues(prompt)
    if name is not None:
        clues.quotations = [name]
    words = " ".join(prompt.split())
    made = instance({"type": "object", **(function.parameters or {})}, clues, lambda _: words[:100])
    return msgspec.json.encode(made).decode()
