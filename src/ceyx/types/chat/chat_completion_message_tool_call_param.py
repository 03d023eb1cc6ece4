"""Tool calls of an earlier answer, as they are sent back; `chat_completion_message_tool_call` has them as they come."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionMessageCustomToolCallParam", "ChatCompletionMessageFunctionToolCallParam",
    "ChatCompletionMessageToolCallParam", "ChatCompletionMessageToolCallUnionParam",
]  # fmt: skip


class Function(TypedDict, total=False):
    """The function the model asked for."""

    arguments: Required[str]
    """JSON as the model wrote it."""
    name: Required[str]
    """The function's name."""


class ChatCompletionMessageFunctionToolCallParam(TypedDict, total=False):
    """A call of a function that the model asked for."""

    id: Required[str]
    """Ties the call to the tool message that answers it."""
    function: Required[Function]
    """The function, with its arguments."""
    type: Required[Literal["function"]]
    """Says which kind of call this is."""


class Custom(TypedDict, total=False):
    """The custom tool the model asked for."""

    input: Required[str]
    """Text as the model wrote it."""
    name: Required[str]
    """The tool's name."""


class ChatCompletionMessageCustomToolCallParam(TypedDict, total=False):
    """A call of a custom tool that the model asked for."""

    id: Required[str]
    """Ties the call to the tool message that answers it."""
    custom: Required[Custom]
    """The tool, with its input."""
    type: Required[Literal["custom"]]
    """Says which kind of call this is."""


ChatCompletionMessageToolCallParam = ChatCompletionMessageFunctionToolCallParam
ChatCompletionMessageToolCallUnionParam = ChatCompletionMessageFunctionToolCallParam | ChatCompletionMessageCustomToolCallParam
