"""What speech is made with."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["SpeechCreateParams", "SpeechModel"]

SpeechModel = Literal["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"]


class VoiceID(TypedDict, total=False):
    """A voice of your own."""

    id: Required[str]


Voice = (
    str
    | Literal["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar", "fable", "onyx", "nova"]
    | VoiceID
)


class SpeechCreateParams(TypedDict, total=False):
    """A text, and how to say it."""

    input: Required[str]
    """The text, up to 4,096 characters."""
    model: Required[str | SpeechModel]
    """The model that speaks; on Azure, the name of your deployment of it."""
    voice: Required[Voice]
    """One of the built-in voices, or your own as `{"id": ...}`."""
    instructions: str | Omit
    """How to speak, in words; `tts-1` and `tts-1-hd` know none."""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | Omit
    """`mp3` by default."""
    speed: float | Omit
    """0.25 to 4, 1 by default."""
    stream_format: Literal["sse", "audio"] | Omit
    """`audio` by default; `sse` sends events of base64, which `with_streaming_response` gives as they come."""


class Create(SpeechCreateParams, Options):
    """`create`."""
