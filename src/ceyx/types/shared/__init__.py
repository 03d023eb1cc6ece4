# ruff: noqa: F403
"""Nouns of more than one group, as they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.shared.chat_model import *
    from ceyx.types.shared.compound_filter import *
    from ceyx.types.shared.custom_tool_input_format import *
    from ceyx.types.shared.error_object import *
    from ceyx.types.shared.function_definition import *
    from ceyx.types.shared.metadata import *
    from ceyx.types.shared.reasoning import *
    from ceyx.types.shared.reasoning_effort import *
    from ceyx.types.shared.response_format_json_schema import *
    from ceyx.types.shared.responses_model import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__, "chat_model", "compound_filter", "custom_tool_input_format", "error_object", "function_definition",
        "metadata", "reasoning", "reasoning_effort", "response_format_json_schema", "responses_model",
    )  # fmt: skip
