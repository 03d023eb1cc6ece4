"""Speech as English text."""

from __future__ import annotations

from ceyx.types.audio.transcription_verbose import TranscriptionSegment
from ceyx.wire.view import Answer

__all__ = ["Translation", "TranslationCreateResponse", "TranslationVerbose"]


class Translation(Answer):
    """What was said, in English."""

    text: str


class TranslationVerbose(Answer):
    """What was said, in English, and when."""

    duration: float
    """Length of the audio, in seconds."""
    language: str
    """The language of `text`: English."""
    text: str
    segments: list[TranscriptionSegment] | None = None


TranslationCreateResponse = Translation | TranslationVerbose
