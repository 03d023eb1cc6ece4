"""The tools a model may use, and how it is to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Required

from ceyx.types.chat.chat_completion_tool_param import ChatCompletionFunctionToolParam
from ceyx.types.responses.container_auto_param import (
    ContainerAutoParam,
    ContainerReferenceParam,
    LocalEnvironmentParam,
    NetworkPolicy,
)
from ceyx.types.responses.tool import ToolChoiceOptions
from ceyx.types.responses.web_search_tool_param import FileSearchToolParam, WebSearchPreviewToolParam, WebSearchToolParam
from ceyx.types.shared_params.custom_tool_input_format import CustomToolInputFormat
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ApplyPatchToolParam", "ComputerToolParam", "ComputerUsePreviewToolParam", "CustomToolParam", "FunctionShellToolParam",
    "FunctionToolParam", "NamespaceToolParam", "ToolChoiceAllowedParam", "ToolChoiceApplyPatchParam", "ToolChoiceCustomParam",
    "ToolChoiceFunctionParam", "ToolChoiceMcpParam", "ToolChoiceShellParam", "ToolChoiceTypesParam", "ToolParam",
    "ToolSearchOutputNamespaceToolParam", "ToolSearchToolParam",
]  # fmt: skip


RunsAsync = TypedDict("RunsAsync", {"async": bool}, total=False)  # which is a keyword


class FunctionToolParam(RunsAsync, total=False):
    """A function of the caller's, whose arguments are JSON."""

    name: Required[str]
    parameters: Required[Mapping[str, object] | None]
    """JSON Schema of the arguments."""
    strict: Required[bool | None]
    """Whether the arguments follow the schema exactly; true by default."""
    type: Required[Literal["function"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None
    """Whether the model calls it, a program the model wrote, or both."""
    defer_loading: bool
    """True keeps it from the model until tool search finds it."""
    description: str | None
    """What the function does, from which the model decides when and how to call it."""
    output_schema: Mapping[str, object] | None
    """JSON Schema of the result, for programs that use it."""


class CustomToolParam(RunsAsync, total=False):
    """A tool whose input is text."""

    name: Required[str]
    type: Required[Literal["custom"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None
    defer_loading: bool
    """True keeps it from the model until tool search finds it."""
    description: str
    format: CustomToolInputFormat
    """What its input looks like; any text by default."""


class ToolFunction(RunsAsync, total=False):
    """A function of a namespace."""

    name: Required[str]
    type: Required[Literal["function"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None
    defer_loading: bool
    """True keeps it from the model until tool search finds it."""
    description: str | None
    output_schema: Mapping[str, object] | None
    parameters: object | None
    """JSON Schema of the arguments."""
    strict: bool | None


class NamespaceToolParam(TypedDict, total=False):
    """Functions that belong together."""

    description: Required[str]
    name: Required[str]
    tools: Required[Iterable[ToolFunction | CustomToolParam]]
    type: Required[Literal["namespace"]]


ToolSearchOutputNamespaceToolParam = NamespaceToolParam


class ToolSearchToolParam(TypedDict, total=False):
    """Lets the model find tools whose loading is deferred."""

    type: Required[Literal["tool_search"]]
    description: str | None
    execution: Literal["server", "client"]
    """Who searches: the provider, or the caller."""
    parameters: object | None
    """JSON Schema of the search's arguments, where the caller searches."""


class ComputerToolParam(TypedDict, total=False):
    """A computer the model operates."""

    type: Required[Literal["computer"]]


class ComputerUsePreviewToolParam(TypedDict, total=False):
    """A computer the model operates, as it was first."""

    display_height: Required[int]
    display_width: Required[int]
    environment: Required[Literal["windows", "mac", "linux", "ubuntu", "browser"]]
    type: Required[Literal["computer_use_preview"]]


class ApplyPatchToolParam(TypedDict, total=False):
    """Lets the model propose changes to files."""

    type: Required[Literal["apply_patch"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None


Environment = ContainerAutoParam | LocalEnvironmentParam | ContainerReferenceParam


class FunctionShellToolParam(TypedDict, total=False):
    """Lets the model ask for commands to be run."""

    type: Required[Literal["shell"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None
    environment: Environment | None


class McpAllowedToolsMcpToolFilter(TypedDict, total=False):
    """Some tools of an MCP server."""

    read_only: bool
    """Those that say they change nothing (`readOnlyHint`)."""
    tool_names: Sequence[str]


McpAllowedTools = Sequence[str] | McpAllowedToolsMcpToolFilter | None
McpRequireApprovalMcpToolApprovalFilterAlways = McpAllowedToolsMcpToolFilter
McpRequireApprovalMcpToolApprovalFilterNever = McpAllowedToolsMcpToolFilter


class McpRequireApprovalMcpToolApprovalFilter(TypedDict, total=False):
    """Which tools need the caller's leave, and which do not."""

    always: McpAllowedToolsMcpToolFilter
    never: McpAllowedToolsMcpToolFilter


McpRequireApproval = McpRequireApprovalMcpToolApprovalFilter | Literal["always", "never"] | None


class Mcp(TypedDict, total=False):
    """Tools of an MCP server, or of a connector of the provider's."""

    server_label: Required[str]
    """Names the server in calls."""
    type: Required[Literal["mcp"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None
    allowed_tools: McpAllowedTools
    authorization: str
    """An OAuth access token for the server."""
    connector_id: Literal[
        "connector_dropbox", "connector_gmail", "connector_googlecalendar", "connector_googledrive", "connector_microsoftteams",
        "connector_outlookcalendar", "connector_outlookemail", "connector_sharepoint",
    ]  # fmt: skip
    """A service the provider connects to, in place of `server_url`."""
    defer_loading: bool
    headers: Mapping[str, str] | None
    """Sent to the server with every request."""
    require_approval: McpRequireApproval
    """Whether calls wait for the caller's leave; `always` by default."""
    server_description: str
    server_url: str
    tunnel_id: str
    """A tunnel to a server in a private network, in place of `server_url`."""


class CodeInterpreterContainerCodeInterpreterToolAuto(TypedDict, total=False):
    """A container that is made for the request."""

    type: Required[Literal["auto"]]
    file_ids: Sequence[str]
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None
    network_policy: NetworkPolicy


CodeInterpreterContainerCodeInterpreterToolAutoNetworkPolicy = NetworkPolicy
CodeInterpreterContainer = str | CodeInterpreterContainerCodeInterpreterToolAuto


class CodeInterpreter(TypedDict, total=False):
    """Lets the model run Python."""

    container: Required[CodeInterpreterContainer]
    """The id of a container, or how to make one."""
    type: Required[Literal["code_interpreter"]]
    allowed_callers: Sequence[Literal["direct", "programmatic"]] | None


class ProgrammaticToolCalling(TypedDict, total=False):
    """Lets the model call tools from programs it writes."""

    type: Required[Literal["programmatic_tool_calling"]]


class ImageGenerationInputImageMask(TypedDict, total=False):
    """Where the image is to change."""

    file_id: str
    image_url: str
    """A data URL."""


class ImageGenerationSvgReasoning(TypedDict, total=False):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class ImageGenerationSvg(TypedDict, total=False):
    """How drawings in SVG are made."""

    model: str
    reasoning: ImageGenerationSvgReasoning | None


class ImageGeneration(TypedDict, total=False):
    """Lets the model make images."""

    type: Required[Literal["image_generation"]]
    action: Literal["generate", "edit", "auto"]
    """Whether to make an image or to change one; the model chooses by default."""
    background: Literal["transparent", "opaque", "auto"]
    complexity: Literal["low", "medium", "high"]
    frame_count: int
    """How many frames an animation has."""
    frame_duration_ms: int
    input_fidelity: Literal["high", "low"] | None
    """How closely the result follows the images given, faces above all."""
    input_image_mask: ImageGenerationInputImageMask
    model: str | Literal[
        "gpt-image-1", "gpt-image-1-mini", "gpt-image-2", "gpt-image-2-2026-04-21", "gpt-image-2.5-sunburst",
        "gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2.5-flare", "gpt-image-2.5-flare-2026-09-08", "gpt-image-2.6-sunburst",
        "gpt-image-2.6-flare", "gpt-image-1.5", "chatgpt-image-latest",
    ]  # fmt: skip
    moderation: Literal["auto", "low"]
    output_compression: int
    """0 to 100."""
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"]
    partial_images: int
    """0 to 3: how many unfinished images a stream shows."""
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"]
    size: str | Literal["1024x1024", "1024x1536", "1536x1024", "auto"]
    svg: ImageGenerationSvg


class LocalShell(TypedDict, total=False):
    """Lets the model ask for commands to be run by the caller, as it was first."""

    type: Required[Literal["local_shell"]]


ToolParam = (
    FunctionToolParam | FileSearchToolParam | ComputerToolParam | ComputerUsePreviewToolParam | WebSearchToolParam | Mcp
    | CodeInterpreter | ProgrammaticToolCalling | ImageGeneration | LocalShell | FunctionShellToolParam | CustomToolParam
    | NamespaceToolParam | ToolSearchToolParam | WebSearchPreviewToolParam | ApplyPatchToolParam
)  # fmt: skip
ParseableToolParam = ToolParam | ChatCompletionFunctionToolParam


class ToolChoiceAllowedParam(TypedDict, total=False):
    """Some of the tools only."""

    mode: Required[Literal["auto", "required"]]
    """Whether the model may call one of them, or must."""
    tools: Required[Iterable[Mapping[str, object]]]
    """Such as `{"type": "function", "name": "weather"}`."""
    type: Required[Literal["allowed_tools"]]


class ToolChoiceTypesParam(TypedDict, total=False):
    """A tool of the provider's."""

    type: Required[Literal[
        "file_search", "web_search_preview", "computer", "computer_use_preview", "computer_use",
        "web_search_preview_2025_03_11", "image_generation", "code_interpreter",
    ]]  # fmt: skip


class ToolChoiceFunctionParam(TypedDict, total=False):
    """This function."""

    name: Required[str]
    type: Required[Literal["function"]]


class ToolChoiceMcpParam(TypedDict, total=False):
    """A tool of this MCP server."""

    server_label: Required[str]
    type: Required[Literal["mcp"]]
    name: str | None


class ToolChoiceCustomParam(TypedDict, total=False):
    """This custom tool."""

    name: Required[str]
    type: Required[Literal["custom"]]


class ToolChoiceApplyPatchParam(TypedDict, total=False):
    """A patch."""

    type: Required[Literal["apply_patch"]]


class ToolChoiceShellParam(TypedDict, total=False):
    """A command."""

    type: Required[Literal["shell"]]


ToolChoice = (
    ToolChoiceOptions | ToolChoiceAllowedParam | ToolChoiceTypesParam | ToolChoiceFunctionParam | ToolChoiceMcpParam
    | ToolChoiceCustomParam | ProgrammaticToolCalling | ToolChoiceApplyPatchParam | ToolChoiceShellParam
)  # fmt: skip
