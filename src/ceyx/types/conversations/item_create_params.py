"""What is asked about the items of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

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


class ItemListParams(TypedDict, total=False):
    """The items of a conversation."""

    after: str | Omit
    """The id of the last item of the page before."""
    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""
    limit: int | Omit
    """How many items a page holds: 1 to 100, 20 by default."""
    order: Literal["asc", "desc"] | Omit
    """By time, oldest first (`asc`) or newest first (`desc`, the default)."""


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
