"""The shape of the text asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required

from ceyx.types.shared_params.response_format_json_schema import ResponseFormatJSONObject, ResponseFormatText
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ResponseFormatTextConfigParam", "ResponseFormatTextJSONSchemaConfigParam", "ResponseTextConfigParam",
]  # fmt: skip


class ResponseFormatTextJSONSchemaConfigParam(TypedDict, total=False):
    """JSON of a given schema."""

    name: Required[str]
    """Up to 64 letters, digits, underscores and dashes."""
    schema: Required[Mapping[str, object]]
    type: Required[Literal["json_schema"]]
    description: str
    strict: bool | None
    """Whether the answer follows the schema exactly."""


ResponseFormatTextConfigParam = ResponseFormatText | ResponseFormatTextJSONSchemaConfigParam | ResponseFormatJSONObject


class ResponseTextConfigParam(TypedDict, total=False):
    """The shape of the text, and how much of it."""

    format: ResponseFormatTextConfigParam
    """Plain text by default."""
    verbosity: Literal["low", "medium", "high"] | None
    """How long-winded the answer is; `medium` by default."""
