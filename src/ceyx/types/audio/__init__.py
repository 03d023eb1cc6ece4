# ruff: noqa: F403
"""The nouns of audio: what is asked (TypedDicts) and what comes back (views)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.audio.speech_create_params import *
    from ceyx.types.audio.transcription import *
    from ceyx.types.audio.transcription_create_params import *
    from ceyx.types.audio.transcription_create_response import *
    from ceyx.types.audio.transcription_diarized import *
    from ceyx.types.audio.transcription_stream_event import *
    from ceyx.types.audio.transcription_text_delta_event import *
    from ceyx.types.audio.transcription_text_done_event import *
    from ceyx.types.audio.transcription_verbose import *
    from ceyx.types.audio.translation import *
    from ceyx.types.audio.translation_create_params import *
    from ceyx.types.audio.voice import *
    from ceyx.types.audio.voice_create_params import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__, "speech_create_params", "transcription", "transcription_create_params", "transcription_create_response",
        "transcription_diarized", "transcription_stream_event", "transcription_text_delta_event",
        "transcription_text_done_event", "transcription_verbose", "translation", "translation_create_params", "voice",
        "voice_create_params",
    )  # fmt: skip
