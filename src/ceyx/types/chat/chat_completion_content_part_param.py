"""The parts a message may be made of, as they are sent."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionContentPartImageParam", "ChatCompletionContentPartInputAudioParam", "ChatCompletionContentPartParam",
    "ChatCompletionContentPartRefusalParam", "ChatCompletionContentPartTextParam",
]  # fmt: skip


class PromptCacheBreakpoint(TypedDict, total=False):
    """Marks the end of a part of the prompt worth caching."""

    mode: Required[Literal["explicit"]]
    """Says that this mark was set by hand."""
    ttl: Literal["30m", "12h"]
    """How long the cache keeps the prompt up to here, at least."""


FilePromptCacheBreakpoint = PromptCacheBreakpoint


class ChatCompletionContentPartTextParam(TypedDict, total=False):
    """Text."""

    text: Required[str]
    """The text itself."""
    type: Required[Literal["text"]]
    """Says which kind of part this is."""
    prompt_cache_breakpoint: PromptCacheBreakpoint
    """Asks for the prompt up to the end of this part to be cached."""


class ImageURL(TypedDict, total=False):
    """Where an image is, or the image itself."""

    url: Required[str]
    """A URL the server can fetch, or the image as a data URL (`data:image/png;base64,...`)."""
    detail: Literal["auto", "low", "high", "original"]
    """How closely the model looks, `auto` by default: `low` costs fewest tokens, `original` does not shrink the image."""


class ChatCompletionContentPartImageParam(TypedDict, total=False):
    """An image."""

    image_url: Required[ImageURL]
    """Where the image is, or the image itself."""
    type: Required[Literal["image_url"]]
    """Says which kind of part this is."""
    prompt_cache_breakpoint: PromptCacheBreakpoint
    """Asks for the prompt up to the end of this part to be cached."""


class InputAudio(TypedDict, total=False):
    """Speech or another sound."""

    data: Required[str]
    """Base64 of the audio."""
    format: Required[Literal["wav", "mp3"]]
    """What the audio is encoded as."""


class ChatCompletionContentPartInputAudioParam(TypedDict, total=False):
    """Speech or another sound."""

    input_audio: Required[InputAudio]
    """The audio itself."""
    type: Required[Literal["input_audio"]]
    """Says which kind of part this is."""
    prompt_cache_breakpoint: PromptCacheBreakpoint
    """Asks for the prompt up to the end of this part to be cached."""


class FileFile(TypedDict, total=False):
    """A file: by id where it was uploaded, else by its content and name."""

    file_data: str
    """The content as a base64 data URL."""
    file_id: str
    """The id of an uploaded file."""
    filename: str
    """The name the model sees, needed beside `file_data`."""


class File(TypedDict, total=False):
    """A file, such as a PDF."""

    file: Required[FileFile]
    """The file itself, or its id."""
    type: Required[Literal["file"]]
    """Says which kind of part this is."""
    prompt_cache_breakpoint: PromptCacheBreakpoint
    """Asks for the prompt up to the end of this part to be cached."""


ChatCompletionContentPartParam = (
    ChatCompletionContentPartTextParam | ChatCompletionContentPartImageParam | ChatCompletionContentPartInputAudioParam | File
)


class ChatCompletionContentPartRefusalParam(TypedDict, total=False):
    """What the model said when it declined; in its own messages only."""

    refusal: Required[str]
    """The refusal as the model worded it."""
    type: Required[Literal["refusal"]]
    """Says which kind of part this is."""
