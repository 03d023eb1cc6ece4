"""Whatever a response holds."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.computer_action import ResponseComputerToolCall, ResponseComputerToolCallOutputItem

from ceyx.types.responses.response_function_shell_tool_call import (  # isort: skip
    CommandItem, LocalShellCall as LocalShellCall, LocalShellCallAction as LocalShellCallAction,
    LocalShellCallOutput as LocalShellCallOutput,
)  # fmt: skip
from ceyx.types.responses.response_function_tool_call import (
    LookupCall,
    ResponseCustomToolCall,
    ResponseCustomToolCallOutputItem,
    ResponseFunctionToolCall,
    ResponseFunctionToolCallOutputItem,
    ResponseToolSearchCall,
    ResponseToolSearchOutputItem,
)
from ceyx.types.responses.response_output_text import ResponseOutputMessage
from ceyx.types.responses.response_usage import ResponseFormatTextJSONSchemaConfig
from ceyx.types.responses.tool import ImageGenerationSvgReasoning, Tool
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared.response_format_json_schema import ResponseFormatText
from ceyx.wire.view import Promised, View

__all__ = [
    "McpToolCallError", "ResponseCompactionItem", "ResponseCompactionItemParam", "ResponseConfigurationUpdateItem",
    "ResponseConfigurationUpdateItemParam", "ResponseOutputItem", "ResponseReasoningItem",
]  # fmt: skip


class Summary(View):
    """A part of a summary."""

    text: str
    type: Literal["summary_text"]


class ReasoningText(View):
    """A part of the reasoning itself."""

    text: str
    type: Literal["reasoning_text"]


class ResponseReasoningItem(View):
    """What the model thought, in summary."""

    id: str
    summary: list[Summary]
    type: Literal["reasoning"]
    content: list[ReasoningText] | None = None
    encrypted_content: str | None = None
    """To be sent again where nothing is stored; where `include` asked for it."""
    status: Literal["in_progress", "completed", "incomplete"] | None = None


class ResponseCompactionItem(View):
    """A conversation so far, shortened."""

    id: str
    encrypted_content: str
    """For the model to read, nobody else."""
    type: Literal["compaction"]
    created_by: str | None = None


class ResponseCompactionItemParam(View):
    """A conversation so far, shortened."""

    encrypted_content: str
    type: Literal["compaction"]
    id: str | None = None


class Reasoning(View):
    effort: ReasoningEffort | None = None


class Text(View):
    format: ResponseFormatText | ResponseFormatTextJSONSchemaConfig


class ResponseConfigurationUpdateItem(View):
    """From here on, other settings."""

    id: str
    type: Literal["configuration_update"]
    reasoning: Reasoning | None = None
    text: Text | None = None


class ResponseConfigurationUpdateItemParam(View):
    """From here on, other settings."""

    type: Literal["configuration_update"]
    id: str | None = None
    reasoning: ImageGenerationSvgReasoning | None = None
    text: Text | None = None


class McpProtocolError(View):
    """The server does not keep to the protocol."""

    code: int
    message: str
    type: Literal["mcp_protocol_error"]


class McpToolExecutionError(View):
    """The tool failed."""

    content: object
    type: Literal["mcp_tool_execution_error"]


class HTTPError(View):
    """The server could not be asked."""

    code: int
    message: str
    type: Literal["http_error"]


McpToolCallError = McpProtocolError | McpToolExecutionError | HTTPError


class McpListToolsTool(View):
    """A tool of the server's."""

    input_schema: object
    name: str
    annotations: object | None = None
    description: str | None = None


class McpListTools(View):
    """The tools the server offers."""

    id: str
    server_label: str
    tools: list[McpListToolsTool]
    type: Literal["mcp_list_tools"]
    error: str | None = None


class McpApprovalRequest(View):
    """Asks for leave to call a tool."""

    id: str
    arguments: str
    name: str
    server_label: str
    type: Literal["mcp_approval_request"]


class McpApprovalResponse(View):
    """Leave to call a tool, or none."""

    id: Promised[str]
    approval_request_id: str
    approve: bool
    type: Literal["mcp_approval_response"]
    reason: str | None = None


class McpCall(View):
    """A call of a tool of an MCP server."""

    id: str
    arguments: str
    """JSON."""
    name: str
    server_label: str
    type: Literal["mcp_call"]
    approval_request_id: str | None = None
    error: McpToolCallError | None = None
    output: str | None = None
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"] | None = None


class Program(View):
    """A program the model wrote to call tools."""

    id: str
    call_id: str
    code: str
    fingerprint: str
    """To be sent again with the program."""
    type: Literal["program"]


class ProgramOutput(View):
    """What the program gave."""

    id: str
    call_id: str
    result: str
    status: Literal["completed", "incomplete"]
    type: Literal["program_output"]


class AdditionalTools(View):
    """From here on, more tools."""

    id: Promised[str]
    role: Literal["unknown", "user", "assistant", "system", "critic", "discriminator", "developer", "tool"]
    tools: list[Tool]
    type: Literal["additional_tools"]


class ImageGenerationCallErrorModerationDetails(View):
    categories: list[str]
    moderation_stage: Literal["input", "output", "unknown"]


class ImageGenerationCallError(View):
    """Why there is none."""

    code: str | None = None
    message: str
    param: str | None = None
    type: str
    moderation_details: ImageGenerationCallErrorModerationDetails | None = None


class ImageGenerationCallSvgUsage(View):
    input_tokens: int
    model: str
    output_tokens: int
    reasoning_tokens: int
    total_tokens: int


class ImageGenerationCall(View):
    """An image the model made."""

    id: str
    result: str | None = None
    """Base64."""
    status: Literal["in_progress", "completed", "generating", "failed"]
    type: Literal["image_generation_call"]
    action: Literal["generate", "edit", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    error: ImageGenerationCallError | None = None
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None = None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None = None
    revised_prompt: str | None = None
    size: str | Literal["1024x1024", "1024x1536", "1536x1024"] | None = None
    svg_usage: ImageGenerationCallSvgUsage | None = None


AnyItem = (
    ResponseComputerToolCall | ResponseComputerToolCallOutputItem | CommandItem | LookupCall
    | ResponseFunctionToolCallOutputItem | ResponseToolSearchCall | AdditionalTools | ResponseReasoningItem | Program
    | ProgramOutput | ImageGenerationCall | McpListTools | McpApprovalRequest | McpApprovalResponse | McpCall
)  # fmt: skip
"""What responses, their input and conversations hold alike."""
ResponseOutputItem = (
    AnyItem | ResponseFunctionToolCall | ResponseToolSearchOutputItem | ResponseCompactionItem | ResponseCustomToolCall
    | ResponseCustomToolCallOutputItem | ResponseOutputMessage
)  # fmt: skip
