"""The shape an answer was asked to have, as it comes back; `shared_params` has it as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = [
    "ResponseFormatJSONObject", "ResponseFormatJSONSchema", "ResponseFormatText", "ResponseFormatTextGrammar",
    "ResponseFormatTextPython",
]  # fmt: skip


class ResponseFormatText(View):
    """Plain text."""

    type: Literal["text"]


class ResponseFormatJSONObject(View):
    """Some JSON object."""

    type: Literal["json_object"]


class JSONSchema(View):
    """A named JSON Schema."""

    name: str
    description: str | None = None
    schema: dict[str, object] | None = None
    strict: bool | None = None
    """Whether the answer follows the schema exactly."""

    schema_ = property(lambda self: self.schema, doc="The name that `openai` has for it.")


class ResponseFormatJSONSchema(View):
    """JSON of a given schema."""

    json_schema: JSONSchema
    type: Literal["json_schema"]


class ResponseFormatTextGrammar(View):
    """Text of a given grammar."""

    grammar: str
    type: Literal["grammar"]


class ResponseFormatTextPython(View):
    """Python source."""

    type: Literal["python"]
