"""The messages of stored chat completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.chat.chat_completion_store_message import ChatCompletionStoreMessage
from ceyx.wire.call import Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, paginated

if TYPE_CHECKING:
    from ceyx.types.chat.completions import ListMessages

PARAMETERS = "ceyx.types.chat.completions"


class Messages(Resource[Mode]):
    plan: Messages[Plan]
    with_raw_response: Messages[Raw[Mode]]
    with_streaming_response: Messages[Streaming[Mode]]

    @paginated
    def list(self, completion_id: str, **params: Unpack[ListMessages]) -> Pages[ChatCompletionStoreMessage]:
        """What was asked in a stored completion. Parameters: `ceyx.types.chat.completions.MessageListParams`."""
        return self._run(Pages(f"/chat/completions/{segment(completion_id)}/messages", ChatCompletionStoreMessage.wrap, params))


if TYPE_CHECKING:
    AsyncMessages = Messages[Async]
else:
    AsyncMessages = asynchronous(Messages)
