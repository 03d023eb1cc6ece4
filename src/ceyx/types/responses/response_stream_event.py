"""A response as it streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

from ceyx.types.responses.response import Response
from ceyx.types.responses.response_output_item import ResponseOutputItem
from ceyx.types.responses.response_text_delta_event import ItemEvent, StreamEvent, TextEvent
from ceyx.types.responses.response_tool_call_event import ToolCallEvent
from ceyx.wire.view import View

__all__ = [
    "ResponseCompactionCompactingEvent", "ResponseCompletedEvent", "ResponseCreatedEvent", "ResponseErrorEvent",
    "ResponseFailedEvent", "ResponseInProgressEvent", "ResponseIncompleteEvent", "ResponseOutputItemAddedEvent",
    "ResponseOutputItemDoneEvent", "ResponseQueuedEvent", "ResponseStreamEvent",
]  # fmt: skip


class ResponseCreatedEvent(StreamEvent):
    response: Response
    type: Literal["response.created"]


class ResponseQueuedEvent(StreamEvent):
    response: Response
    type: Literal["response.queued"]


class ResponseInProgressEvent(StreamEvent):
    response: Response
    type: Literal["response.in_progress"]


class ResponseCompletedEvent(StreamEvent):
    response: Response
    type: Literal["response.completed"]


class ResponseFailedEvent(StreamEvent):
    response: Response
    type: Literal["response.failed"]


class ResponseIncompleteEvent(StreamEvent):
    response: Response
    type: Literal["response.incomplete"]


class ResponseOutputItemAddedEvent(StreamEvent):
    item: ResponseOutputItem
    output_index: int
    type: Literal["response.output_item.added"]


class ResponseOutputItemDoneEvent(StreamEvent):
    item: ResponseOutputItem
    output_index: int
    type: Literal["response.output_item.done"]


class ResponseErrorEvent(StreamEvent):
    """The stream failed."""

    code: str | None = None
    message: str
    param: str | None = None
    type: Literal["error"]


class ResponseCompactionCompactingEvent(ItemEvent):
    type: Literal["response.compaction.compacting"]


ResponseStreamEvent = (
    ResponseCreatedEvent | ResponseQueuedEvent | ResponseInProgressEvent | ResponseCompletedEvent | ResponseFailedEvent
    | ResponseIncompleteEvent | ResponseOutputItemAddedEvent | ResponseOutputItemDoneEvent | ResponseErrorEvent
    | ResponseCompactionCompactingEvent | TextEvent | ToolCallEvent
)  # fmt: skip


# Annotations are text here, and their literal is cut out: working out sixty of them would be felt in the first event.
_kinds: tuple[Any, ...] = get_args(ResponseStreamEvent)
VIEWS: dict[str, Callable[[Any], Any]] = {kind.__annotations__["type"].split("'")[1]: kind.wrap for kind in _kinds}


def wrap_event(data: Any) -> Any:
    """View an event; one of a type that is not known here is a plain view."""
    try:
        wrap = VIEWS[data["type"]]
    except (KeyError, TypeError):
        wrap = View.wrap
    return wrap(data)
