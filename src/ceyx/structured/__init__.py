"""Answers of a shape: from a type to what the API is asked for, and from what it answers to a value of the type. No requests."""

from ceyx.structured.formats import (
    parsed,
    parsed_arguments,
    pydantic_function_tool,
    pydantic_responses_function_tool,
    response_format_of,
    text_format_of,
)
from ceyx.structured.shapes import schema_of
from ceyx.structured.strict import problems, strict

__all__ = [
    "parsed",
    "parsed_arguments",
    "problems",
    "pydantic_function_tool",
    "pydantic_responses_function_tool",
    "response_format_of",
    "schema_of",
    "strict",
    "text_format_of",
]
