"""Chat completions: whole, or in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.required import complete
from ceyx.streams.choices import ChatCollector
from ceyx.types.chat.chat_completion import ChatCompletion
from ceyx.types.chat.chat_completion_chunk import ChatCompletionChunk
from ceyx.types.chat.chat_completion_store_message import ChatCompletionDeleted
from ceyx.types.chat.parsed_chat_completion import M, ParsedChatCompletion
from ceyx.wire.call import Call, Omit, Options, Pages, omit, segment
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
    paginated,
    streamable,
)

if TYPE_CHECKING:
    from ceyx.resources.chat.completions.messages import Messages
    from ceyx.streams.chat import AsyncChatCompletionStreamManager, ChatCompletionStreamManager
    from ceyx.types.chat.completion_create_params import CreateEither, CreateStreamed, CreateWhole, ParseParams, ResponseFormat
    from ceyx.types.chat.completions import List, Update

PARAMETERS = "ceyx.streams.chat ceyx.types.chat.completion_create_params ceyx.types.chat.completions"


class Completions(Resource[Mode]):
    plan: Completions[Plan]
    with_raw_response: Completions[Raw[Mode]]
    with_streaming_response: Completions[Streaming[Mode]]

    @child
    def messages(self) -> Messages[Mode]:
        from ceyx.resources.chat.completions.messages import Messages

        return self._child(Messages[Mode])

    def _streamed(self, **params: Unpack[CreateStreamed]) -> ChatCompletionChunk: ...  # type: ignore[empty-body]
    def _either(self, **params: Unpack[CreateEither]) -> Any: ...

    @streamable(_streamed, _either)
    def create(self, **params: Unpack[CreateWhole]) -> Call[ChatCompletion]:
        """Have a model answer a conversation; with `stream=True`, in parts as they are made.

        Parameters: `ceyx.types.chat.CompletionCreateParams`. `model` is a deployment's name on Azure. Raises an APIStatusError
        for an answer that is an error, APIConnectionError where there is none.
        """
        if "messages" not in params or "model" not in params:
            complete(params, "messages", "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/chat/completions", ChatCompletion.wrap, params, ChatCollector))

    @endpoint
    def retrieve(self, completion_id: str, **options: Unpack[Options]) -> Call[ChatCompletion]:
        """A completion that was created with `store=True`."""
        return self._run(Call("GET", f"/chat/completions/{segment(completion_id)}", ChatCompletion.wrap, options))

    @endpoint
    def update(self, completion_id: str, **params: Unpack[Update]) -> Call[ChatCompletion]:
        """Give a stored completion other metadata. Parameters: `ceyx.types.chat.CompletionUpdateParams`."""
        if "metadata" not in params:
            complete(params, "metadata")
        return self._run(Call("POST", f"/chat/completions/{segment(completion_id)}", ChatCompletion.wrap, params))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[ChatCompletion]:
        """The stored completions, all or some. Parameters: `ceyx.types.chat.CompletionListParams`."""
        return self._run(Pages("/chat/completions", ChatCompletion.wrap, params))

    @endpoint
    def delete(self, completion_id: str, **options: Unpack[Options]) -> Call[ChatCompletionDeleted]:
        """Delete a stored completion."""
        return self._run(Call("DELETE", f"/chat/completions/{segment(completion_id)}", ChatCompletionDeleted.wrap, options))

    @endpoint
    def parse(
        self, *, response_format: type[M] | ResponseFormat | Omit = omit, strict: bool = True, **params: Unpack[ParseParams]
    ) -> Call[ParsedChatCompletion[M]]:
        """Have a model answer in the shape of a type, and read the answer as one: `choices[0].message.parsed`.

        `response_format` is a model of pydantic, a dataclass, a TypedDict, a Struct of msgspec, or any other type these
        libraries read. `strict=False` asks for it without having the API enforce it, for types that no strict schema can say. The
        arguments of tool calls are read as well, for tools that are strict or made by `pydantic_function_tool`.

        Parameters: `ceyx.types.chat.CompletionCreateParams`. Raises ValueError, before anything is sent, for a type or tool that
        cannot be strict; LengthFinishReasonError or ContentFilterFinishReasonError for an answer that was cut; and the
        ValidationError of pydantic or msgspec, a ValueError, for one that does not fit.
        """
        from ceyx.resources.chat.parsing import asked

        if "messages" not in params or "model" not in params:
            complete(params, "messages", "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/chat/completions", asked(params, response_format, strict), params))

    @opening
    def stream(
        self, *, response_format: type[M] | ResponseFormat | Omit = omit, strict: bool = True, **params: Unpack[ParseParams]
    ) -> Opens[ChatCompletionStreamManager[M], AsyncChatCompletionStreamManager[M]]:
        """Have a model answer in events, each with the answer so far: a context manager, which sends the request when entered.

        `with client.chat.completions.stream(...) as stream:` gives a `ChatCompletionStream`: iterate over it, and ask it for
        `get_final_completion()`. Its text and the arguments of its calls are read as `parse` reads them, without which tools may
        be of any kind. Parameters: as `parse`, and `stream_options`. Raises what `create` and `parse` do, when it is entered
        and read; and StreamTruncatedError for an answer that ends before it is whole.
        """
        from ceyx.resources.chat.parsing import streamed

        if "messages" not in params or "model" not in params:
            complete(params, "messages", "model", fixed_model=self._fixed_model)
        managers, state = streamed(params, response_format, strict)
        return self._opened(managers, Call("POST", "/chat/completions", ChatCompletion.wrap, params, ChatCollector), state)  # type: ignore[no-any-return]


if TYPE_CHECKING:
    AsyncCompletions = Completions[Async]
else:
    AsyncCompletions = asynchronous(Completions)
