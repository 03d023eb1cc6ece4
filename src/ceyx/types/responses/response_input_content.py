"""The parts of a message to a model, as they come back."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Promised, View

__all__ = [
    "ImageDetail", "ResponseFunctionCallOutputItem", "ResponseFunctionCallOutputItemList", "ResponseInputAudio",
    "ResponseInputContent", "ResponseInputFile", "ResponseInputFileContent", "ResponseInputImage", "ResponseInputImageContent",
    "ResponseInputMessageContentList", "ResponseInputText", "ResponseInputTextContent",
]  # fmt: skip


ImageDetail = Literal["low", "high", "auto", "original"]
"""How closely the model looks at an image."""


class PromptCacheBreakpoint(View):
    """Marks the end of what the prompt cache keeps."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class ResponseInputText(View):
    """Text."""

    text: str
    type: Literal["input_text"]
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class ResponseInputImage(View):
    """An image: a file, a URL or a data URL."""

    detail: Promised[ImageDetail]
    type: Literal["input_image"]
    file_id: str | None = None
    image_url: str | None = None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class ResponseInputImageContent(View):
    type: Literal["input_image"]
    detail: ImageDetail | None = None
    file_id: str | None = None
    image_url: str | None = None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class ResponseInputFile(View):
    """A file: uploaded, at a URL, or base64 of it."""

    type: Literal["input_file"]
    detail: Literal["auto", "low", "high"] | None = None
    file_data: str | None = None
    """Base64, as a data URL."""
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class InputAudio(View):
    data: str
    """Base64."""
    format: Literal["mp3", "wav"]


class ResponseInputAudio(View):
    """Speech or other sound."""

    input_audio: InputAudio
    type: Literal["input_audio"]


ResponseInputTextContent = ResponseInputText
ResponseInputFileContent = ResponseInputFile
ResponseInputContent = ResponseInputText | ResponseInputImage | ResponseInputFile
ResponseInputMessageContentList = list[ResponseInputContent]
ResponseFunctionCallOutputItem = ResponseInputText | ResponseInputImageContent | ResponseInputFile
ResponseFunctionCallOutputItemList = list[ResponseFunctionCallOutputItem]
