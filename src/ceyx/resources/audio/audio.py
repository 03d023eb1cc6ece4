"""The group of everything about audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.audio.speech import Speech
from ceyx.resources.audio.transcriptions import Transcriptions
from ceyx.resources.audio.translations import Translations
from ceyx.resources.audio.voice_consents import VoiceConsents
from ceyx.resources.audio.voices import Voices
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class Audio(Resource[Mode]):
    plan: Audio[Plan]
    with_raw_response: Audio[Raw[Mode]]
    with_streaming_response: Audio[Streaming[Mode]]

    @child
    def speech(self) -> Speech[Mode]:
        return self._child(Speech[Mode])

    @child
    def transcriptions(self) -> Transcriptions[Mode]:
        return self._child(Transcriptions[Mode])

    @child
    def translations(self) -> Translations[Mode]:
        return self._child(Translations[Mode])

    @child
    def voices(self) -> Voices[Mode]:
        return self._child(Voices[Mode])

    @child
    def voice_consents(self) -> VoiceConsents[Mode]:
        return self._child(VoiceConsents[Mode])


if TYPE_CHECKING:
    AsyncAudio = Audio[Async]
else:
    AsyncAudio = asynchronous(Audio)
