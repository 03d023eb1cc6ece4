"""What is asked about stored chat completions: to list them, to list their messages, to change their metadata."""

from __future__ import annotations

from typing import Required

from ceyx.types.page_params import OrderedPage
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["CompletionListParams", "CompletionUpdateParams"]


class MessageListParams(OrderedPage, total=False):
    """The messages of one completion, the oldest first by default."""


class CompletionListParams(OrderedPage, total=False):
    """Stored completions, all or some, the oldest first by default."""

    metadata: Metadata | Omit | None
    """Only those whose metadata hold these pairs."""
    model: str | Omit
    """Only those of this model."""


class CompletionUpdateParams(TypedDict, total=False):
    """Other metadata for a stored completion."""

    metadata: Required[Metadata | None]
    """Up to 16 pairs of strings (keys to 64, values to 512 characters), in place of those it has."""


class List(CompletionListParams, Options):
    """`list`."""


class Update(CompletionUpdateParams, Options):
    """`update`."""


class ListMessages(MessageListParams, Options):
    """`messages.list`."""
