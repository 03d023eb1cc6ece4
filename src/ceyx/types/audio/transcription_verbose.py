"""A transcription with times: segments, words."""

from __future__ import annotations

from ceyx.types.audio.transcription import UsageDuration
from ceyx.wire.view import Answer, View

__all__ = ["TranscriptionSegment", "TranscriptionVerbose", "TranscriptionWord"]

Usage = UsageDuration


class TranscriptionSegment(View):
    """A stretch of speech. Times are in seconds."""

    id: int
    avg_logprob: float
    """Below -1, the model was guessing."""
    compression_ratio: float
    """Above 2.4, the text repeats itself, which is a sign of failure."""
    end: float
    no_speech_prob: float
    """Near 1, and `avg_logprob` below -1: this is silence."""
    seek: int
    """Where the segment lies in the audio, in the model's own steps."""
    start: float
    temperature: float
    text: str
    tokens: list[int]


class TranscriptionWord(View):
    """A word, and when it was said, in seconds."""

    end: float
    start: float
    word: str


class TranscriptionVerbose(Answer):
    """What was said, and when."""

    duration: float
    """Length of the audio, in seconds."""
    language: str
    text: str
    segments: list[TranscriptionSegment] | None = None
    usage: Usage | None = None
    words: list[TranscriptionWord] | None = None
    """For `timestamp_granularities=["word"]`."""
