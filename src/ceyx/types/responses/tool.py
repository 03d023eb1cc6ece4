"""The tools a response had, and how it was to choose, as they come back."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.container_auto import ContainerAuto, ContainerReference, LocalEnvironment, NetworkPolicy
from ceyx.types.responses.web_search_tool import FileSearchTool, WebSearchPreviewTool, WebSearchTool
from ceyx.types.shared.custom_tool_input_format import CustomToolInputFormat
from ceyx.wire.view import View

__all__ = [
    "ApplyPatchTool", "ComputerTool", "ComputerUsePreviewTool", "CustomTool", "FunctionShellTool", "FunctionTool",
    "NamespaceTool", "Tool", "ToolChoiceAllowed", "ToolChoiceApplyPatch", "ToolChoiceCustom", "ToolChoiceFunction",
    "ToolChoiceMcp", "ToolChoiceOptions", "ToolChoiceShell", "ToolChoiceTypes", "ToolSearchOutputNamespaceTool",
    "ToolSearchTool",
]  # fmt: skip


class FunctionTool(View):
    """A function of the caller's, whose arguments are JSON."""

    name: str
    parameters: dict[str, object] | None = None
    strict: bool | None = None
    type: Literal["function"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    defer_loading: bool | None = None
    description: str | None = None
    output_schema: dict[str, object] | None = None

    @property
    def async_(self) -> bool | None:
        """Whether the model goes on before the result is there; `async`, its name on the wire, is a keyword."""
        return self.__dict__.get("async")


class CustomTool(View):
    """A tool whose input is text."""

    name: str
    type: Literal["custom"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    defer_loading: bool | None = None
    description: str | None = None
    format: CustomToolInputFormat | None = None

    @property
    def async_(self) -> bool | None:
        """Whether the model goes on before the result is there; `async`, its name on the wire, is a keyword."""
        return self.__dict__.get("async")


class ToolFunction(View):
    name: str
    type: Literal["function"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    defer_loading: bool | None = None
    description: str | None = None
    output_schema: dict[str, object] | None = None
    parameters: object | None = None
    strict: bool | None = None

    @property
    def async_(self) -> bool | None:
        """Whether the model goes on before the result is there; `async`, its name on the wire, is a keyword."""
        return self.__dict__.get("async")


class NamespaceTool(View):
    """Functions that belong together."""

    description: str
    name: str
    tools: list[ToolFunction | CustomTool]
    type: Literal["namespace"]


ToolSearchOutputNamespaceTool = NamespaceTool


class ToolSearchTool(View):
    """Lets the model find tools whose loading is deferred."""

    type: Literal["tool_search"]
    description: str | None = None
    execution: Literal["server", "client"] | None = None
    parameters: object | None = None


class ComputerTool(View):
    """A computer the model operates."""

    type: Literal["computer"]


class ComputerUsePreviewTool(View):
    """A computer the model operates, as it was first."""

    display_height: int
    display_width: int
    environment: Literal["windows", "mac", "linux", "ubuntu", "browser"]
    type: Literal["computer_use_preview"]


class ApplyPatchTool(View):
    """Lets the model propose changes to files."""

    type: Literal["apply_patch"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None


Environment = ContainerAuto | LocalEnvironment | ContainerReference | None


class FunctionShellTool(View):
    """Lets the model ask for commands to be run."""

    type: Literal["shell"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    environment: Environment | None = None


class McpAllowedToolsMcpToolFilter(View):
    read_only: bool | None = None
    tool_names: list[str] | None = None


McpAllowedTools = list[str] | McpAllowedToolsMcpToolFilter | None
McpRequireApprovalMcpToolApprovalFilterAlways = McpAllowedToolsMcpToolFilter
McpRequireApprovalMcpToolApprovalFilterNever = McpAllowedToolsMcpToolFilter


class McpRequireApprovalMcpToolApprovalFilter(View):
    always: McpAllowedToolsMcpToolFilter | None = None
    never: McpAllowedToolsMcpToolFilter | None = None


McpRequireApproval = McpRequireApprovalMcpToolApprovalFilter | Literal["always", "never"] | None


class Mcp(View):
    server_label: str
    type: Literal["mcp"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    allowed_tools: McpAllowedTools = None
    authorization: str | None = None
    connector_id: Literal[
        "connector_dropbox", "connector_gmail", "connector_googlecalendar", "connector_googledrive", "connector_microsoftteams",
        "connector_outlookcalendar", "connector_outlookemail", "connector_sharepoint",
    ] | None = None  # fmt: skip
    defer_loading: bool | None = None
    headers: dict[str, str] | None = None
    require_approval: McpRequireApproval = None
    server_description: str | None = None
    server_url: str | None = None
    tunnel_id: str | None = None


class CodeInterpreterContainerCodeInterpreterToolAuto(View):
    type: Literal["auto"]
    file_ids: list[str] | None = None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = None
    network_policy: NetworkPolicy | None = None


CodeInterpreterContainerCodeInterpreterToolAutoNetworkPolicy = NetworkPolicy
CodeInterpreterContainer = str | CodeInterpreterContainerCodeInterpreterToolAuto


class CodeInterpreter(View):
    container: CodeInterpreterContainer
    type: Literal["code_interpreter"]
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None


class ProgrammaticToolCalling(View):
    type: Literal["programmatic_tool_calling"]


class ImageGenerationInputImageMask(View):
    file_id: str | None = None
    image_url: str | None = None


class ImageGenerationSvgReasoning(View):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None


class ImageGenerationSvg(View):
    model: str | None = None
    reasoning: ImageGenerationSvgReasoning | None = None


class ImageGeneration(View):
    type: Literal["image_generation"]
    action: Literal["generate", "edit", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    complexity: Literal["low", "medium", "high"] | None = None
    frame_count: int | None = None
    frame_duration_ms: int | None = None
    input_fidelity: Literal["high", "low"] | None = None
    input_image_mask: ImageGenerationInputImageMask | None = None
    model: str | Literal[
        "gpt-image-1", "gpt-image-1-mini", "gpt-image-2", "gpt-image-2-2026-04-21", "gpt-image-2.5-sunburst",
        "gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2.5-flare", "gpt-image-2.5-flare-2026-09-08", "gpt-image-2.6-sunburst",
        "gpt-image-2.6-flare", "gpt-image-1.5", "chatgpt-image-latest",
    ] | None = None  # fmt: skip
    moderation: Literal["auto", "low"] | None = None
    output_compression: int | None = None
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None = None
    partial_images: int | None = None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None = None
    size: str | Literal["1024x1024", "1024x1536", "1536x1024", "auto"] | None = None
    svg: ImageGenerationSvg | None = None


class LocalShell(View):
    type: Literal["local_shell"]


Tool = (
    FunctionTool | FileSearchTool | ComputerTool | ComputerUsePreviewTool | WebSearchTool | Mcp | CodeInterpreter
    | ProgrammaticToolCalling | ImageGeneration | LocalShell | FunctionShellTool | CustomTool | NamespaceTool | ToolSearchTool
    | WebSearchPreviewTool | ApplyPatchTool
)  # fmt: skip
ToolChoiceOptions = Literal["none", "auto", "required"]
"""`none` calls no tool, `auto` leaves it to the model, `required` calls at least one."""


class ToolChoiceAllowed(View):
    """Some of the tools only."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, object]]
    type: Literal["allowed_tools"]


class ToolChoiceTypes(View):
    """A tool of the provider's."""

    type: Literal[
        "file_search", "web_search_preview", "computer", "computer_use_preview", "computer_use",
        "web_search_preview_2025_03_11", "image_generation", "code_interpreter",
    ]  # fmt: skip


class ToolChoiceFunction(View):
    """This function."""

    name: str
    type: Literal["function"]


class ToolChoiceMcp(View):
    """A tool of this MCP server."""

    server_label: str
    type: Literal["mcp"]
    name: str | None = None


class ToolChoiceCustom(View):
    """This custom tool."""

    name: str
    type: Literal["custom"]


class ToolChoiceApplyPatch(View):
    """A patch."""

    type: Literal["apply_patch"]


class ToolChoiceShell(View):
    """A command."""

    type: Literal["shell"]
