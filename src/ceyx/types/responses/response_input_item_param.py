"""The place `openai` has these names at; they live in several modules, `response_input_param` above all."""

from __future__ import annotations

from ceyx.types.responses.response_input_param import (  # isort: skip
    AdditionalTools as AdditionalTools, ApplyPatchCall as ApplyPatchCall, ApplyPatchCallOperation as ApplyPatchCallOperation,
    ApplyPatchCallOperationCreateFile as ApplyPatchCallOperationCreateFile,
    ApplyPatchCallOperationDeleteFile as ApplyPatchCallOperationDeleteFile,
    ApplyPatchCallOperationUpdateFile as ApplyPatchCallOperationUpdateFile, ApplyPatchCallOutput as ApplyPatchCallOutput,
    CompactionTrigger as CompactionTrigger, ComputerCallOutput as ComputerCallOutput, FunctionCallOutput as FunctionCallOutput,
    ImageGenerationCall as ImageGenerationCall, ImageGenerationCallError as ImageGenerationCallError,
    ImageGenerationCallErrorModerationDetails as ImageGenerationCallErrorModerationDetails,
    ImageGenerationCallSvgUsage as ImageGenerationCallSvgUsage, ItemReference as ItemReference, LocalShellCall as LocalShellCall,
    LocalShellCallAction as LocalShellCallAction, LocalShellCallOutput as LocalShellCallOutput,
    McpApprovalRequest as McpApprovalRequest, McpApprovalResponse as McpApprovalResponse, McpCall as McpCall,
    McpListTools as McpListTools, McpListToolsTool as McpListToolsTool, Message as Message, Program as Program,
    ProgramOutput as ProgramOutput, ResponseInputItemParam as ResponseInputItemParam, ShellCall as ShellCall,
    ShellCallAction as ShellCallAction, ShellCallOutput as ShellCallOutput, ToolSearchCall as ToolSearchCall,
)  # fmt: skip
