"""Transcriptions: speech as text, in its language."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Unpack, get_args

from ceyx.resources.audio.formats import decoding, transcribes
from ceyx.resources.required import complete
from ceyx.types.audio.transcription import Transcription
from ceyx.types.audio.transcription_diarized import TranscriptionDiarized
from ceyx.types.audio.transcription_stream_event import TranscriptionStreamEvent
from ceyx.types.audio.transcription_verbose import TranscriptionVerbose
from ceyx.wire.call import Call
from ceyx.wire.collecting import TypedEvents
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous
from ceyx.wire.wrapping import by_type

if TYPE_CHECKING:
    from ceyx.types.audio.transcription_create_params import CreateAny

PARAMETERS = "ceyx.types.audio.transcription_create_params"
VIEWS = {"json": Transcription.wrap, "verbose_json": TranscriptionVerbose.wrap, "diarized_json": TranscriptionDiarized.wrap}
EVENTS: Any = partial(TypedEvents, by_type(list(get_args(TranscriptionStreamEvent))), frozenset({"transcript.text.done"}))


class Transcriptions(Resource[Mode]):
    plan: Transcriptions[Plan]
    with_raw_response: Transcriptions[Raw[Mode]]
    with_streaming_response: Transcriptions[Streaming[Mode]]

    @transcribes
    def create(self, **params: Unpack[CreateAny]) -> Call[Any]:
        """What is said in `file`: an object in any JSON format, a str in any other; with `stream=True`, in parts as it is heard.

        Parameters: `ceyx.types.audio.TranscriptionCreateParams`.
        """
        complete(params, "file", "model", fixed_model=self._fixed_model)
        decode, reads = decoding(VIEWS, params.get("response_format"))
        return self._run(Call("POST", "/audio/transcriptions", decode, params, EVENTS, reads, files=("file",)))


if TYPE_CHECKING:
    AsyncTranscriptions = Transcriptions[Async]
else:
    AsyncTranscriptions = asynchronous(Transcriptions)
