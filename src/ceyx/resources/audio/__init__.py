"""Audio: the group, and what is in it."""

from ceyx.resources.audio.audio import AsyncAudio as AsyncAudio, Audio as Audio
from ceyx.resources.audio.speech import AsyncSpeech as AsyncSpeech, Speech as Speech
from ceyx.resources.audio.transcriptions import (
    AsyncTranscriptions as AsyncTranscriptions,
    Transcriptions as Transcriptions,
)
from ceyx.resources.audio.translations import AsyncTranslations as AsyncTranslations, Translations as Translations
from ceyx.resources.audio.voice_consents import (
    AsyncVoiceConsents as AsyncVoiceConsents,
    VoiceConsents as VoiceConsents,
)
from ceyx.resources.audio.voices import AsyncVoices as AsyncVoices, Voices as Voices
