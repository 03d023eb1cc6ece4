"""What was said in a conversation."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.response_input_content import (
    ImageDetail,
    PromptCacheBreakpoint,
    ResponseInputFile,
    ResponseInputImage,
    ResponseInputText,
)
from ceyx.types.responses.response_output_item import ReasoningText, Summary as SummaryTextContent
from ceyx.types.responses.response_output_text import ResponseOutputRefusal, ResponseOutputText
from ceyx.wire.view import View

__all__ = [
    "ComputerScreenshotContent", "InputFileContent", "InputImageContent", "InputTextContent", "Message", "OutputTextContent",
    "RefusalContent", "SummaryTextContent", "TextContent",
]  # fmt: skip


class TextContent(View):
    """Text."""

    text: str
    type: Literal["text"]


class ComputerScreenshotContent(View):
    """The screen."""

    detail: ImageDetail
    file_id: str | None = None
    image_url: str | None = None
    type: Literal["computer_screenshot"]
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


Content = (
    ResponseInputText | ResponseOutputText | TextContent | SummaryTextContent | ReasoningText | ResponseOutputRefusal
    | ResponseInputImage | ComputerScreenshotContent | ResponseInputFile
)  # fmt: skip


class Message(View):
    """A message, of whichever side."""

    id: str
    content: list[Content]
    role: Literal["unknown", "user", "assistant", "system", "critic", "discriminator", "developer", "tool"]
    status: Literal["in_progress", "completed", "incomplete"]
    type: Literal["message"]
    phase: Literal["commentary", "final_answer"] | None = None


InputTextContent = ResponseInputText
InputImageContent = ResponseInputImage
InputFileContent = ResponseInputFile
OutputTextContent = ResponseOutputText
RefusalContent = ResponseOutputRefusal
