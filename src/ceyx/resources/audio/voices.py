"""Voices of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.audio.voice import Voice, VoiceDeleted
from ceyx.wire.call import Call, Options, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.audio.voice_create_params import Create

PARAMETERS = "ceyx.types.audio.voice_create_params"


class Voices(Resource[Mode]):
    plan: Voices[Plan]
    with_raw_response: Voices[Raw[Mode]]
    with_streaming_response: Voices[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Voice]:
        """A new voice, from a sample whose speaker has consented, or with `type="prompt"` from a description.

        Parameters: `ceyx.types.audio.VoiceCreateParams`.
        """
        needed = ("prompt",) if params.get("type") == "prompt" else ("audio_sample", "consent")
        complete(params, "name", *needed)
        return self._run(Call("POST", "/audio/voices", Voice.wrap, params, files=("audio_sample",)))

    @endpoint
    def delete(self, voice_id: str, **options: Unpack[Options]) -> Call[VoiceDeleted]:
        """Delete a voice; the recording of consent stays."""
        return self._run(Call("DELETE", f"/audio/voices/{segment(voice_id)}", VoiceDeleted.wrap, options))


if TYPE_CHECKING:
    AsyncVoices = Voices[Async]
else:
    AsyncVoices = asynchronous(Voices)
