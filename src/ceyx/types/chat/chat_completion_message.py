"""The message a model answers with."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.chat_completion_message_tool_call import ChatCompletionMessageToolCallUnion, Function
from ceyx.types.chat.message_context import MessageContext
from ceyx.wire.view import IfSent, View

__all__ = ["ChatCompletionAudio", "ChatCompletionMessage"]

FunctionCall = Function


class ChatCompletionAudio(View):
    """A spoken answer."""

    id: str
    """Names this answer in a later turn, until `expires_at`."""
    data: str
    """Base64 of the audio, in the format asked for."""
    expires_at: int
    """Unix time, in seconds."""
    transcript: str


class AnnotationURLCitation(View):
    """A web page the answer rests on."""

    end_index: int
    """Where the cited part of `content` ends, in characters."""
    start_index: int
    title: str
    url: str


class Annotation(View):
    """A note on a part of the answer."""

    type: Literal["url_citation"]
    url_citation: AnnotationURLCitation


class ChatCompletionMessage(View):
    """An answer: text, a refusal, tool calls, or speech."""

    content: str | None = None
    refusal: str | None = None
    """Why the model declines, in its own words."""
    role: Literal["assistant"]
    annotations: list[Annotation] | None = None
    audio: ChatCompletionAudio | None = None
    function_call: FunctionCall | None = None
    """Deprecated; see `tool_calls`."""
    tool_calls: list[ChatCompletionMessageToolCallUnion] | None = None
    reasoning_content: IfSent[str | None] = None
    """What the model thought before it answered, where the server tells: not OpenAI's, but many compatible ones."""
    context: IfSent[MessageContext | None] = None
    """Azure, with `data_sources`: what the answer rests on."""
