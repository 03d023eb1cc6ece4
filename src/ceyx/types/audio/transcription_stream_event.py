"""The parts of a streamed transcription."""

from __future__ import annotations

from ceyx.types.audio.transcription_diarized import TranscriptionDiarizedSegment
from ceyx.types.audio.transcription_text_delta_event import TranscriptionTextDeltaEvent
from ceyx.types.audio.transcription_text_done_event import TranscriptionTextDoneEvent

__all__ = ["TranscriptionStreamEvent", "TranscriptionTextSegmentEvent"]

TranscriptionTextSegmentEvent = TranscriptionDiarizedSegment
TranscriptionStreamEvent = TranscriptionTextSegmentEvent | TranscriptionTextDeltaEvent | TranscriptionTextDoneEvent
