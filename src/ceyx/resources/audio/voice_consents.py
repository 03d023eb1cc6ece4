"""Recordings in which somebody allows their voice to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.audio.voice import VoiceConsent, VoiceConsentDeleted
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.audio.voice_create_params import CreateConsent, ListConsents, UpdateConsent

PARAMETERS = "ceyx.types.audio.voice_create_params"


class VoiceConsents(Resource[Mode]):
    plan: VoiceConsents[Plan]
    with_raw_response: VoiceConsents[Raw[Mode]]
    with_streaming_response: VoiceConsents[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[CreateConsent]) -> Call[VoiceConsent]:
        """Store a recording. Parameters: `ceyx.types.audio.VoiceConsentCreateParams`."""
        complete(params, "language", "name", "recording")
        return self._run(Call("POST", "/audio/voice_consents", VoiceConsent.wrap, params, files=("recording",)))

    @endpoint
    def retrieve(self, consent_id: str, **options: Unpack[Options]) -> Call[VoiceConsent]:
        """What is known of a recording."""
        return self._run(Call("GET", f"/audio/voice_consents/{segment(consent_id)}", VoiceConsent.wrap, options))

    @endpoint
    def update(self, consent_id: str, **params: Unpack[UpdateConsent]) -> Call[VoiceConsent]:
        """Give a recording another name."""
        complete(params, "name")
        return self._run(Call("POST", f"/audio/voice_consents/{segment(consent_id)}", VoiceConsent.wrap, params))

    @paginated
    def list(self, **params: Unpack[ListConsents]) -> Pages[VoiceConsent]:
        """All recordings."""
        return self._run(Pages("/audio/voice_consents", VoiceConsent.wrap, params))

    @endpoint
    def delete(self, consent_id: str, **options: Unpack[Options]) -> Call[VoiceConsentDeleted]:
        """Delete a recording."""
        return self._run(Call("DELETE", f"/audio/voice_consents/{segment(consent_id)}", VoiceConsentDeleted.wrap, options))


if TYPE_CHECKING:
    AsyncVoiceConsents = VoiceConsents[Async]
else:
    AsyncVoiceConsents = asynchronous(VoiceConsents)
