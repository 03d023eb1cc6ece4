"""Chat completions: whole, or in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.choices import ChatCollector
from ceyx.resources.required import complete
from ceyx.types.chat.chat_completion import ChatCompletion
from ceyx.types.chat.chat_completion_chunk import ChatCompletionChunk
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, streamable

if TYPE_CHECKING:
    from ceyx.types.chat.completion_create_params import CreateEither, CreateStreamed, CreateWhole

PARAMETERS = "ceyx.types.chat.completion_create_params"


class Completions(Resource[Mode]):
    plan: Completions[Plan]
    with_raw_response: Completions[Raw[Mode]]
    with_streaming_response: Completions[Streaming[Mode]]

    def _streamed(self, **params: Unpack[CreateStreamed]) -> Any: ...
    def _either(self, **params: Unpack[CreateEither]) -> Any: ...

    @streamable(_streamed, _either, ChatCompletionChunk)
    def create(self, **params: Unpack[CreateWhole]) -> Call[ChatCompletion]:
        """Have a model answer a conversation; with `stream=True`, in parts as they are made.

        Parameters: `ceyx.types.chat.CompletionCreateParams`. `model` is a deployment's name on Azure. Raises an APIStatusError
        for an answer that is an error, APIConnectionError where there is none.
        """
        if "messages" not in params or "model" not in params:
            complete(params, "messages", "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/chat/completions", ChatCompletion.wrap, params, ChatCollector))


if TYPE_CHECKING:
    AsyncCompletions = Completions[Async]
else:
    AsyncCompletions = asynchronous(Completions)
