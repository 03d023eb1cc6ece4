"""The items of a conversation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.required import complete
from ceyx.types.conversations.conversation import Conversation
from ceyx.types.conversations.conversation_item import ConversationItem, ConversationItemList
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated
from ceyx.wire.view import Wrap
from ceyx.wire.wrapping import wrapper

if TYPE_CHECKING:
    from ceyx.types.conversations.item_create_params import CreateItems, ListItems, RetrieveItem

PARAMETERS = "ceyx.types.conversations.item_create_params"


class Items(Resource[Mode]):
    plan: Items[Plan]
    with_raw_response: Items[Raw[Mode]]
    with_streaming_response: Items[Streaming[Mode]]

    @endpoint
    def create(self, conversation_id: str, **params: Unpack[CreateItems]) -> Call[ConversationItemList]:
        """Add items to a conversation. Parameters: `ceyx.types.conversations.ItemCreateParams`."""
        complete(params, "items")
        call = Call("POST", f"/conversations/{segment(conversation_id)}/items", ConversationItemList.wrap, params)
        if "include" in params:
            call.body, call.query = {"items": params["items"]}, {"include": params["include"]}
        return self._run(call)

    @endpoint
    def retrieve(self, item_id: str, **params: Unpack[RetrieveItem]) -> Call[ConversationItem]:
        """One item of a conversation. Parameters: `ceyx.types.conversations.ItemRetrieveParams`."""
        complete(params, "conversation_id")
        rest: Any = params
        path = f"/conversations/{segment(rest.pop('conversation_id'))}/items/{segment(item_id)}"
        return self._run(Call("GET", path, item(), rest))

    @paginated
    def list(self, conversation_id: str, **params: Unpack[ListItems]) -> Pages[ConversationItem]:
        """The items of a conversation. Parameters: `ceyx.types.conversations.ItemListParams`."""
        return self._run(Pages(f"/conversations/{segment(conversation_id)}/items", item(), params))

    @endpoint
    def delete(self, item_id: str, *, conversation_id: str, **options: Unpack[Options]) -> Call[Conversation]:
        """Take an item out of a conversation."""
        path = f"/conversations/{segment(conversation_id)}/items/{segment(item_id)}"
        return self._run(Call("DELETE", path, Conversation.wrap, options))


@cache
def item() -> Wrap:
    """How to view an item. Worked out when first called: there are thirty kinds."""
    wrap = wrapper(ConversationItem)
    assert wrap is not None
    return wrap


if TYPE_CHECKING:
    AsyncItems = Items[Async]
else:
    AsyncItems = asynchronous(Items)
