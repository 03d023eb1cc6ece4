"""How a model was to think, and did, as it comes back; `shared_params` has it as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.wire.view import View

__all__ = ["Reasoning"]


class Reasoning(View):
    """How a model thought before it answered."""

    context: Literal["auto", "current_turn", "all_turns"] | None = None
    """Which earlier reasoning the model saw."""
    effort: ReasoningEffort | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    """Deprecated; see `summary`."""
    mode: str | Literal["standard", "pro"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    """How much it told of its reasoning."""
