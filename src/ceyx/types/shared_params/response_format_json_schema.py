"""The shape an answer shall have, as it is sent."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = ["ResponseFormatJSONObject", "ResponseFormatJSONSchema", "ResponseFormatText"]


class ResponseFormatText(TypedDict, total=False):
    """Plain text, the default."""

    type: Required[Literal["text"]]
    """Says which format this is."""


class ResponseFormatJSONObject(TypedDict, total=False):
    """Some JSON object. A message must ask for JSON as well; where the model knows `json_schema`, prefer that."""

    type: Required[Literal["json_object"]]
    """Says which format this is."""


class JSONSchema(TypedDict, total=False):
    """A named JSON Schema."""

    name: Required[str]
    """Up to 64 letters, digits, underscores and dashes."""
    description: str
    """What the answer is for, from which the model decides how to fill it."""
    schema: dict[str, object]
    """The JSON Schema itself."""
    strict: bool | None
    """True makes the answer follow the schema exactly, for which it may use a part of JSON Schema only; false by default."""


class ResponseFormatJSONSchema(TypedDict, total=False):
    """JSON of a given schema."""

    json_schema: Required[JSONSchema]
    """The schema, with its name."""
    type: Required[Literal["json_schema"]]
    """Says which format this is."""
