"""The events of a response that tell more than the API's own do: of what came so far, and of what it was read as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from ceyx.streams.so_far import LateView
from ceyx.types.chat.parsed_chat_completion import M
from ceyx.types.read_view import ReadView
from ceyx.types.responses import (
    response_stream_event as state,
    response_text_delta_event as text,
    response_tool_call_event as call,
)
from ceyx.types.responses.parsed_response import ParsedResponse


class ResponseTextDeltaEvent(LateView, text.ResponseTextDeltaEvent):
    """A piece of the text came."""

    snapshot: str
    """The text of this part so far, put together when it is first read."""


class ResponseTextDoneEvent(ReadView, text.ResponseTextDoneEvent, Generic[M]):
    """The text of a part is whole."""

    parsed: M | None = None
    """The text read as the type asked for. None where it does not fit: the end of the response says why."""


class ResponseFunctionCallArgumentsDeltaEvent(LateView, call.ResponseFunctionCallArgumentsDeltaEvent):
    """A piece of the arguments of a call came."""

    snapshot: str
    """The arguments so far, put together when they are first read."""


class ResponseCompletedEvent(ReadView, state.ResponseCompletedEvent, Generic[M]):
    """The response is whole."""

    if TYPE_CHECKING:
        response: ParsedResponse[M]  # pyright: ignore[reportIncompatibleVariableOverride]  # as unsound as every narrowed field


# The others are the API's own. They are named one by one, since their unions hold those that are replaced here.
ResponseStreamEvent = (
    ResponseTextDeltaEvent | ResponseTextDoneEvent[M] | ResponseFunctionCallArgumentsDeltaEvent | ResponseCompletedEvent[M]
    | state.ResponseCreatedEvent | state.ResponseQueuedEvent | state.ResponseInProgressEvent | state.ResponseFailedEvent
    | state.ResponseIncompleteEvent | state.ResponseOutputItemAddedEvent | state.ResponseOutputItemDoneEvent
    | state.ResponseErrorEvent | state.ResponseCompactionCompactingEvent
    | text.ResponseRefusalDeltaEvent | text.ResponseRefusalDoneEvent | text.ResponseReasoningTextDeltaEvent
    | text.ResponseReasoningTextDoneEvent | text.ResponseReasoningSummaryPartAddedEvent
    | text.ResponseReasoningSummaryPartDoneEvent | text.ResponseReasoningSummaryTextDeltaEvent
    | text.ResponseReasoningSummaryTextDoneEvent | text.ResponseOutputTextAnnotationAddedEvent
    | text.ResponseContentPartAddedEvent | text.ResponseContentPartDoneEvent | text.ResponseAudioDeltaEvent
    | text.ResponseAudioDoneEvent | text.ResponseAudioTranscriptDeltaEvent | text.ResponseAudioTranscriptDoneEvent
    | call.ResponseFunctionCallArgumentsDoneEvent | call.ResponseCustomToolCallInputDeltaEvent
    | call.ResponseCustomToolCallInputDoneEvent | call.ResponseMcpCallArgumentsDeltaEvent
    | call.ResponseMcpCallArgumentsDoneEvent | call.ResponseMcpCallInProgressEvent | call.ResponseMcpCallCompletedEvent
    | call.ResponseMcpCallFailedEvent | call.ResponseMcpListToolsInProgressEvent | call.ResponseMcpListToolsCompletedEvent
    | call.ResponseMcpListToolsFailedEvent | call.ResponseFileSearchCallInProgressEvent
    | call.ResponseFileSearchCallSearchingEvent | call.ResponseFileSearchCallCompletedEvent
    | call.ResponseWebSearchCallInProgressEvent | call.ResponseWebSearchCallSearchingEvent
    | call.ResponseWebSearchCallCompletedEvent | call.ResponseCodeInterpreterCallInProgressEvent
    | call.ResponseCodeInterpreterCallInterpretingEvent | call.ResponseCodeInterpreterCallCompletedEvent
    | call.ResponseCodeInterpreterCallCodeDeltaEvent | call.ResponseCodeInterpreterCallCodeDoneEvent
    | call.ResponseImageGenCallInProgressEvent | call.ResponseImageGenCallGeneratingEvent
    | call.ResponseImageGenCallPartialImageEvent | call.ResponseImageGenCallCompletedEvent
    | call.ResponseShellCallCommandAddedEvent | call.ResponseShellCallCommandDeltaEvent
    | call.ResponseShellCallCommandDoneEvent | call.ResponseShellCallOutputContentDeltaEvent
    | call.ResponseShellCallOutputContentDoneEvent
)  # fmt: skip
