"""What is asked about the items of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Required

from ceyx.types.page_params import OrderedPage
from ceyx.types.responses.response import ResponseIncludable
from ceyx.types.responses.response_input_param import ResponseInputItemParam
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ItemCreateParams", "ItemListParams", "ItemRetrieveParams"]


class ItemCreateParams(TypedDict, total=False):
    """What is added to a conversation."""

    items: Required[Iterable[ResponseInputItemParam]]
    """Up to 20."""
    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""


class ItemListParams(OrderedPage, total=False):
    """The items of a conversation."""

    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""


class ItemRetrieveParams(TypedDict, total=False):
    """One item of a conversation."""

    conversation_id: Required[str]
    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""


class CreateItems(ItemCreateParams, Options):
    """`items.create`."""


class ListItems(ItemListParams, Options):
    """`items.list`."""


class RetrieveItem(Options, total=False):
    """`items.retrieve`; the conversation is an argument of its own."""

    conversation_id: Required[str]
    """The conversation that holds the item."""
    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""
