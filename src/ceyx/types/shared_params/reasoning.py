"""How a model is to think, as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.wire.typed_dict import TypedDict

__all__ = ["Reasoning"]


class Reasoning(TypedDict, total=False):
    """How a model thinks before it answers."""

    context: Literal["auto", "current_turn", "all_turns"] | None
    """Which earlier reasoning the model sees; it chooses by default."""
    effort: ReasoningEffort | None
    """How much the model thinks; not every model knows every value."""
    generate_summary: Literal["auto", "concise", "detailed"] | None
    """Deprecated spelling of `summary`."""
    mode: str | Literal["standard", "pro"]
    """How the reasoning is run."""
    summary: Literal["auto", "concise", "detailed"] | None
    """How much the model tells of its reasoning; nothing by default."""
