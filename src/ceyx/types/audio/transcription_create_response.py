"""A transcription in any of its JSON formats."""

from __future__ import annotations

from ceyx.types.audio.transcription import Transcription
from ceyx.types.audio.transcription_diarized import TranscriptionDiarized
from ceyx.types.audio.transcription_verbose import TranscriptionVerbose

__all__ = ["TranscriptionCreateResponse"]

TranscriptionCreateResponse = Transcription | TranscriptionDiarized | TranscriptionVerbose
