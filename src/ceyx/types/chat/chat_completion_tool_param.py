"""The tools a model may ask to have called, as they are sent."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.shared_params.function_definition import FunctionDefinition as FunctionDefinition
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionCustomToolParam", "ChatCompletionFunctionToolParam", "ChatCompletionToolParam",
    "ChatCompletionToolUnionParam",
]  # fmt: skip


class ChatCompletionFunctionToolParam(TypedDict, total=False):
    """A function whose arguments are JSON."""

    function: Required[FunctionDefinition]
    """The function by name, purpose and the JSON Schema of its arguments."""
    type: Required[Literal["function"]]
    """Says which kind of tool this is."""


class CustomFormatText(TypedDict, total=False):
    """Any text, the default."""

    type: Required[Literal["text"]]
    """Says which format this is."""


class CustomFormatGrammarGrammar(TypedDict, total=False):
    """A grammar."""

    definition: Required[str]
    """The grammar itself."""
    syntax: Required[Literal["lark", "regex"]]
    """What the grammar is written in."""


class CustomFormatGrammar(TypedDict, total=False):
    """Text of a given grammar."""

    grammar: Required[CustomFormatGrammarGrammar]
    """The grammar, with what it is written in."""
    type: Required[Literal["grammar"]]
    """Says which format this is."""


CustomFormat = CustomFormatText | CustomFormatGrammar


class Custom(TypedDict, total=False):
    """A tool by name, purpose and the format of its input."""

    name: Required[str]
    """How the model calls it."""
    description: str
    """What the tool does, from which the model decides when and how to call it."""
    format: CustomFormat
    """What its input looks like; any text by default."""


class ChatCompletionCustomToolParam(TypedDict, total=False):
    """A tool whose input is text."""

    custom: Required[Custom]
    """The tool by name, purpose and the format of its input."""
    type: Required[Literal["custom"]]
    """Says which kind of tool this is."""


ChatCompletionToolParam = ChatCompletionFunctionToolParam
ChatCompletionToolUnionParam = ChatCompletionFunctionToolParam | ChatCompletionCustomToolParam
