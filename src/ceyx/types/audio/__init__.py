"""The nouns of audio: what is asked (TypedDicts) and what comes back (views)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.audio.speech_create_params import SpeechCreateParams as SpeechCreateParams, SpeechModel as SpeechModel
    from ceyx.types.audio.transcription import Transcription as Transcription, TranscriptionLanguage as TranscriptionLanguage
    from ceyx.types.audio.transcription_create_params import (
        TranscriptionCreateParams as TranscriptionCreateParams,
        TranscriptionInclude as TranscriptionInclude,
    )
    from ceyx.types.audio.transcription_create_response import TranscriptionCreateResponse as TranscriptionCreateResponse
    from ceyx.types.audio.transcription_diarized import (
        TranscriptionDiarized as TranscriptionDiarized,
        TranscriptionDiarizedSegment as TranscriptionDiarizedSegment,
    )
    from ceyx.types.audio.transcription_stream_event import (
        TranscriptionStreamEvent as TranscriptionStreamEvent,
        TranscriptionTextSegmentEvent as TranscriptionTextSegmentEvent,
    )
    from ceyx.types.audio.transcription_text_delta_event import TranscriptionTextDeltaEvent as TranscriptionTextDeltaEvent
    from ceyx.types.audio.transcription_text_done_event import TranscriptionTextDoneEvent as TranscriptionTextDoneEvent
    from ceyx.types.audio.transcription_verbose import (
        TranscriptionSegment as TranscriptionSegment,
        TranscriptionVerbose as TranscriptionVerbose,
        TranscriptionWord as TranscriptionWord,
    )
    from ceyx.types.audio.translation import (
        Translation as Translation,
        TranslationCreateResponse as TranslationCreateResponse,
        TranslationVerbose as TranslationVerbose,
    )
    from ceyx.types.audio.translation_create_params import TranslationCreateParams as TranslationCreateParams
    from ceyx.types.audio.voice import (
        Voice as Voice,
        VoiceConsent as VoiceConsent,
        VoiceConsentDeleted as VoiceConsentDeleted,
        VoiceDeleted as VoiceDeleted,
    )
    from ceyx.types.audio.voice_create_params import (
        VoiceConsentCreateParams as VoiceConsentCreateParams,
        VoiceConsentListParams as VoiceConsentListParams,
        VoiceConsentUpdateParams as VoiceConsentUpdateParams,
        VoiceCreateParams as VoiceCreateParams,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "speech_create_params",
        "transcription",
        "transcription_create_params",
        "transcription_create_response",
        "transcription_diarized",
        "transcription_stream_event",
        "transcription_text_delta_event",
        "transcription_text_done_event",
        "transcription_verbose",
        "translation",
        "translation_create_params",
        "voice",
        "voice_create_params",
    )
