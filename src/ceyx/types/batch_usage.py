"""What a batch took."""

from __future__ import annotations

from ceyx.wire.view import View

__all__ = ["BatchUsage"]


class InputTokensDetails(View):
    """Tokens of the prompts, by kind."""

    cached_tokens: int


class OutputTokensDetails(View):
    """Tokens of the answers, by kind."""

    reasoning_tokens: int


class BatchUsage(View):
    """Tokens of all requests."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int
