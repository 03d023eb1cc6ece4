"""What was asked and stored, as it comes back: messages, their parts, tools."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.chat_completion_message import ChatCompletionMessage
from ceyx.types.shared.function_definition import FunctionDefinition
from ceyx.wire.view import Answer, View

__all__ = [
    "ChatCompletionContentPartImage", "ChatCompletionContentPartText", "ChatCompletionDeleted", "ChatCompletionFunctionTool",
    "ChatCompletionStoreMessage",
]  # fmt: skip


class PromptCacheBreakpoint(View):
    """Marks the end of a part of the prompt worth caching."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class ChatCompletionContentPartText(View):
    """A part of a message that is text."""

    text: str
    type: Literal["text"]
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class ImageURL(View):
    """Where an image is, or the image itself as a data URL."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ChatCompletionContentPartImage(View):
    """A part of a message that is an image."""

    image_url: ImageURL
    type: Literal["image_url"]
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


ChatCompletionStoreMessageContentPart = ChatCompletionContentPartText | ChatCompletionContentPartImage


class ChatCompletionStoreMessage(ChatCompletionMessage):
    """A message of a stored completion."""

    id: str
    content_parts: list[ChatCompletionStoreMessageContentPart] | None = None
    """The parts, where the message was sent in parts."""


class ChatCompletionFunctionTool(View):
    """A function the model could ask to have called."""

    function: FunctionDefinition
    type: Literal["function"]


class ChatCompletionDeleted(Answer):
    """Says that a stored completion is gone."""

    id: str
    deleted: bool
    object: Literal["chat.completion.deleted"]
