"""What moderation found in the prompt and the answer of a chat completion that asked for it."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__: list[str] = []  # `openai` has these names beside those of each reply, not in the package


class ModerationResult(View):
    """The findings for one text or image."""

    categories: dict[str, bool]
    """Category to whether it was found."""
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]
    """Category to the kinds of input its score comes from."""
    category_scores: dict[str, float]
    """Category to a score from 0 to 1."""
    flagged: bool
    """Whether any category was found."""
    model: str
    type: Literal["moderation_result"]


class ModerationResults(View):
    """The findings for all of a prompt, or of an answer."""

    model: str
    results: list[ModerationResult]
    type: Literal["moderation_results"]


class ModerationError(View):
    """Why there are no findings."""

    code: str
    message: str
    type: Literal["error"]


class Moderation(View):
    """The findings for prompt and answer."""

    input: ModerationResults | ModerationError
    output: ModerationResults | ModerationError
