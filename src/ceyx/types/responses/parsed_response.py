"""A response whose text and arguments were read as types of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ceyx.types.read_view import ReadView
from ceyx.types.responses.response import Response
from ceyx.types.responses.response_function_tool_call import (
    ResponseCustomToolCall,
    ResponseCustomToolCallOutputItem,
    ResponseFunctionToolCall,
    ResponseToolSearchOutputItem,
)
from ceyx.types.responses.response_output_item import AnyItem, ResponseCompactionItem
from ceyx.types.responses.response_output_text import ResponseOutputMessage, ResponseOutputRefusal, ResponseOutputText

__all__ = [
    "ParsedContent", "ParsedResponse", "ParsedResponseFunctionToolCall", "ParsedResponseOutputItem",
    "ParsedResponseOutputMessage", "ParsedResponseOutputText",
]  # fmt: skip

ContentType = TypeVar("ContentType")


class ParsedResponseOutputText(ReadView, ResponseOutputText, Generic[ContentType]):
    """Text, and what it was read as."""

    parsed: ContentType | None = None


ParsedContent = ParsedResponseOutputText[ContentType] | ResponseOutputRefusal


class ParsedResponseOutputMessage(ReadView, ResponseOutputMessage, Generic[ContentType]):
    """What the model says, read."""

    if TYPE_CHECKING:
        content: list[ParsedContent[ContentType]]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
    else:
        content: list[ParsedResponseOutputText | ResponseOutputRefusal]


class ParsedResponseFunctionToolCall(ReadView, ResponseFunctionToolCall):
    """A function the model wants called, and what its arguments were read as."""

    parsed_arguments: object = None


ParsedResponseOutputItem = (
    AnyItem | ParsedResponseFunctionToolCall | ResponseToolSearchOutputItem | ResponseCompactionItem | ResponseCustomToolCall
    | ResponseCustomToolCallOutputItem | ParsedResponseOutputMessage[ContentType]
)  # fmt: skip


class ParsedResponse(ReadView, Response, Generic[ContentType]):
    """A response, read."""

    if TYPE_CHECKING:
        output: list[ParsedResponseOutputItem[ContentType]]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
    else:
        output: list[
            ParsedResponseOutputMessage
            | ParsedResponseFunctionToolCall
            | ResponseToolSearchOutputItem
            | ResponseCompactionItem
            | ResponseCustomToolCall
            | ResponseCustomToolCallOutputItem
            | AnyItem
        ]

    @property
    def output_parsed(self) -> ContentType | None:
        """What the first text that was read is; None where none was."""
        for item in self.output or ():
            if isinstance(item, ParsedResponseOutputMessage):
                for part in item.content or ():
                    if isinstance(part, ParsedResponseOutputText) and part.parsed is not None:
                        return part.parsed
        return None
