"""The place `openai` has these names at; they live in several modules, `response_input_param` above all."""

from __future__ import annotations

from ceyx.types.responses.response_function_shell_tool_call_param import (
    ApplyPatchCall as ApplyPatchCall,
    ApplyPatchCallOperationCreateFile as ApplyPatchCallOperationCreateFile,
    ApplyPatchCallOperationDeleteFile as ApplyPatchCallOperationDeleteFile,
    ApplyPatchCallOperationUpdateFile as ApplyPatchCallOperationUpdateFile,
    ApplyPatchCallOutput as ApplyPatchCallOutput,
    LocalShellCall as LocalShellCall,
    LocalShellCallAction as LocalShellCallAction,
    LocalShellCallOutput as LocalShellCallOutput,
    ShellCall as ShellCall,
    ShellCallAction as ShellCallAction,
    ShellCallOutput as ShellCallOutput,
)
from ceyx.types.responses.response_function_tool_call_param import (
    FunctionCallOutput as FunctionCallOutput,
    ToolSearchCall as ToolSearchCall,
)
from ceyx.types.responses.response_input_param import (
    AdditionalTools as AdditionalTools,
    CompactionTrigger as CompactionTrigger,
    ComputerCallOutput as ComputerCallOutput,
    ImageGenerationCall as ImageGenerationCall,
    ImageGenerationCallError as ImageGenerationCallError,
    ImageGenerationCallErrorModerationDetails as ImageGenerationCallErrorModerationDetails,
    ImageGenerationCallSvgUsage as ImageGenerationCallSvgUsage,
    ItemReference as ItemReference,
    McpApprovalRequest as McpApprovalRequest,
    McpApprovalResponse as McpApprovalResponse,
    McpCall as McpCall,
    McpListTools as McpListTools,
    McpListToolsTool as McpListToolsTool,
    Message as Message,
    Program as Program,
    ProgramOutput as ProgramOutput,
    ResponseInputItemParam as ResponseInputItemParam,
)
