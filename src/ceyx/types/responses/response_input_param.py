"""Whatever a response is asked with: messages, and what came of tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.responses.computer_action_param import (
    PendingSafetyCheck,
    ResponseComputerToolCallOutputScreenshotParam,
    ResponseComputerToolCallParam,
)

from ceyx.types.responses.response_function_shell_tool_call_param import (  # isort: skip
    ApplyPatchCall as ApplyPatchCall, ApplyPatchCallOperation as ApplyPatchCallOperation,
    ApplyPatchCallOperationCreateFile as ApplyPatchCallOperationCreateFile,
    ApplyPatchCallOperationDeleteFile as ApplyPatchCallOperationDeleteFile,
    ApplyPatchCallOperationUpdateFile as ApplyPatchCallOperationUpdateFile, ApplyPatchCallOutput as ApplyPatchCallOutput,
    LocalShellCall as LocalShellCall, LocalShellCallAction as LocalShellCallAction, LocalShellCallOutput as LocalShellCallOutput,
    ShellCall as ShellCall, ShellCallAction as ShellCallAction, ShellCallOutput as ShellCallOutput,
)  # fmt: skip
from ceyx.types.responses.response_function_tool_call_param import (  # isort: skip
    FunctionCallOutput as FunctionCallOutput, ResponseCodeInterpreterToolCallParam, ResponseCustomToolCallOutputParam,
    ResponseCustomToolCallParam, ResponseFileSearchToolCallParam, ResponseFunctionToolCallParam, ResponseFunctionWebSearchParam,
    ResponseToolSearchOutputItemParamParam, ToolSearchCall as ToolSearchCall,
)  # fmt: skip
from ceyx.types.responses.response_input_content_param import ResponseInputMessageContentListParam
from ceyx.types.responses.response_output_text_param import ResponseOutputMessageParam
from ceyx.types.responses.response_text_config_param import ResponseFormatTextJSONSchemaConfigParam
from ceyx.types.responses.tool_param import ToolParam
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared_params.response_format_json_schema import ResponseFormatText
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "EasyInputMessageParam", "McpToolCallErrorParam", "ResponseCompactionItemParamParam",
    "ResponseConfigurationUpdateItemParamParam", "ResponseInputItemParam", "ResponseInputParam", "ResponseReasoningItemParam",
]  # fmt: skip


class Summary(TypedDict, total=False):
    text: Required[str]
    type: Required[Literal["summary_text"]]


class Content(TypedDict, total=False):
    text: Required[str]
    type: Required[Literal["reasoning_text"]]


class ResponseReasoningItemParam(TypedDict, total=False):
    id: Required[str]
    summary: Required[Iterable[Summary]]
    type: Required[Literal["reasoning"]]
    content: Iterable[Content]
    encrypted_content: str | None
    status: Literal["in_progress", "completed", "incomplete"]


class ResponseCompactionItemParamParam(TypedDict, total=False):
    encrypted_content: Required[str]
    type: Required[Literal["compaction"]]
    id: str | None


class Reasoning(TypedDict, total=False):
    effort: ReasoningEffort | None


class Text(TypedDict, total=False):
    format: Required[ResponseFormatText | ResponseFormatTextJSONSchemaConfigParam]


class ResponseConfigurationUpdateItemParamParam(TypedDict, total=False):
    type: Required[Literal["configuration_update"]]
    id: str | None
    reasoning: Reasoning
    text: Text


class McpProtocolError(TypedDict, total=False):
    code: Required[int]
    message: Required[str]
    type: Required[Literal["mcp_protocol_error"]]


class McpToolExecutionError(TypedDict, total=False):
    content: Required[object]
    type: Required[Literal["mcp_tool_execution_error"]]


class HTTPError(TypedDict, total=False):
    code: Required[int]
    message: Required[str]
    type: Required[Literal["http_error"]]


McpToolCallErrorParam = McpProtocolError | McpToolExecutionError | HTTPError


class McpListToolsTool(TypedDict, total=False):
    input_schema: Required[object]
    name: Required[str]
    annotations: object | None
    description: str | None


class McpListTools(TypedDict, total=False):
    id: Required[str]
    server_label: Required[str]
    tools: Required[Iterable[McpListToolsTool]]
    type: Required[Literal["mcp_list_tools"]]
    error: str | None


class McpApprovalRequest(TypedDict, total=False):
    id: Required[str]
    arguments: Required[str]
    name: Required[str]
    server_label: Required[str]
    type: Required[Literal["mcp_approval_request"]]


class McpApprovalResponse(TypedDict, total=False):
    approval_request_id: Required[str]
    approve: Required[bool]
    type: Required[Literal["mcp_approval_response"]]
    id: str | None
    reason: str | None


class McpCall(TypedDict, total=False):
    id: Required[str]
    arguments: Required[str]
    name: Required[str]
    server_label: Required[str]
    type: Required[Literal["mcp_call"]]
    approval_request_id: str | None
    error: McpToolCallErrorParam | None
    output: str | None
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"]


class EasyInputMessageParam(TypedDict, total=False):
    content: Required[str | ResponseInputMessageContentListParam]
    role: Required[Literal["user", "assistant", "system", "developer"]]
    phase: Literal["commentary", "final_answer"] | None
    type: Literal["message"]


class Message(TypedDict, total=False):
    content: Required[ResponseInputMessageContentListParam]
    role: Required[Literal["user", "system", "developer"]]
    status: Literal["in_progress", "completed", "incomplete"]
    type: Literal["message"]


class ComputerCallOutput(TypedDict, total=False):
    call_id: Required[str]
    output: Required[ResponseComputerToolCallOutputScreenshotParam]
    type: Required[Literal["computer_call_output"]]
    id: str | None
    acknowledged_safety_checks: Iterable[PendingSafetyCheck] | None
    status: Literal["in_progress", "completed", "incomplete"] | None


class AdditionalTools(TypedDict, total=False):
    role: Required[Literal["developer"]]
    tools: Required[Iterable[ToolParam]]
    type: Required[Literal["additional_tools"]]
    id: str | None


class ImageGenerationCallErrorModerationDetails(TypedDict, total=False):
    categories: Required[Sequence[str]]
    moderation_stage: Required[Literal["input", "output", "unknown"]]


class ImageGenerationCallError(TypedDict, total=False):
    code: Required[str | None]
    message: Required[str]
    param: Required[str | None]
    type: Required[str]
    moderation_details: ImageGenerationCallErrorModerationDetails


class ImageGenerationCallSvgUsage(TypedDict, total=False):
    input_tokens: Required[int]
    model: Required[str]
    output_tokens: Required[int]
    reasoning_tokens: Required[int]
    total_tokens: Required[int]


class ImageGenerationCall(TypedDict, total=False):
    id: Required[str]
    result: Required[str | None]
    status: Required[Literal["in_progress", "completed", "generating", "failed"]]
    type: Required[Literal["image_generation_call"]]
    action: Literal["generate", "edit", "auto"] | None
    background: Literal["transparent", "opaque", "auto"] | None
    error: ImageGenerationCallError
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None
    revised_prompt: str | None
    size: str | Literal["1024x1024", "1024x1536", "1536x1024"] | None
    svg_usage: ImageGenerationCallSvgUsage


class CompactionTrigger(TypedDict, total=False):
    type: Required[Literal["compaction_trigger"]]
    id: str | None


class ItemReference(TypedDict, total=False):
    id: Required[str]
    type: Literal["item_reference"] | None


class Program(TypedDict, total=False):
    id: Required[str]
    call_id: Required[str]
    code: Required[str]
    fingerprint: Required[str]
    type: Required[Literal["program"]]


class ProgramOutput(TypedDict, total=False):
    id: Required[str]
    call_id: Required[str]
    result: Required[str]
    status: Required[Literal["completed", "incomplete"]]
    type: Required[Literal["program_output"]]


ResponseInputItemParam = (
    EasyInputMessageParam | Message | ResponseOutputMessageParam | ResponseFileSearchToolCallParam
    | ResponseComputerToolCallParam | ComputerCallOutput | ResponseFunctionWebSearchParam | ResponseFunctionToolCallParam
    | FunctionCallOutput | ToolSearchCall | ResponseToolSearchOutputItemParamParam | AdditionalTools
    | ResponseConfigurationUpdateItemParamParam | ResponseReasoningItemParam | ResponseCompactionItemParamParam
    | ImageGenerationCall | ResponseCodeInterpreterToolCallParam | LocalShellCall | LocalShellCallOutput | ShellCall
    | ShellCallOutput | ApplyPatchCall | ApplyPatchCallOutput | McpListTools | McpApprovalRequest | McpApprovalResponse
    | McpCall | ResponseCustomToolCallOutputParam | ResponseCustomToolCallParam | CompactionTrigger | ItemReference | Program
    | ProgramOutput
)  # fmt: skip
ResponseInputParam = list[ResponseInputItemParam]
