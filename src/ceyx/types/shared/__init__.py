"""Nouns of more than one group, as they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.shared.chat_model import ChatModel as ChatModel
    from ceyx.types.shared.compound_filter import (
        ComparisonFilter as ComparisonFilter,
        CompoundFilter as CompoundFilter,
    )
    from ceyx.types.shared.custom_tool_input_format import CustomToolInputFormat as CustomToolInputFormat
    from ceyx.types.shared.error_object import ErrorObject as ErrorObject
    from ceyx.types.shared.function_definition import (
        FunctionDefinition as FunctionDefinition,
        FunctionParameters as FunctionParameters,
    )
    from ceyx.types.shared.metadata import Metadata as Metadata
    from ceyx.types.shared.reasoning import Reasoning as Reasoning
    from ceyx.types.shared.reasoning_effort import ReasoningEffort as ReasoningEffort
    from ceyx.types.shared.response_format_json_schema import (
        ResponseFormatJSONObject as ResponseFormatJSONObject,
        ResponseFormatJSONSchema as ResponseFormatJSONSchema,
        ResponseFormatText as ResponseFormatText,
        ResponseFormatTextGrammar as ResponseFormatTextGrammar,
        ResponseFormatTextPython as ResponseFormatTextPython,
    )
    from ceyx.types.shared.responses_model import AllModels as AllModels, ResponsesModel as ResponsesModel
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "chat_model",
        "compound_filter",
        "custom_tool_input_format",
        "error_object",
        "function_definition",
        "metadata",
        "reasoning",
        "reasoning_effort",
        "response_format_json_schema",
        "responses_model",
    )
