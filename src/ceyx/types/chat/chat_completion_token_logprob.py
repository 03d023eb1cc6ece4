"""How likely each token of an answer was."""

from __future__ import annotations

from ceyx.wire.view import View

__all__ = ["ChatCompletionTokenLogprob"]


class TopLogprob(View):
    """A token that could have stood here."""

    token: str
    bytes: list[int] | None = None
    """UTF-8 of the token; a character may be spread over several tokens."""
    logprob: float


class ChatCompletionTokenLogprob(View):
    """A token of the answer, and what else could have stood in its place."""

    token: str
    bytes: list[int] | None = None
    """UTF-8 of the token; a character may be spread over several tokens."""
    logprob: float
    """Natural logarithm of the probability; -9999 where the token is not among the twenty likeliest."""
    top_logprobs: list[TopLogprob]
    """The likeliest tokens, as many as `top_logprobs` asked for or fewer."""


class ChoiceLogprobs(View):
    """The tokens of one answer."""

    content: list[ChatCompletionTokenLogprob] | None = None
    refusal: list[ChatCompletionTokenLogprob] | None = None
