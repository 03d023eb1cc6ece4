"""The group of chat endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.chat.completions.completions import Completions
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class Chat(Resource[Mode]):
    plan: Chat[Plan]
    with_raw_response: Chat[Raw[Mode]]
    with_streaming_response: Chat[Streaming[Mode]]

    @child
    def completions(self) -> Completions[Mode]:
        return self._child(Completions[Mode])


if TYPE_CHECKING:
    AsyncChat = Chat[Async]
else:
    AsyncChat = asynchronous(Chat)
