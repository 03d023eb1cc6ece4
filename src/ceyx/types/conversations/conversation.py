"""A conversation."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, Promised

__all__ = ["Conversation", "ConversationDeletedResource"]


class Conversation(Answer):
    """Items that go on from response to response."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    metadata: Promised[Metadata]
    object: Literal["conversation"]


class ConversationDeletedResource(Answer):
    """That a conversation is gone; its items are not."""

    id: str
    deleted: bool
    object: Literal["conversation.deleted"]
