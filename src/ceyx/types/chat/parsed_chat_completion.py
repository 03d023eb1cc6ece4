"""A chat completion whose content was read into a model of the caller's. Who reads it is no matter of this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ceyx.types.chat.chat_completion import ChatCompletion, Choice
from ceyx.types.chat.chat_completion_message import ChatCompletionMessage
from ceyx.types.chat.parsed_function_tool_call import ParsedFunctionToolCall
from ceyx.types.read_view import ReadView

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    M = TypeVarWithDefault("M", default=None)  # nothing was to be read
else:
    M = TypeVar("M")

ContentType = TypeVar("ContentType")  # the name that `M` has at `openai`

__all__ = ["ParsedChatCompletion", "ParsedChatCompletionMessage", "ParsedChoice"]

# Each narrows a field of its base. Were the field assigned through the base, that would be unsound; replies are not assigned to.


class ParsedChatCompletionMessage(ReadView, ChatCompletionMessage, Generic[M]):
    """An answer, read."""

    parsed: M | None = None
    """`content` as the model asked for; None where the model refused or called tools instead."""
    tool_calls: list[ParsedFunctionToolCall] | None = None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]


class ParsedChoice(ReadView, Choice, Generic[M]):
    """One of the `n` answers."""

    message: ParsedChatCompletionMessage[M]  # pyright: ignore[reportIncompatibleVariableOverride]


class ParsedChatCompletion(ReadView, ChatCompletion, Generic[M]):
    """The model's answers to a conversation, read."""

    choices: list[ParsedChoice[M]]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
