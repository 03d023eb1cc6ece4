"""Functions a model may ask to have called, as they come back; `shared_params` has them as they are sent."""

from __future__ import annotations

from ceyx.wire.view import View

__all__ = ["FunctionDefinition", "FunctionParameters"]

FunctionParameters = dict[str, object]


class FunctionDefinition(View):
    """A function by name, purpose and the JSON Schema of its arguments."""

    name: str
    description: str | None = None
    parameters: FunctionParameters | None = None
    """JSON Schema of the arguments; without one, the function takes none."""
    strict: bool | None = None
    """Whether the arguments follow the schema exactly."""
