"""Speech: a text, spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.accept import accepting
from ceyx.resources.required import complete
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.audio.speech_create_params import Create

PARAMETERS = "ceyx.types.audio.speech_create_params"


class Speech(Resource[Mode]):
    plan: Speech[Plan]
    with_raw_response: Speech[Raw[Mode]]
    with_streaming_response: Speech[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[HttpxBinaryResponseContent]:
        """A text as audio: `write_to_file(path)`, `.content`, ...; with `with_streaming_response`, while it is made.

        Parameters: `ceyx.types.audio.SpeechCreateParams`.
        """
        complete(params, "input", "model", "voice", fixed_model=self._fixed_model)
        asked = accepting("application/octet-stream", params)
        return self._run(Call("POST", "/audio/speech", HttpxBinaryResponseContent, asked, reads="response"))


if TYPE_CHECKING:
    AsyncSpeech = Speech[Async]
else:
    AsyncSpeech = asynchronous(Speech)
