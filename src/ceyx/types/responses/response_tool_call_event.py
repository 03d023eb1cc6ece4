"""What happens to the tool calls of a streamed response."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.response_function_shell_tool_call import Output
from ceyx.types.responses.response_text_delta_event import ItemEvent, StreamEvent
from ceyx.wire.view import View

__all__ = [
    "ResponseCodeInterpreterCallCodeDeltaEvent", "ResponseCodeInterpreterCallCodeDoneEvent",
    "ResponseCodeInterpreterCallCompletedEvent", "ResponseCodeInterpreterCallInProgressEvent",
    "ResponseCodeInterpreterCallInterpretingEvent", "ResponseCustomToolCallInputDeltaEvent",
    "ResponseCustomToolCallInputDoneEvent", "ResponseFileSearchCallCompletedEvent", "ResponseFileSearchCallInProgressEvent",
    "ResponseFileSearchCallSearchingEvent", "ResponseFunctionCallArgumentsDeltaEvent", "ResponseFunctionCallArgumentsDoneEvent",
    "ResponseImageGenCallCompletedEvent", "ResponseImageGenCallGeneratingEvent", "ResponseImageGenCallInProgressEvent",
    "ResponseImageGenCallPartialImageEvent", "ResponseMcpCallArgumentsDeltaEvent", "ResponseMcpCallArgumentsDoneEvent",
    "ResponseMcpCallCompletedEvent", "ResponseMcpCallFailedEvent", "ResponseMcpCallInProgressEvent",
    "ResponseMcpListToolsCompletedEvent", "ResponseMcpListToolsFailedEvent", "ResponseMcpListToolsInProgressEvent",
    "ResponseShellCallCommandAddedEvent", "ResponseShellCallCommandDeltaEvent", "ResponseShellCallCommandDoneEvent",
    "ResponseShellCallOutputContentDeltaEvent", "ResponseShellCallOutputContentDoneEvent",
    "ResponseWebSearchCallCompletedEvent", "ResponseWebSearchCallInProgressEvent", "ResponseWebSearchCallSearchingEvent",
]  # fmt: skip


class Delta(View):
    stderr: str | None = None
    stdout: str | None = None


class ResponseFunctionCallArgumentsDeltaEvent(ItemEvent):
    delta: str
    type: Literal["response.function_call_arguments.delta"]


class ResponseFunctionCallArgumentsDoneEvent(ItemEvent):
    arguments: str
    """JSON as the model wrote it."""
    type: Literal["response.function_call_arguments.done"]


class ResponseCustomToolCallInputDeltaEvent(ItemEvent):
    delta: str
    type: Literal["response.custom_tool_call_input.delta"]


class ResponseCustomToolCallInputDoneEvent(ItemEvent):
    input: str
    type: Literal["response.custom_tool_call_input.done"]


class ResponseMcpCallArgumentsDeltaEvent(ItemEvent):
    delta: str
    type: Literal["response.mcp_call_arguments.delta"]


class ResponseMcpCallArgumentsDoneEvent(ItemEvent):
    arguments: str
    type: Literal["response.mcp_call_arguments.done"]


class ResponseMcpCallInProgressEvent(ItemEvent):
    type: Literal["response.mcp_call.in_progress"]


class ResponseMcpCallCompletedEvent(ItemEvent):
    type: Literal["response.mcp_call.completed"]


class ResponseMcpCallFailedEvent(ItemEvent):
    type: Literal["response.mcp_call.failed"]


class ResponseMcpListToolsInProgressEvent(ItemEvent):
    type: Literal["response.mcp_list_tools.in_progress"]


class ResponseMcpListToolsCompletedEvent(ItemEvent):
    type: Literal["response.mcp_list_tools.completed"]


class ResponseMcpListToolsFailedEvent(ItemEvent):
    type: Literal["response.mcp_list_tools.failed"]


class ResponseFileSearchCallInProgressEvent(ItemEvent):
    type: Literal["response.file_search_call.in_progress"]


class ResponseFileSearchCallSearchingEvent(ItemEvent):
    type: Literal["response.file_search_call.searching"]


class ResponseFileSearchCallCompletedEvent(ItemEvent):
    type: Literal["response.file_search_call.completed"]


class ResponseWebSearchCallInProgressEvent(ItemEvent):
    type: Literal["response.web_search_call.in_progress"]


class ResponseWebSearchCallSearchingEvent(ItemEvent):
    type: Literal["response.web_search_call.searching"]


class ResponseWebSearchCallCompletedEvent(ItemEvent):
    type: Literal["response.web_search_call.completed"]


class ResponseCodeInterpreterCallInProgressEvent(ItemEvent):
    type: Literal["response.code_interpreter_call.in_progress"]


class ResponseCodeInterpreterCallInterpretingEvent(ItemEvent):
    type: Literal["response.code_interpreter_call.interpreting"]


class ResponseCodeInterpreterCallCompletedEvent(ItemEvent):
    type: Literal["response.code_interpreter_call.completed"]


class ResponseCodeInterpreterCallCodeDeltaEvent(ItemEvent):
    delta: str
    type: Literal["response.code_interpreter_call_code.delta"]


class ResponseCodeInterpreterCallCodeDoneEvent(ItemEvent):
    code: str
    type: Literal["response.code_interpreter_call_code.done"]


class ResponseImageGenCallInProgressEvent(ItemEvent):
    type: Literal["response.image_generation_call.in_progress"]


class ResponseImageGenCallGeneratingEvent(ItemEvent):
    type: Literal["response.image_generation_call.generating"]


class ResponseImageGenCallPartialImageEvent(ItemEvent):
    partial_image_b64: str
    """Base64 of the image so far."""
    partial_image_index: int
    type: Literal["response.image_generation_call.partial_image"]
    background: str | None = None
    output_format: str | None = None
    quality: str | None = None
    size: str | None = None


class ResponseImageGenCallCompletedEvent(ItemEvent):
    type: Literal["response.image_generation_call.completed"]


class ResponseShellCallCommandAddedEvent(StreamEvent):
    command: str
    command_index: int
    output_index: int
    type: Literal["response.shell_call_command.added"]


class ResponseShellCallCommandDeltaEvent(StreamEvent):
    command_index: int
    delta: str
    output_index: int
    type: Literal["response.shell_call_command.delta"]
    obfuscation: str | None = None


class ResponseShellCallCommandDoneEvent(StreamEvent):
    command: str
    command_index: int
    output_index: int
    type: Literal["response.shell_call_command.done"]


class ResponseShellCallOutputContentDeltaEvent(ItemEvent):
    command_index: int
    delta: Delta
    type: Literal["response.shell_call_output_content.delta"]


class ResponseShellCallOutputContentDoneEvent(ItemEvent):
    command_index: int
    output: list[Output]
    type: Literal["response.shell_call_output_content.done"]


ToolCallEvent = (
    ResponseFunctionCallArgumentsDeltaEvent | ResponseFunctionCallArgumentsDoneEvent | ResponseCustomToolCallInputDeltaEvent
    | ResponseCustomToolCallInputDoneEvent | ResponseMcpCallArgumentsDeltaEvent | ResponseMcpCallArgumentsDoneEvent
    | ResponseMcpCallInProgressEvent | ResponseMcpCallCompletedEvent | ResponseMcpCallFailedEvent
    | ResponseMcpListToolsInProgressEvent | ResponseMcpListToolsCompletedEvent | ResponseMcpListToolsFailedEvent
    | ResponseFileSearchCallInProgressEvent | ResponseFileSearchCallSearchingEvent | ResponseFileSearchCallCompletedEvent
    | ResponseWebSearchCallInProgressEvent | ResponseWebSearchCallSearchingEvent | ResponseWebSearchCallCompletedEvent
    | ResponseCodeInterpreterCallInProgressEvent | ResponseCodeInterpreterCallInterpretingEvent
    | ResponseCodeInterpreterCallCompletedEvent | ResponseCodeInterpreterCallCodeDeltaEvent
    | ResponseCodeInterpreterCallCodeDoneEvent | ResponseImageGenCallInProgressEvent | ResponseImageGenCallGeneratingEvent
    | ResponseImageGenCallPartialImageEvent | ResponseImageGenCallCompletedEvent | ResponseShellCallCommandAddedEvent
    | ResponseShellCallCommandDeltaEvent | ResponseShellCallCommandDoneEvent | ResponseShellCallOutputContentDeltaEvent
    | ResponseShellCallOutputContentDoneEvent
)  # fmt: skip
