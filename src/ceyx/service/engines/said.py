"""What a request says, whatever endpoint it is for: the words, the tools, the results of tools, the headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceyx.service.bodies import Chat, FunctionResult, ToolResult
from ceyx.service.engines.local import last_words, tool_results
from ceyx.service.engines.tools import name_of

if TYPE_CHECKING:
    from ceyx.service.gate import Ask


@dataclass(frozen=True, slots=True)
class Said:
    """A request, as scripts look at it."""

    deployment: str
    model: str
    endpoint: str
    """The path below the deployment, such as chat/completions."""
    headers: Mapping[str, str]
    """By their names in lower case."""
    text: str
    """What the user said last; what is to be spoken, drawn, embedded or continued."""
    streams: bool
    tools: list[str]
    """The names of the tools offered."""
    results: list[tuple[str, str]]
    """The name and the result of each tool that answered last; none, where the last to speak was no tool."""
    file: str
    """The name of the recording, where one came."""


def said(ask: Ask) -> Said:
    """What a request says. Raises Refusal, as its route would, for a response that goes on from nothing."""
    body: Any = ask.body
    path = ask.operation.path
    chat = _chat(ask)
    text = _text(body) if chat is None else last_words(chat) if chat.messages else ""
    tools: list[str] = []
    results: list[tuple[str, str]] = []
    if chat is not None:
        tools = [name_of(tool) for tool in chat.tools or ()] + [function.name for function in chat.functions or ()]
        if chat.messages and isinstance(chat.messages[-1], ToolResult | FunctionResult):
            results = tool_results(chat)
    files = getattr(body, "files", {}).get("file") or ()
    file = files[0].name if files else ""
    streams = getattr(body, "stream", None) is True
    return Said(ask.deployment, ask.model.id, path, ask.request.headers, text, streams, tools, results, file)


def _chat(ask: Ask) -> Chat | None:
    if isinstance(ask.body, Chat):
        return ask.body
    if ask.operation.path != "responses":
        return None
    from ceyx.service.routes.responses import chat_asked  # a route, which the engines are below

    return chat_asked(ask.service.store, ask.body)


def _text(body: Any) -> str:
    """The input or prompt of any other body: a text, or the texts in a list."""
    given = getattr(body, "input", None) or getattr(body, "prompt", None) or ""
    if isinstance(given, list):
        given = "\n".join(each for each in given if isinstance(each, str))
    return given if isinstance(given, str) else ""
