"""Whatever a conversation holds."""

from __future__ import annotations

from typing import Literal

from ceyx.types.conversations.message import Message
from ceyx.types.responses.response_function_tool_call import (
    ResponseCustomToolCall,
    ResponseCustomToolCallOutput,
    ResponseFunctionToolCallItem,
    ResponseToolSearchOutputItem,
)
from ceyx.types.responses.response_output_item import AnyItem, ResponseCompactionItem, ResponseConfigurationUpdateItem
from ceyx.wire.view import Answer

__all__ = ["ConversationItem", "ConversationItemList"]


ConversationItem = (
    AnyItem | ResponseFunctionToolCallItem | ResponseToolSearchOutputItem | ResponseConfigurationUpdateItem
    | ResponseCompactionItem | ResponseCustomToolCall | ResponseCustomToolCallOutput | Message
)  # fmt: skip


class ConversationItemList(Answer):
    """A page of items."""

    data: list[ConversationItem]
    first_id: str
    has_more: bool
    last_id: str
    object: Literal["list"]
