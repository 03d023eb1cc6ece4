"""Conversations: items that go on from response to response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.conversations.conversation import Conversation, ConversationDeletedResource
from ceyx.wire.call import Call, Options, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint

if TYPE_CHECKING:
    from ceyx.resources.conversations.items import Items
    from ceyx.types.conversations.conversation_create_params import Create, Update

PARAMETERS = "ceyx.types.conversations.conversation_create_params"


class Conversations(Resource[Mode]):
    plan: Conversations[Plan]
    with_raw_response: Conversations[Raw[Mode]]
    with_streaming_response: Conversations[Streaming[Mode]]

    @child
    def items(self) -> Items[Mode]:
        from ceyx.resources.conversations.items import Items

        return self._child(Items[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Conversation]:
        """Begin a conversation. Parameters: `ceyx.types.conversations.ConversationCreateParams`."""
        return self._run(Call("POST", "/conversations", Conversation.wrap, params))

    @endpoint
    def retrieve(self, conversation_id: str, **options: Unpack[Options]) -> Call[Conversation]:
        """A conversation, without its items."""
        return self._run(Call("GET", f"/conversations/{segment(conversation_id)}", Conversation.wrap, options))

    @endpoint
    def update(self, conversation_id: str, **params: Unpack[Update]) -> Call[Conversation]:
        """Give a conversation other metadata. Parameters: `ceyx.types.conversations.ConversationUpdateParams`."""
        complete(params, "metadata")
        return self._run(Call("POST", f"/conversations/{segment(conversation_id)}", Conversation.wrap, params))

    @endpoint
    def delete(self, conversation_id: str, **options: Unpack[Options]) -> Call[ConversationDeletedResource]:
        """Delete a conversation; its items stay."""
        call = Call("DELETE", f"/conversations/{segment(conversation_id)}", ConversationDeletedResource.wrap, options)
        return self._run(call)


if TYPE_CHECKING:
    AsyncConversations = Conversations[Async]
else:
    AsyncConversations = asynchronous(Conversations)
