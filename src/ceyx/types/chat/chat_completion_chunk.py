"""A chat completion as it streams. Chunks are the hottest path of the library: weigh every field that holds a view."""

from __future__ import annotations

from typing import Any, Literal, Self

from ceyx.types.chat.chat_completion_token_logprob import ChoiceLogprobs as ChoiceLogprobs
from ceyx.types.chat.content_filter import ContentFilterOffsets, ContentFilterResults, PromptFilterResult
from ceyx.types.chat.message_context import MessageContext
from ceyx.types.chat.moderation import (
    Moderation as Moderation,
    ModerationError,
    ModerationResult,
    ModerationResults,
)
from ceyx.types.completion_usage import CompletionUsage
from ceyx.wire.view import Answer, IfSent, View

__all__ = ["ChatCompletionChunk"]

# Findings for prompt and answer have one shape; `openai` names it twice, here and beside ChatCompletion.
ModerationInput = ModerationResults | ModerationError
ModerationOutput = ModerationResults | ModerationError
ModerationInputError = ModerationError
ModerationOutputError = ModerationError
ModerationInputModerationResults = ModerationResults
ModerationOutputModerationResults = ModerationResults
ModerationInputModerationResultsResult = ModerationResult
ModerationOutputModerationResultsResult = ModerationResult


class ChoiceDeltaAudio(View):
    """The next piece of a spoken answer."""

    id: str | None = None
    data: str | None = None
    """Base64 of the audio, in the format asked for."""
    expires_at: int | None = None
    """Unix time, in seconds."""
    transcript: str | None = None


class ChoiceDeltaToolCallFunction(View):
    """The next piece of the function to call."""

    arguments: str | None = None
    """JSON once all pieces are joined."""
    name: str | None = None


ChoiceDeltaFunctionCall = ChoiceDeltaToolCallFunction


class ChoiceDeltaToolCall(View):
    """The next piece of a tool call."""

    index: int
    """Which of the calls this is a piece of."""
    id: str | None = None
    function: ChoiceDeltaToolCallFunction | None = None
    type: Literal["function"] | None = None


class ChoiceDelta(View):
    """What this chunk adds to the message."""

    audio: ChoiceDeltaAudio | None = None
    content: str | None = None
    function_call: ChoiceDeltaFunctionCall | None = None
    """Deprecated; see `tool_calls`."""
    refusal: str | None = None
    role: Literal["developer", "system", "user", "assistant", "tool"] | None = None
    """The first chunk says it, the others leave it out."""
    tool_calls: list[ChoiceDeltaToolCall] | None = None
    reasoning_content: IfSent[str | None] = None
    """What the model thinks before it answers, where the server tells: not OpenAI's, but many compatible ones."""
    context: IfSent[MessageContext | None] = None
    """Azure, with `data_sources`: what the answer rests on."""


class Choice(View):
    """The next piece of one of the `n` answers."""

    delta: ChoiceDelta
    """Empty on the last chunk, and on those that only bring findings of Azure's asynchronous filter."""
    index: int
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"] | None = None
    """Why the answer ends, on its last chunk."""
    logprobs: ChoiceLogprobs | None = None
    content_filter_results: IfSent[ContentFilterResults | None] = None
    """Azure: what its content filter found in the answer so far."""
    content_filter_offsets: IfSent[ContentFilterOffsets | None] = None
    """Azure, asynchronous filter: which part of the answer the findings are about."""

    @classmethod
    def wrap(cls, data: Any) -> Self:
        """View `data`; a delta that is missing, null or empty is an empty one, so that `choice.delta.content` never fails."""
        if type(data) is dict and not data.get("delta"):
            data["delta"] = ChoiceDelta()
        return super().wrap(data)


class ChatCompletionChunk(Answer):
    """A piece of a streamed chat completion."""

    id: str
    choices: list[Choice]
    """Empty on Azure's first chunk, which brings `prompt_filter_results`, and on the one that brings `usage`."""
    created: int
    """Unix time, in seconds; the same on all chunks."""
    model: str
    """The model that answers, with its version."""
    object: Literal["chat.completion.chunk"]
    moderation: Moderation | None = None
    obfuscation: str | None = None
    """Padding that hides the length of the piece from who watches the line."""
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    """The tier that serves the request, which may be another than was asked for."""
    system_fingerprint: str | None = None
    """Names the server's configuration; where it changes, the same `seed` may answer differently."""
    usage: CompletionUsage | None = None
    """On the last chunk, where `stream_options` asked for it."""
    prompt_filter_results: IfSent[list[PromptFilterResult] | None] = None
    """Azure, first chunk: what its content filter found in the prompt."""
