"""What clients say over a WebSocket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

from ceyx.types.responses.response_create_params import ResponseCreateParamsBase
from ceyx.types.responses.response_function_tool_call_param import FunctionCallOutput
from ceyx.types.responses.response_input_content_param import (
    ResponseInputFileContentParam,
    ResponseInputImageContentParam,
    ResponseInputTextContentParam,
)
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ResponseSteerEventParam", "ResponseSteerInputContentParam", "ResponseSteerInputParam", "ResponsesClientEventParam",
]  # fmt: skip


class ResponseSteerInputItemListMessage(TypedDict, total=False):
    content: Required[Iterable[ResponseSteerInputContentParam] | str]
    role: Required[Literal["user"]]
    type: Required[Literal["message"]]
    id: str | None
    status: str | None


ResponseSteerInputContentParam = ResponseInputTextContentParam | ResponseInputImageContentParam | ResponseInputFileContentParam
ResponseSteerInputParam = str | Iterable[ResponseSteerInputItemListMessage | FunctionCallOutput]


class ResponseSteerEventParam(TypedDict, total=False):
    input: Required[ResponseSteerInputParam]
    previous_response_id: Required[str]
    type: Required[Literal["response.steer"]]


class ResponseCreate(ResponseCreateParamsBase, total=False):
    """Asks for a response, with the parameters of `create`."""

    type: Required[Literal["response.create"]]
    generate: bool
    """False only prepares: the prompt is read, and nothing is answered."""
    stream: bool | None
    stream_id: str
    """Which of the connection's streams is to have the events."""


ResponsesClientEventParam = ResponseCreate | ResponseSteerEventParam
