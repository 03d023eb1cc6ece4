"""Nouns of more than one group, as they are sent."""

from __future__ import annotations

from ceyx.types.shared.chat_model import ChatModel
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared_params.function_definition import FunctionDefinition, FunctionParameters
from ceyx.types.shared_params.response_format_json_schema import (
    ResponseFormatJSONObject,
    ResponseFormatJSONSchema,
    ResponseFormatText,
)

__all__ = [
    "ChatModel",
    "FunctionDefinition",
    "FunctionParameters",
    "Metadata",
    "ReasoningEffort",
    "ResponseFormatJSONObject",
    "ResponseFormatJSONSchema",
    "ResponseFormatText",
]
