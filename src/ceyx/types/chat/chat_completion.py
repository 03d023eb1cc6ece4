"""A chat completion that came back whole."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.chat_completion_message import ChatCompletionMessage
from ceyx.types.chat.chat_completion_token_logprob import ChoiceLogprobs as ChoiceLogprobs
from ceyx.types.chat.content_filter import ContentFilterResults, PromptFilterResult
from ceyx.types.chat.moderation import (
    Moderation as Moderation,
    ModerationError,
    ModerationResult,
    ModerationResults,
)
from ceyx.types.completion_usage import CompletionUsage
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, IfSent, View

__all__ = ["ChatCompletion"]

# Findings for prompt and answer have one shape; `openai` names it twice, here and beside ChatCompletionChunk.
ModerationInput = ModerationResults | ModerationError
ModerationOutput = ModerationResults | ModerationError
ModerationInputError = ModerationError
ModerationOutputError = ModerationError
ModerationInputModerationResults = ModerationResults
ModerationOutputModerationResults = ModerationResults
ModerationInputModerationResultsResult = ModerationResult
ModerationOutputModerationResultsResult = ModerationResult


class Choice(View):
    """One of the `n` answers."""

    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
    """Why the answer ends: naturally or at a stop sequence, at the token limit, to have tools called, at the content filter."""
    index: int
    logprobs: ChoiceLogprobs | None = None
    message: ChatCompletionMessage
    content_filter_results: IfSent[ContentFilterResults | None] = None
    """Azure: what its content filter found in this answer."""


class ChatCompletion(Answer):
    """The model's answers to a conversation."""

    _essential = ("choices",)
    id: str
    choices: list[Choice]
    created: int
    """Unix time, in seconds."""
    model: str
    """The model that answered, with its version."""
    object: Literal["chat.completion"]
    metadata: Metadata | None = None
    moderation: Moderation | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    """The tier that served the request, which may be another than was asked for."""
    system_fingerprint: str | None = None
    """Names the server's configuration; where it changes, the same `seed` may answer differently."""
    usage: CompletionUsage | None = None
    prompt_filter_results: IfSent[list[PromptFilterResult] | None] = None
    """Azure: what its content filter found in the prompt."""
