"""What the input of a custom tool looks like, as it comes back; `shared_params` has it as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = ["CustomToolInputFormat"]


class Text(View):
    """Any text."""

    type: Literal["text"]


class Grammar(View):
    """Text of a given grammar."""

    definition: str
    syntax: Literal["lark", "regex"]
    type: Literal["grammar"]


CustomToolInputFormat = Text | Grammar
