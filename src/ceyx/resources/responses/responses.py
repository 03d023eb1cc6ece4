"""Responses: whole or in events; looked up again, stopped, shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ceyx.resources.accept import accepting
from ceyx.resources.required import complete
from ceyx.types.responses.response import CompactedResponse, Response
from ceyx.wire.call import Call, Options, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, streamable

if TYPE_CHECKING:
    from ceyx.resources.responses.collected import ResponseCollector
    from ceyx.resources.responses.input_items import InputItems
    from ceyx.resources.responses.input_tokens import InputTokens
    from ceyx.types.responses.response_compact_params import Compact
    from ceyx.types.responses.response_create_params import CreateEither, CreateStreamed, CreateWhole
    from ceyx.types.responses.response_retrieve_params import RetrieveEither, RetrieveStreamed, RetrieveWhole
    from ceyx.types.responses.response_stream_event import ResponseStreamEvent

PARAMETERS = (
    "ceyx.types.responses.response_compact_params ceyx.types.responses.response_create_params "
    "ceyx.types.responses.response_retrieve_params"
)
EVENT = cast("type[ResponseStreamEvent]", object)  # whom nobody asks: it is for type checkers


class Responses(Resource[Mode]):
    plan: Responses[Plan]
    with_raw_response: Responses[Raw[Mode]]
    with_streaming_response: Responses[Streaming[Mode]]

    @child
    def input_items(self) -> InputItems[Mode]:
        from ceyx.resources.responses.input_items import InputItems

        return self._child(InputItems[Mode])

    @child
    def input_tokens(self) -> InputTokens[Mode]:
        from ceyx.resources.responses.input_tokens import InputTokens

        return self._child(InputTokens[Mode])

    def _create_streamed(self, **params: Unpack[CreateStreamed]) -> Any: ...
    def _create_either(self, **params: Unpack[CreateEither]) -> Any: ...
    def _retrieve_streamed(self, response_id: str, **params: Unpack[RetrieveStreamed]) -> Any: ...
    def _retrieve_either(self, response_id: str, **params: Unpack[RetrieveEither]) -> Any: ...

    @streamable(_create_streamed, _create_either, EVENT)
    def create(self, **params: Unpack[CreateWhole]) -> Call[Response]:
        """Have a model answer an input; with `stream=True`, in events as they happen.

        Parameters: `ceyx.types.responses.ResponseCreateParams`. `model` is a deployment's name on Azure. Raises an APIStatusError
        for an answer that is an error, APIConnectionError where there is none.
        """
        return self._run(Call("POST", "/responses", Response.wrap, params, collector))

    @streamable(_retrieve_streamed, _retrieve_either, EVENT)
    def retrieve(self, response_id: str, **params: Unpack[RetrieveWhole]) -> Call[Response]:
        """A response as it stands; with `stream=True`, its events, and those still to come.

        A stream that broke off goes on with `starting_after`, the `sequence_number` of the last event seen. Parameters:
        `ceyx.types.responses.ResponseRetrieveParams`.
        """
        return self._run(Call("GET", f"/responses/{segment(response_id)}", Response.wrap, params, collector))

    @endpoint
    def delete(self, response_id: str, **options: Unpack[Options]) -> Call[None]:
        """Delete a response."""
        return self._run(Call("DELETE", f"/responses/{segment(response_id)}", nothing, accepting("*/*", options), reads="bytes"))

    @endpoint
    def cancel(self, response_id: str, **options: Unpack[Options]) -> Call[Response]:
        """Stop a response that is made in the background."""
        call = Call("POST", f"/responses/{segment(response_id)}/cancel", Response.wrap, options)
        call.body = None  # what to stop is in the path, and nothing else is said
        return self._run(call)

    @endpoint
    def compact(self, **params: Unpack[Compact]) -> Call[CompactedResponse]:
        """A conversation, shortened to what the model needs. Parameters: `ceyx.types.responses.ResponseCompactParams`."""
        if "model" not in params:
            complete(params, "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/responses/compact", CompactedResponse.wrap, params))


def collector() -> ResponseCollector:
    """For one stream. Imported with the first: there are sixty kinds of events, and whole responses need none of them."""
    from ceyx.resources.responses.collected import ResponseCollector

    return ResponseCollector()


def nothing(_: bytes) -> None:
    return None


if TYPE_CHECKING:
    AsyncResponses = Responses[Async]
else:
    AsyncResponses = asynchronous(Responses)
