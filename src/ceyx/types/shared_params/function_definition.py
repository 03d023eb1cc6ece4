"""Functions a model may ask to have called, as they are sent."""

from __future__ import annotations

from typing import Required

from ceyx.types.shared.function_definition import FunctionParameters as FunctionParameters
from ceyx.wire.typed_dict import TypedDict

__all__ = ["FunctionDefinition", "FunctionParameters"]


class FunctionDefinition(TypedDict, total=False):
    """A function by name, purpose and the JSON Schema of its arguments."""

    name: Required[str]
    """Up to 64 letters, digits, underscores and dashes."""
    description: str
    """What the function does, from which the model decides when and how to call it."""
    parameters: FunctionParameters
    """JSON Schema of the arguments; without one, the function takes none."""
    strict: bool | None
    """True makes the arguments follow the schema exactly, for which it may use a part of JSON Schema only; false by default."""
