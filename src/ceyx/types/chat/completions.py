"""What is asked about stored chat completions: to list them, to list their messages, to change their metadata."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["CompletionListParams", "CompletionUpdateParams"]


class MessageListParams(TypedDict, total=False):
    """The messages of one completion."""

    after: str | Omit
    """The id of the last message of the page before."""
    limit: int | Omit
    """How many messages a page holds."""
    order: Literal["asc", "desc"] | Omit
    """By time, oldest first (`asc`, the default) or newest first."""


class CompletionListParams(TypedDict, total=False):
    """Stored completions, all or some."""

    after: str | Omit
    """The id of the last completion of the page before."""
    limit: int | Omit
    """How many completions a page holds."""
    metadata: Metadata | Omit | None
    """Only those whose metadata hold these pairs."""
    model: str | Omit
    """Only those of this model."""
    order: Literal["asc", "desc"] | Omit
    """By time, oldest first (`asc`, the default) or newest first."""


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
