"""Moderations: what is harmful in texts and images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.moderation import ModerationCreateResponse
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.moderation_create_params import Create

PARAMETERS = "ceyx.types.moderation_create_params"


class Moderations(Resource[Mode]):
    plan: Moderations[Plan]
    with_raw_response: Moderations[Raw[Mode]]
    with_streaming_response: Moderations[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[ModerationCreateResponse]:
        """The findings for texts and images. Parameters: `ceyx.types.ModerationCreateParams`."""
        complete(params, "input")
        return self._run(Call("POST", "/moderations", ModerationCreateResponse.wrap, params))


if TYPE_CHECKING:
    AsyncModerations = Moderations[Async]
else:
    AsyncModerations = asynchronous(Moderations)
