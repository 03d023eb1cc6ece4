"""The messages of a conversation, as they are sent: one shape for each role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

from ceyx.types.chat.chat_completion_content_part_param import (
    ChatCompletionContentPartParam,
    ChatCompletionContentPartRefusalParam,
    ChatCompletionContentPartTextParam,
)
from ceyx.types.chat.chat_completion_message_tool_call_param import ChatCompletionMessageToolCallUnionParam, Function
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionAssistantMessageParam", "ChatCompletionDeveloperMessageParam", "ChatCompletionFunctionMessageParam",
    "ChatCompletionMessageParam", "ChatCompletionRole", "ChatCompletionSystemMessageParam", "ChatCompletionToolMessageParam",
    "ChatCompletionUserMessageParam", "CreateChatCompletionRequestMessageParam",
]  # fmt: skip

ChatCompletionRole = Literal["developer", "system", "user", "assistant", "tool", "function"]


class ChatCompletionDeveloperMessageParam(TypedDict, total=False):
    """Instructions that stand above what users say, for reasoning models; others call it a system message."""

    content: Required[str | Iterable[ChatCompletionContentPartTextParam]]
    """The instructions, as one text or in parts."""
    role: Required[Literal["developer"]]
    """Says whose message this is."""
    name: str
    """Tells participants of one role apart."""


class ChatCompletionSystemMessageParam(TypedDict, total=False):
    """Instructions that stand above what users say; reasoning models call it a developer message."""

    content: Required[str | Iterable[ChatCompletionContentPartTextParam]]
    """The instructions, as one text or in parts."""
    role: Required[Literal["system"]]
    """Says whose message this is."""
    name: str
    """Tells participants of one role apart."""


class ChatCompletionUserMessageParam(TypedDict, total=False):
    """What an end user says or shows."""

    content: Required[str | Iterable[ChatCompletionContentPartParam]]
    """A text, or parts: text, images, audio, files."""
    role: Required[Literal["user"]]
    """Says whose message this is."""
    name: str
    """Tells participants of one role apart."""


class Audio(TypedDict, total=False):
    """An earlier spoken answer."""

    id: Required[str]
    """The `id` that came with it, usable until its `expires_at`."""


FunctionCall = Function
ContentArrayOfContentPart = ChatCompletionContentPartTextParam | ChatCompletionContentPartRefusalParam


class ChatCompletionAssistantMessageParam(TypedDict, total=False):
    """What the model said earlier."""

    role: Required[Literal["assistant"]]
    """Says whose message this is."""
    audio: Audio | None
    """The spoken answer this message stands for."""
    content: str | Iterable[ContentArrayOfContentPart] | None
    """What it said, as one text or in parts; needed unless there are tool calls."""
    function_call: FunctionCall | None
    """Deprecated, use `tool_calls`: the function it asked to have called."""
    name: str
    """Tells participants of one role apart."""
    refusal: str | None
    """Why it declined."""
    tool_calls: Iterable[ChatCompletionMessageToolCallUnionParam]
    """The calls it asked for; a tool message must answer each."""


class ChatCompletionToolMessageParam(TypedDict, total=False):
    """What a tool call gave."""

    content: Required[str | Iterable[ChatCompletionContentPartTextParam]]
    """The result, as one text or in parts."""
    role: Required[Literal["tool"]]
    """Says whose message this is."""
    tool_call_id: Required[str]
    """The `id` of the call this answers."""


class ChatCompletionFunctionMessageParam(TypedDict, total=False):
    """Deprecated form of a tool message."""

    content: Required[str | None]
    """The result."""
    name: Required[str]
    """The function that was called."""
    role: Required[Literal["function"]]
    """Says whose message this is."""


ChatCompletionMessageParam = (
    ChatCompletionDeveloperMessageParam | ChatCompletionSystemMessageParam | ChatCompletionUserMessageParam |
    ChatCompletionAssistantMessageParam | ChatCompletionToolMessageParam | ChatCompletionFunctionMessageParam
)  # fmt: skip
CreateChatCompletionRequestMessageParam = ChatCompletionMessageParam
