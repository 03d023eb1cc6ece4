"""Responses: whole or in events; looked up again, stopped, shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.accept import accepting
from ceyx.resources.required import complete
from ceyx.types.responses.response import CompactedResponse, Response
from ceyx.wire.call import Call, Omit, Options, omit, segment
from ceyx.wire.endpoint import (
    Async,
    Mode,
    Opens,
    Plan,
    Raw,
    Resource,
    Streaming,
    asynchronous,
    child,
    endpoint,
    opening,
    streamable,
)

if TYPE_CHECKING:
    from ceyx.resources.responses.input_items import InputItems
    from ceyx.resources.responses.input_tokens import InputTokens
    from ceyx.streams.collected import ResponseCollector
    from ceyx.streams.responses import AsyncResponseStreamManager, ResponseStreamManager
    from ceyx.types.chat.parsed_chat_completion import M
    from ceyx.types.responses.parsed_response import ParsedResponse
    from ceyx.types.responses.response_compact_params import Compact
    from ceyx.types.responses.response_create_params import (
        CreateEither,
        CreateStreamed,
        CreateWhole,
        ParseParams,
        StreamParams,
    )
    from ceyx.types.responses.response_retrieve_params import RetrieveEither, RetrieveStreamed, RetrieveWhole
    from ceyx.types.responses.response_stream_event import ResponseStreamEvent

PARAMETERS = (
    "ceyx.streams.responses ceyx.types.responses.parsed_response "
    "ceyx.types.responses.response_compact_params ceyx.types.responses.response_create_params "
    "ceyx.types.responses.response_retrieve_params"
)


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

    def _create_streamed(self, **params: Unpack[CreateStreamed]) -> ResponseStreamEvent: ...  # type: ignore[empty-body]
    def _create_either(self, **params: Unpack[CreateEither]) -> Any: ...
    def _retrieve_streamed(self, response_id: str, **params: Unpack[RetrieveStreamed]) -> ResponseStreamEvent: ...  # type: ignore[empty-body]
    def _retrieve_either(self, response_id: str, **params: Unpack[RetrieveEither]) -> Any: ...

    @streamable(_create_streamed, _create_either)
    def create(self, **params: Unpack[CreateWhole]) -> Call[Response]:
        """Have a model answer an input; with `stream=True`, in events as they happen.

        Parameters: `ceyx.types.responses.ResponseCreateParams`. `model` is a deployment's name on Azure. Raises an APIStatusError
        for an answer that is an error, APIConnectionError where there is none.
        """
        return self._run(Call("POST", "/responses", Response.wrap, params, collector))

    @streamable(_retrieve_streamed, _retrieve_either)
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
        return self._run(Call("POST", f"/responses/{segment(response_id)}/cancel", Response.wrap, options).without_body())

    @endpoint
    def compact(self, **params: Unpack[Compact]) -> Call[CompactedResponse]:
        """A conversation, shortened to what the model needs. Parameters: `ceyx.types.responses.ResponseCompactParams`."""
        complete(params, "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/responses/compact", CompactedResponse.wrap, params))

    @endpoint
    def parse(
        self,
        *,
        text_format: type[M] | Omit = omit,
        parse_as: type[M] | Omit | None = omit,
        strict: bool = True,
        **params: Unpack[ParseParams],
    ) -> Call[ParsedResponse[M]]:
        """Have a model answer in the shape of a type, and read the answer as one: `output_parsed`.

        `text_format` is a model of pydantic, a dataclass, a TypedDict, a Struct of msgspec, or any other type these libraries
        read. `parse_as` reads the answer as another type than is asked for, or with None not at all. `strict=False` asks for it
        without having the API enforce it. The arguments of function calls are read as well, for tools that are strict or made by
        `pydantic_function_tool` or `pydantic_responses_function_tool`.

        Parameters: `ceyx.types.responses.ResponseCreateParams`. Raises ValueError, before anything is sent, for a type that
        cannot be strict; LengthFinishReasonError or ContentFilterFinishReasonError, whose `completion` is the response, for one
        that was cut; and the ValidationError of pydantic or msgspec, a ValueError, for one that does not fit.
        """
        from ceyx.resources.responses.parsing import asked

        return self._run(Call("POST", "/responses", asked(params, text_format, parse_as, strict), params))

    @opening
    def stream(
        self, *, text_format: type[M] | Omit = omit, strict: bool = True, **params: Unpack[StreamParams]
    ) -> Opens[ResponseStreamManager[M], AsyncResponseStreamManager[M]]:
        """Have a model answer in events, with what came so far: a context manager, which sends the request when entered.

        `with client.responses.stream(...) as stream:` gives a `ResponseStream`: iterate over it, and ask it for
        `get_final_response()`. Text and arguments are read as `parse` reads them. With `response_id`, and `starting_after` the
        `sequence_number` of the last event seen, goes on with a response that is made in the background.

        Parameters: as `create`. Raises what `create` and `parse` do, when it is entered and read; ProtocolError for events out of
        order; and StreamTruncatedError for a response that ends before it is whole.
        """
        from ceyx.resources.responses.parsing import streamed

        return self._opened(*streamed(params, text_format, strict, self._fixed_model))  # type: ignore[no-any-return]


def collector() -> ResponseCollector:
    """For one stream. Imported with the first: there are sixty kinds of events, and whole responses need none of them."""
    from ceyx.streams.collected import ResponseCollector

    return ResponseCollector()


def nothing(_: bytes) -> None:
    return None


if TYPE_CHECKING:
    AsyncResponses = Responses[Async]
else:
    AsyncResponses = asynchronous(Responses)
