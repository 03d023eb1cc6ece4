"""How much a model thinks before it answers."""

from __future__ import annotations

from typing import Literal

__all__ = ["ReasoningEffort"]

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None
