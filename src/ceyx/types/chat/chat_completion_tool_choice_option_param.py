"""Whether, and which of, the tools a model must call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionAllowedToolChoiceParam", "ChatCompletionAllowedToolsParam", "ChatCompletionFunctionCallOptionParam",
    "ChatCompletionNamedToolChoiceCustomParam", "ChatCompletionNamedToolChoiceParam", "ChatCompletionToolChoiceOptionParam",
]  # fmt: skip


class Function(TypedDict, total=False):
    """A function by name."""

    name: Required[str]
    """The function's name."""


class ChatCompletionNamedToolChoiceParam(TypedDict, total=False):
    """Makes the model call this function."""

    function: Required[Function]
    """The function by name."""
    type: Required[Literal["function"]]
    """Says which kind of choice this is."""


class Custom(TypedDict, total=False):
    """A custom tool by name."""

    name: Required[str]
    """The tool's name."""


class ChatCompletionNamedToolChoiceCustomParam(TypedDict, total=False):
    """Makes the model call this custom tool."""

    custom: Required[Custom]
    """The tool by name."""
    type: Required[Literal["custom"]]
    """Says which kind of choice this is."""


class ChatCompletionAllowedToolsParam(TypedDict, total=False):
    """Some of the tools."""

    mode: Required[Literal["auto", "required"]]
    """`auto` lets the model answer instead, `required` makes it call at least one."""
    tools: Required[Iterable[dict[str, object]]]
    """The tools by name, such as `{"type": "function", "function": {"name": "weather"}}`."""


class ChatCompletionAllowedToolChoiceParam(TypedDict, total=False):
    """Leaves the model some of the tools, without changing `tools` (and so the prompt cache)."""

    allowed_tools: Required[ChatCompletionAllowedToolsParam]
    """Which tools, and whether one must be called."""
    type: Required[Literal["allowed_tools"]]
    """Says which kind of choice this is."""


ChatCompletionToolChoiceOptionParam = (
    Literal["none", "auto", "required"]
    | ChatCompletionAllowedToolChoiceParam
    | ChatCompletionNamedToolChoiceParam
    | ChatCompletionNamedToolChoiceCustomParam
)


class ChatCompletionFunctionCallOptionParam(TypedDict, total=False):
    """Deprecated: makes the model call this one of `functions`."""

    name: Required[str]
    """The function's name."""
