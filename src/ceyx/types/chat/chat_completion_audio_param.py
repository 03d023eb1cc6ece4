"""How a model shall speak."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = ["ChatCompletionAudioParam", "ChatCompletionModality"]

ChatCompletionModality = Literal["text", "audio"]


class VoiceID(TypedDict, total=False):
    """A voice of your own."""

    id: Required[str]
    """The id it got when it was made."""


Voice = str | Literal["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"] | VoiceID


class ChatCompletionAudioParam(TypedDict, total=False):
    """Format and voice of a spoken answer."""

    format: Required[Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]]
    """What the audio is encoded as; streamed answers come as `pcm16` only."""
    voice: Required[Voice]
    """A built-in voice by name, or one of your own by id."""
