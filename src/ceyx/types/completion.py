"""Legacy completions as they come back; whole answers and pieces of streamed ones have one shape."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.content_filter import PromptFilterResult
from ceyx.types.completion_choice import CompletionChoice
from ceyx.types.completion_usage import CompletionUsage
from ceyx.wire.view import Answer, IfSent

__all__ = ["Completion"]


class Completion(Answer):
    """A legacy completion, or a piece of it when streamed."""

    _essential = ("choices",)
    id: str
    choices: list[CompletionChoice]
    created: int
    """Unix time, in seconds."""
    model: str
    object: Literal["text_completion"]
    system_fingerprint: str | None = None
    """Names the server's configuration; where it changes, the same `seed` may answer differently."""
    usage: CompletionUsage | None = None
    prompt_filter_results: IfSent[list[PromptFilterResult] | None] = None
    """Azure: what its content filter found in each prompt."""
