"""Whatever a response holds or was asked with, as it comes back."""

from __future__ import annotations

from typing import Any, Literal

from ceyx.types.responses.response_function_tool_call import (
    ResponseCustomToolCall,
    ResponseCustomToolCallItem,
    ResponseCustomToolCallOutput,
    ResponseCustomToolCallOutputItem,
    ResponseFunctionToolCall,
    ResponseFunctionToolCallItem,
    ResponseToolSearchOutputItem,
    ResponseToolSearchOutputItemParam,
)
from ceyx.types.responses.response_input_content import ResponseInputMessageContentList
from ceyx.types.responses.response_output_item import (
    AnyItem,
    ResponseCompactionItem,
    ResponseCompactionItemParam,
    ResponseConfigurationUpdateItem,
    ResponseConfigurationUpdateItemParam,
)
from ceyx.types.responses.response_output_text import ResponseOutputMessage
from ceyx.wire.view import Answer, View

__all__ = [
    "EasyInputMessage", "ResponseInput", "ResponseInputItem", "ResponseInputMessageItem", "ResponseItem", "ResponseItemList",
]  # fmt: skip


class EasyInputMessage(View):
    """A message, in short."""

    content: str | ResponseInputMessageContentList
    role: Literal["user", "assistant", "system", "developer"]
    phase: Literal["commentary", "final_answer"] | None = None
    type: Literal["message"] | None = None

    @classmethod
    def wrap(cls, data: Any) -> Any:
        """View `data`; what the model said has this type, too, and is a ResponseOutputMessage where it has its parts."""
        if (
            cls is EasyInputMessage
            and type(data) is dict
            and data.get("role") == "assistant"
            and type(data.get("content")) is list
        ):
            return ResponseOutputMessage.wrap(data)
        return super().wrap(data)


class CompactionTrigger(View):
    """From here back, shorten the conversation."""

    type: Literal["compaction_trigger"]
    id: str | None = None


class ItemReference(View):
    """An item that is stored."""

    id: str
    type: Literal["item_reference"] | None = None


class ResponseInputMessageItem(View):
    """A message to the model, as it is stored."""

    id: str
    content: ResponseInputMessageContentList
    role: Literal["user", "system", "developer"]
    type: Literal["message"]
    status: Literal["in_progress", "completed", "incomplete"] | None = None

    @classmethod
    def wrap(cls, data: Any) -> Any:
        """View `data`; what the model said has this type, too, and is a ResponseOutputMessage."""
        if cls is ResponseInputMessageItem and type(data) is dict and data.get("role") == "assistant":
            return ResponseOutputMessage.wrap(data)
        return super().wrap(data)


ResponseItem = (
    ResponseInputMessageItem | ResponseOutputMessage | AnyItem | ResponseFunctionToolCallItem | ResponseToolSearchOutputItem
    | ResponseConfigurationUpdateItem | ResponseCompactionItem | ResponseCustomToolCallItem | ResponseCustomToolCallOutputItem
)  # fmt: skip
ResponseInputItem = (
    EasyInputMessage | ResponseOutputMessage | AnyItem | ResponseFunctionToolCall | ResponseToolSearchOutputItemParam
    | ResponseConfigurationUpdateItemParam | ResponseCompactionItemParam | ResponseCustomToolCall
    | ResponseCustomToolCallOutput | CompactionTrigger | ItemReference
)  # fmt: skip
"""What a response was asked with. Here, ids and states may be missing that stored items have."""
ResponseInput = list[ResponseInputItem]


class ResponseItemList(Answer):
    """A page of items."""

    data: list[ResponseItem]
    first_id: str
    has_more: bool
    last_id: str
    object: Literal["list"]
