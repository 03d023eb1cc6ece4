"""One answer of a legacy completion."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.content_filter import ContentFilterResults
from ceyx.wire.view import IfSent, View

__all__ = ["CompletionChoice"]


class Logprobs(View):
    """Log probabilities, in lists that run parallel: one entry for each token."""

    text_offset: list[int] | None = None
    """Where each token begins, in characters from the start of the text."""
    token_logprobs: list[float] | None = None
    tokens: list[str] | None = None
    top_logprobs: list[dict[str, float]] | None = None
    """The likeliest tokens at each place, with their log probabilities."""


class CompletionChoice(View):
    """One answer, or the next piece of it when streamed."""

    finish_reason: Literal["stop", "length", "content_filter"]
    """Why the text ends here: at its natural end or a stop sequence, at the token limit, or at the content filter."""
    index: int
    text: str
    logprobs: Logprobs | None = None
    content_filter_results: IfSent[ContentFilterResults | None] = None
    """Azure: what its content filter found in this answer."""
