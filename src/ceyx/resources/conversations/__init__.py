"""Conversations: the group, and their items."""

from ceyx.resources.conversations.conversations import (
    AsyncConversations as AsyncConversations,
    Conversations as Conversations,
)
from ceyx.resources.conversations.items import AsyncItems as AsyncItems, Items as Items
