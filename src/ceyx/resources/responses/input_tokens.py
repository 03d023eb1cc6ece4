"""How long an input is, before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.responses.response_usage import InputTokenCountResponse
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.responses.response_compact_params import CountInputTokens

PARAMETERS = "ceyx.types.responses.response_compact_params"


class InputTokens(Resource[Mode]):
    plan: InputTokens[Plan]
    with_raw_response: InputTokens[Raw[Mode]]
    with_streaming_response: InputTokens[Streaming[Mode]]

    @endpoint
    def count(self, **params: Unpack[CountInputTokens]) -> Call[InputTokenCountResponse]:
        """The tokens that `create` would take for this input. Parameters: `ceyx.types.responses.InputTokenCountParams`."""
        return self._run(Call("POST", "/responses/input_tokens", InputTokenCountResponse.wrap, params))


if TYPE_CHECKING:
    AsyncInputTokens = InputTokens[Async]
else:
    AsyncInputTokens = asynchronous(InputTokens)
