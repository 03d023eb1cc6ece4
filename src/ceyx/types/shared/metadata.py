"""Notes of the caller that stay with what is stored."""

from __future__ import annotations

__all__ = ["Metadata"]

Metadata = dict[str, str]
