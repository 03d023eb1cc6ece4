"""What both sides say over a WebSocket: the events of a stream, and those of steering."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.response_function_tool_call import ResponseFunctionToolCallOutputItem
from ceyx.types.responses.response_input_content import ResponseInputFile, ResponseInputImageContent, ResponseInputText
from ceyx.types.responses.response_item import ResponseInput
from ceyx.types.responses.response_stream_event import ResponseStreamEvent
from ceyx.types.responses.response_text_delta_event import StreamEvent
from ceyx.types.responses.response_usage import Misalignment
from ceyx.types.shared.responses_model import ResponsesModel
from ceyx.wire.view import View

__all__ = [
    "ResponseSteerAcceptedEvent", "ResponseSteerErrorCode", "ResponseSteerEvent", "ResponseSteerFailedEvent",
    "ResponseSteerInput", "ResponseSteerInputContent", "ResponseSteerPendingEvent", "ResponseSteerPendingReason",
    "ResponseSteerRequiredInput", "ResponsesClientEvent", "ResponsesServerEvent",
]  # fmt: skip


class ResponseSteerInputItemListMessage(View):
    """A message of the user's."""

    content: list[ResponseSteerInputContent] | str
    role: Literal["user"]
    type: Literal["message"]
    id: str | None = None
    status: str | None = None


ResponseSteerInputContent = ResponseInputText | ResponseInputImageContent | ResponseInputFile
ResponseSteerInput = str | list[ResponseSteerInputItemListMessage | ResponseFunctionToolCallOutputItem]


class ResponseSteerEvent(View):
    """Tells a model at work something more."""

    input: ResponseSteerInput
    previous_response_id: str
    """The response that is being made."""
    type: Literal["response.steer"]


class ResponseCreate(View):
    """Asks for a response. What else is in it are the parameters of `create`, as they were sent."""

    type: Literal["response.create"]
    generate: bool | None = None
    """False only prepares: the prompt is read, and nothing is answered."""
    input: str | ResponseInput | None = None
    model: ResponsesModel | None = None
    previous_response_id: str | None = None


ResponsesClientEvent = ResponseCreate | ResponseSteerEvent
ResponseSteerErrorCode = Literal[
    "response_not_found", "invalid_input", "steering_not_supported", "too_many_pending_steers", "response_already_completed",
    "response_not_active", "successor_creation_failed",
] | str  # fmt: skip
ResponseSteerPendingReason = Literal["waiting_for_required_input"] | str


class Steer(View):
    """What was to steer the response."""

    id: str
    previous_response_id: str


class ResponseSteerAcceptedEvent(StreamEvent):
    steer: Steer
    type: Literal["response.steer.accepted"]


class FunctionCallOutput(View):
    """What a function gave."""

    call_id: str
    """That of the call."""
    name: str
    type: Literal["function_call_output"]


class CustomToolCallOutput(View):
    call_id: str
    type: Literal["custom_tool_call_output"]


class ComputerCallOutput(View):
    """What the computer showed."""

    call_id: str
    type: Literal["computer_call_output"]


class ShellCallOutput(View):
    """What the commands gave."""

    call_id: str
    type: Literal["shell_call_output"]


class ApplyPatchCallOutput(View):
    """Whether the change was made."""

    call_id: str
    type: Literal["apply_patch_call_output"]


class ToolSearchOutput(View):
    call_id: str
    execution: Literal["client"]
    type: Literal["tool_search_output"]


class McpApprovalResponse(View):
    """Leave to call a tool, or none."""

    approval_request_id: str
    type: Literal["mcp_approval_response"]


ResponseSteerRequiredInput = (
    FunctionCallOutput | CustomToolCallOutput | ComputerCallOutput | ShellCallOutput | ApplyPatchCallOutput | ToolSearchOutput
    | McpApprovalResponse
)  # fmt: skip


class ResponseSteerPendingEvent(StreamEvent):
    """The model waits for results before it goes on."""

    reason: ResponseSteerPendingReason
    required_input: list[ResponseSteerRequiredInput]
    steer: Steer
    type: Literal["response.steer.pending"]


class Error(View):
    code: ResponseSteerErrorCode
    message: str
    type: Literal["invalid_request_error"]


class FailedSteer(View):
    """What was to steer the response."""

    input: ResponseSteerInput
    previous_response_id: str
    id: str | None = None


class ResponseSteerFailedEvent(StreamEvent):
    error: Error
    steer: FailedSteer
    type: Literal["response.steer.failed"]


class ResponseWsErrorError(View):
    """Why."""

    code: str | None = None
    message: str
    param: str | None = None
    type: str
    headers: dict[str, str] | None = None
    misalignment: Misalignment | None = None


class ResponseWsError(View):
    """The connection, or a request on it, failed."""

    error: ResponseWsErrorError
    type: Literal["error"]
    sequence_number: int | None = None
    status: int | None = None
    stream_id: str | None = None


ResponsesServerEvent = (
    ResponseStreamEvent | ResponseSteerAcceptedEvent | ResponseSteerPendingEvent | ResponseSteerFailedEvent | ResponseWsError
)  # fmt: skip
