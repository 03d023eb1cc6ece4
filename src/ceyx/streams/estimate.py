"""What an answer cost, where the server does not say although it was asked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ceyx.types.completion_usage import CompletionUsage
from ceyx.wire.view import plain

SAYING = frozenset(
    {"content", "text", "refusal", "name", "function", "arguments", "custom", "input", "tool_calls", "function_call"}
)


def estimated_usage(messages: Iterable[Any], answers: Iterable[Any]) -> CompletionUsage:
    """The tokens of these messages and answers, at 4 bytes of UTF-8 each, with `estimated` true.

    That is the providers' own rule of thumb for English text; a count that is known to be rough is better for a budget than
    none, which would be added up as nothing. What is no text, such as images and the definitions of tools, is not counted, and
    languages of other scripts take fewer bytes a token, or more, depending on the model.
    """
    asked, answered = (-(-sum(map(_size, said)) // 4) for said in (messages, answers))
    return CompletionUsage(prompt_tokens=asked, completion_tokens=answered, total_tokens=asked + answered, estimated=True)


def _size(said: Any) -> int:
    """The bytes of what a message, or a part of one, says."""
    said = plain(said)
    if isinstance(said, str):
        return len(said.encode("utf-8", "surrogatepass"))
    if isinstance(said, Mapping):
        return sum(_size(value) for name, value in said.items() if name in SAYING)
    return sum(map(_size, said)) if isinstance(said, list | tuple) else 0
