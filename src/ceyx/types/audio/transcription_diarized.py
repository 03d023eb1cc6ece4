"""A transcription that says who speaks."""

from __future__ import annotations

from typing import Literal

from ceyx.types.audio.transcription import (
    Usage as Usage,
    UsageDuration as UsageDuration,
    UsageTokens as UsageTokens,
    UsageTokensInputTokenDetails as UsageTokensInputTokenDetails,
)
from ceyx.wire.view import Answer, View

__all__ = ["TranscriptionDiarized", "TranscriptionDiarizedSegment"]


class TranscriptionDiarizedSegment(View):
    """A stretch of speech of one speaker. Times are in seconds."""

    id: str
    end: float
    speaker: str
    """The name that was given with a sample of the voice, else `A`, `B`, ..."""
    start: float
    text: str
    type: Literal["transcript.text.segment"]


class TranscriptionDiarized(Answer):
    """What was said, when and by whom."""

    duration: float
    """Length of the audio, in seconds."""
    segments: list[TranscriptionDiarizedSegment]
    task: Literal["transcribe"]
    text: str
    usage: Usage | None = None
