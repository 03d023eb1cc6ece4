"""Nouns of more than one group, as they are sent."""

from __future__ import annotations

from ceyx.types.shared.chat_model import ChatModel
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared.responses_model import ResponsesModel
from ceyx.types.shared_params.compound_filter import ComparisonFilter, CompoundFilter
from ceyx.types.shared_params.custom_tool_input_format import CustomToolInputFormat
from ceyx.types.shared_params.function_definition import FunctionDefinition, FunctionParameters
from ceyx.types.shared_params.reasoning import Reasoning
from ceyx.types.shared_params.response_format_json_schema import (
    ResponseFormatJSONObject,
    ResponseFormatJSONSchema,
    ResponseFormatText,
)

__all__ = [
    "ChatModel", "ComparisonFilter", "CompoundFilter", "CustomToolInputFormat", "FunctionDefinition", "FunctionParameters",
    "Metadata", "Reasoning", "ReasoningEffort", "ResponseFormatJSONObject", "ResponseFormatJSONSchema", "ResponseFormatText",
    "ResponsesModel",
]  # fmt: skip
