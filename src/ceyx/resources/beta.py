"""What was in beta once, under its old address: programs say `client.beta.chat.completions.parse`, as Azure's pages do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.chat import Chat
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class Beta(Resource[Mode]):
    plan: Beta[Plan]
    with_raw_response: Beta[Raw[Mode]]
    with_streaming_response: Beta[Streaming[Mode]]

    @child
    def chat(self) -> Chat[Mode]:
        """As `client.chat`."""
        return self._child(Chat[Mode])


if TYPE_CHECKING:
    AsyncBeta = Beta[Async]
else:
    AsyncBeta = asynchronous(Beta)
