"""What a completion, chat or legacy, cost in tokens."""

from __future__ import annotations

from ceyx.wire.view import IfSent, View

__all__ = ["CompletionUsage"]


class CompletionTokensDetails(View):
    """What the tokens of the answer were spent on."""

    accepted_prediction_tokens: int | None = None
    """Tokens of `prediction` that the answer kept."""
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None
    """Tokens the model thought with: billed, but not in the answer."""
    rejected_prediction_tokens: int | None = None
    """Tokens of `prediction` that the answer did not keep: billed nevertheless."""
    text_tokens: int | None = None


class PromptTokensDetails(View):
    """What the tokens of the prompt were."""

    audio_tokens: int | None = None
    cache_write_tokens: int | None = None
    """Tokens put into the prompt cache."""
    cached_tokens: int | None = None
    """Tokens found in the prompt cache, which are billed at a lower price."""
    image_tokens: int | None = None
    text_tokens: int | None = None


class CompletionUsage(View):
    """Tokens of one request."""

    completion_tokens: int
    prompt_tokens: int
    total_tokens: int
    """Prompt and answer together."""
    completion_tokens_details: CompletionTokensDetails | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    estimated: IfSent[bool | None] = None
    """True where the server sent no usage though it was asked to, and the tokens are a guess of this library's."""
