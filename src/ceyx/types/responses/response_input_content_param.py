"""The parts of a message to a model."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.responses.response_input_content import ImageDetail
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ResponseFunctionCallOutputItemListParam", "ResponseFunctionCallOutputItemParam", "ResponseInputAudioParam",
    "ResponseInputContentParam", "ResponseInputFileContentParam", "ResponseInputFileParam", "ResponseInputImageContentParam",
    "ResponseInputImageParam", "ResponseInputMessageContentListParam", "ResponseInputTextContentParam",
    "ResponseInputTextParam",
]  # fmt: skip


class PromptCacheBreakpoint(TypedDict, total=False):
    """Marks the end of what the prompt cache keeps."""

    mode: Required[Literal["explicit"]]
    ttl: Literal["30m", "12h"]


class ResponseInputTextParam(TypedDict, total=False):
    """Text."""

    text: Required[str]
    type: Required[Literal["input_text"]]
    prompt_cache_breakpoint: PromptCacheBreakpoint


class ResponseInputTextContentParam(TypedDict, total=False):
    text: Required[str]
    type: Required[Literal["input_text"]]
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class ResponseInputImageParam(TypedDict, total=False):
    """An image: a file, a URL or a data URL."""

    detail: Required[ImageDetail]
    type: Required[Literal["input_image"]]
    file_id: str | None
    image_url: str | None
    prompt_cache_breakpoint: PromptCacheBreakpoint


class ResponseInputImageContentParam(TypedDict, total=False):
    type: Required[Literal["input_image"]]
    detail: ImageDetail | None
    file_id: str | None
    image_url: str | None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class ResponseInputFileParam(TypedDict, total=False):
    """A file: uploaded, at a URL, or base64 of it."""

    type: Required[Literal["input_file"]]
    detail: Literal["auto", "low", "high"]
    file_data: str
    """Base64, as a data URL."""
    file_id: str | None
    file_url: str
    filename: str
    prompt_cache_breakpoint: PromptCacheBreakpoint


class ResponseInputFileContentParam(TypedDict, total=False):
    type: Required[Literal["input_file"]]
    detail: Literal["auto", "low", "high"]
    file_data: str | None
    file_id: str | None
    file_url: str | None
    filename: str | None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class InputAudio(TypedDict, total=False):
    data: Required[str]
    """Base64."""
    format: Required[Literal["mp3", "wav"]]


class ResponseInputAudioParam(TypedDict, total=False):
    """Speech or other sound."""

    input_audio: Required[InputAudio]
    type: Required[Literal["input_audio"]]


ResponseInputContentParam = ResponseInputTextParam | ResponseInputImageParam | ResponseInputFileParam
ResponseInputMessageContentListParam = list[ResponseInputContentParam]
ResponseFunctionCallOutputItemParam = (
    ResponseInputTextContentParam | ResponseInputImageContentParam | ResponseInputFileContentParam
)  # fmt: skip
ResponseFunctionCallOutputItemListParam = list[ResponseFunctionCallOutputItemParam]
