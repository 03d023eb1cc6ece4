"""Tool calls as a model asks for them; `chat_completion_message_tool_call_param` has them as they are sent back."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = [
    "ChatCompletionMessageCustomToolCall", "ChatCompletionMessageFunctionToolCall", "ChatCompletionMessageToolCall",
    "ChatCompletionMessageToolCallUnion",
]  # fmt: skip


class Function(View):
    """The function to call."""

    arguments: str
    """JSON as the model wrote it: it may be invalid, or break the schema where that is not strict."""
    name: str


class ChatCompletionMessageFunctionToolCall(View):
    """Asks for a function to be called; the answer names `id`."""

    id: str
    function: Function
    type: Literal["function"]


class Custom(View):
    """The custom tool to call."""

    input: str
    """Text as the model wrote it."""
    name: str


class ChatCompletionMessageCustomToolCall(View):
    """Asks for a custom tool to be called; the answer names `id`."""

    id: str
    custom: Custom
    type: Literal["custom"]


ChatCompletionMessageToolCall = ChatCompletionMessageFunctionToolCall
ChatCompletionMessageToolCallUnion = ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall
