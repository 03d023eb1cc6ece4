"""A piece of a transcription."""

from __future__ import annotations

from typing import Literal

from ceyx.types.audio.transcription import Logprob as Logprob
from ceyx.wire.view import View

__all__ = ["TranscriptionTextDeltaEvent"]


class TranscriptionTextDeltaEvent(View):
    """The next words."""

    delta: str
    type: Literal["transcript.text.delta"]
    logprobs: list[Logprob] | None = None
    """For `include=["logprobs"]`."""
    segment_id: str | None = None
    """The segment these words belong to, where speakers are told apart."""
