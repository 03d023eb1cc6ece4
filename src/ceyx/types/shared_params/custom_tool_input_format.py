"""What the input of a custom tool looks like, as it is sent."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = ["CustomToolInputFormat"]


class Text(TypedDict, total=False):
    """Any text, the default."""

    type: Required[Literal["text"]]


class Grammar(TypedDict, total=False):
    """Text of a given grammar."""

    definition: Required[str]
    """The grammar itself."""
    syntax: Required[Literal["lark", "regex"]]
    """What the grammar is written in."""
    type: Required[Literal["grammar"]]


CustomToolInputFormat = Text | Grammar
