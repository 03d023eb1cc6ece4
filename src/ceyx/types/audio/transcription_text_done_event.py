"""The end of a streamed transcription."""

from __future__ import annotations

from typing import Literal

from ceyx.types.audio.transcription import (
    Logprob as Logprob,
    TranscriptionLanguage,
    UsageTokens,
    UsageTokensInputTokenDetails,
)
from ceyx.wire.view import View

__all__ = ["TranscriptionTextDoneEvent"]

Usage = UsageTokens
UsageInputTokenDetails = UsageTokensInputTokenDetails


class TranscriptionTextDoneEvent(View):
    """All that was said."""

    text: str
    type: Literal["transcript.text.done"]
    languages: list[TranscriptionLanguage] | None = None
    """The languages heard, from `gpt-transcribe`; empty where none could be told."""
    logprobs: list[Logprob] | None = None
    """For `include=["logprobs"]`."""
    usage: Usage | None = None
