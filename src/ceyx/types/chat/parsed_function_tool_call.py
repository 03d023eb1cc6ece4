"""Tool calls whose arguments were read."""

from __future__ import annotations

from ceyx.types.chat.chat_completion_message_tool_call import ChatCompletionMessageFunctionToolCall, Function
from ceyx.types.read_view import ReadView

__all__ = ["ParsedFunction", "ParsedFunctionToolCall"]


class ParsedFunction(ReadView, Function):
    """The function to call."""

    parsed_arguments: object | None = None
    """An instance of the model the tool was made from; for other tools that are strict, the decoded JSON."""


class ParsedFunctionToolCall(ReadView, ChatCompletionMessageFunctionToolCall):
    """Asks for a function to be called; the answer names `id`."""

    function: ParsedFunction  # pyright: ignore[reportIncompatibleVariableOverride]  # as unsound as every narrowed field
