"""Legacy text completions: whole, or in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.required import complete
from ceyx.streams.choices import CompletionCollector
from ceyx.types.completion import Completion
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, streamable

if TYPE_CHECKING:
    from ceyx.types.completion_create_params import CreateEither, CreateStreamed, CreateWhole

PARAMETERS = "ceyx.types.completion_create_params"


class Completions(Resource[Mode]):
    plan: Completions[Plan]
    with_raw_response: Completions[Raw[Mode]]
    with_streaming_response: Completions[Streaming[Mode]]

    def _streamed(self, **params: Unpack[CreateStreamed]) -> Completion: ...  # type: ignore[empty-body]
    def _either(self, **params: Unpack[CreateEither]) -> Any: ...

    @streamable(_streamed, _either)
    def create(self, **params: Unpack[CreateWhole]) -> Call[Completion]:
        """Have a model go on with a text; with `stream=True`, in parts as they are made.

        Parameters: `ceyx.types.CompletionCreateParams`. For models that chat, use `client.chat.completions`.
        """
        if "prompt" not in params or "model" not in params:
            complete(params, "prompt", "model", fixed_model=self._fixed_model)
        return self._run(Call("POST", "/completions", Completion.wrap, params, CompletionCollector))


if TYPE_CHECKING:
    AsyncCompletions = Completions[Async]
else:
    AsyncCompletions = asynchronous(Completions)
