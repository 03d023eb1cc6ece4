"""A response that came back whole, or as it stands."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.content_filter import ContentFilter
from ceyx.types.chat.moderation import ModerationError, ModerationResult
from ceyx.types.responses.response_input_content import ResponseInputFile, ResponseInputImage, ResponseInputText
from ceyx.types.responses.response_item import ResponseInputItem
from ceyx.types.responses.response_output_item import ResponseOutputItem
from ceyx.types.responses.response_output_text import ResponseOutputMessage, ResponseOutputText
from ceyx.types.responses.response_usage import ResponseError, ResponseTextConfig, ResponseUsage
from ceyx.types.responses.tool import (
    ProgrammaticToolCalling,
    Tool,
    ToolChoiceAllowed,
    ToolChoiceApplyPatch,
    ToolChoiceCustom,
    ToolChoiceFunction,
    ToolChoiceMcp,
    ToolChoiceOptions,
    ToolChoiceShell,
    ToolChoiceTypes,
)
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.reasoning import Reasoning
from ceyx.types.shared.responses_model import ResponsesModel
from ceyx.wire.view import Answer, IfSent, View

__all__ = [
    "CompactedResponse", "Response", "ResponseConversationParam", "ResponseIncludable", "ResponsePrompt", "ResponseStatus",
    "ServiceTier",
]  # fmt: skip


ResponseStatus = Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]
ServiceTier = Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"] | None
ResponseIncludable = Literal[
    "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
    "computer_call_output.output.image_url", "code_interpreter_call.outputs", "reasoning.encrypted_content",
    "message.output_text.logprobs",
]  # fmt: skip
Variables = str | ResponseInputText | ResponseInputImage | ResponseInputFile


class ResponsePrompt(View):
    """A prompt that is stored at the provider."""

    id: str
    variables: dict[str, Variables] | None = None
    """Values for its variables."""
    version: str | None = None


class AccessPrograms(View):
    """Programs of trusted access."""

    cyber: Literal["standard", "daybreak_blue", "daybreak_red"]


class IncompleteDetails(View):
    """Why a response is not whole."""

    reason: Literal["max_output_tokens", "max_messages", "content_filter", "steered"] | None = None


ToolChoice = (
    ToolChoiceOptions | ToolChoiceAllowed | ToolChoiceTypes | ToolChoiceFunction | ToolChoiceMcp | ToolChoiceCustom
    | ProgrammaticToolCalling | ToolChoiceApplyPatch | ToolChoiceShell
)  # fmt: skip


class Conversation(View):
    """The conversation a response belongs to."""

    id: str


ResponseConversationParam = Conversation


class Image(View):
    """How images in the input are treated."""

    context_compression: Literal["enabled", "disabled"]


class InputTransformation(View):
    """Something of the input that the model did not get to see."""

    id: str
    action: Literal["removed"]
    reason: Literal["organization_mismatch", "end_user_mismatch", "model_mismatch", "prefix_mismatch", "turn_boundary"]
    type: Literal["reasoning"]


class Moderation(View):
    """The findings for input and output."""

    input: ModerationResult | ModerationError
    output: ModerationResult | ModerationError


class PromptCacheDiagnosticsCacheMiss(View):
    """The cache did not help, and why."""

    cache_missed_tokens: int
    reason: Literal[
        "model_changed", "prompt_cache_key_changed", "tools_changed", "text_format_changed", "reasoning_effort_changed",
        "verbosity_changed", "context_compacted", "input_changed", "service_tier_changed",
    ]  # fmt: skip
    type: Literal["cache_miss"]
    comparison_reusable_tokens: int | None = None


class PromptCacheDiagnosticsCacheHit(View):
    """The cache helped."""

    type: Literal["cache_hit"]


class PromptCacheDiagnosticsComparisonResponseNotFound(View):
    type: Literal["comparison_response_not_found"]


class PromptCacheDiagnosticsUnavailable(View):
    type: Literal["unavailable"]


PromptCacheDiagnostics = (
    PromptCacheDiagnosticsCacheMiss | PromptCacheDiagnosticsCacheHit | PromptCacheDiagnosticsComparisonResponseNotFound
    | PromptCacheDiagnosticsUnavailable
)  # fmt: skip


class PromptCacheOptions(View):
    """How the prompt is cached."""

    mode: Literal["implicit", "explicit"]
    """`implicit`, the default, lets the server set one mark beside yours; `explicit` caches at your marks only."""
    ttl: Literal["30m", "12h"]
    """How long the cache keeps the prompt, at least."""
    comparison_response_id: str | None = None
    """A response to compare with, to learn why the cache did not help."""


class ToolUsageImageGenInputTokensDetails(View):
    image_tokens: int
    text_tokens: int


class ToolUsageImageGenCachedTokensDetails(View):
    cached_image_tokens: int
    cached_text_tokens: int


class ToolUsageImageGen(View):
    """The tokens that images took."""

    input_tokens: int
    input_tokens_details: ToolUsageImageGenInputTokensDetails
    output_tokens: int
    total_tokens: int
    cached_tokens: int | None = None
    cached_tokens_details: ToolUsageImageGenCachedTokensDetails | None = None
    output_tokens_details: ToolUsageImageGenInputTokensDetails | None = None


class ToolUsageWebSearch(View):
    num_requests: int


class ToolUsage(View):
    image_gen: ToolUsageImageGen
    web_search: ToolUsageWebSearch


class Response(Answer):
    """What a model made of an input: the answer to one request, and all that was done for it."""

    id: str
    access_programs: AccessPrograms | None = None
    created_at: float
    """Unix time, in seconds."""
    error: ResponseError | None = None
    """Set where `status` is `failed`."""
    incomplete_details: IncompleteDetails | None = None
    """Set where `status` is `incomplete`."""
    instructions: str | list[ResponseInputItem] | None = None
    """The system message."""
    metadata: Metadata | None = None
    model: ResponsesModel
    """The model that answered, with its version."""
    object: Literal["response"]
    output: list[ResponseOutputItem]
    """What the model made: messages, calls of tools, reasoning. `output_text` is the text of it all."""
    parallel_tool_calls: bool
    temperature: float | None = None
    tool_choice: ToolChoice
    tools: list[Tool]
    top_p: float | None = None
    background: bool | None = None
    """Whether it is made without the caller waiting; `retrieve` tells how far it is."""
    completed_at: float | None = None
    """Unix time, in seconds."""
    conversation: Conversation | None = None
    image: Image | None = None
    input_transformations: list[InputTransformation] | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    moderation: Moderation | None = None
    previous_response_id: str | None = None
    """The response this one continues."""
    prompt: ResponsePrompt | None = None
    prompt_cache_diagnostics: PromptCacheDiagnostics | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning: Reasoning | None = None
    safety_identifier: str | None = None
    """Stands for an end user, for abuse detection."""
    service_tier: ServiceTier | None = None
    """The tier that served the request, which may be another than was asked for."""
    status: ResponseStatus | None = None
    text: ResponseTextConfig | None = None
    tool_usage: ToolUsage | None = None
    top_logprobs: int | None = None
    truncation: Literal["auto", "disabled"] | None = None
    """What happens where the input is too long: `auto` drops the oldest, `disabled` fails."""
    usage: ResponseUsage | None = None
    user: str | None = None
    """Deprecated; see `safety_identifier` and `prompt_cache_key`."""
    content_filters: IfSent[list[ContentFilter] | None] = None
    """Azure: what its content filter found in input and output."""

    @property
    def output_text(self) -> str:
        """All text of the messages in `output`, joined; empty where there is none."""
        return "".join(
            part.text
            for item in self.output or ()
            if isinstance(item, ResponseOutputMessage)
            for part in item.content or ()
            if isinstance(part, ResponseOutputText) and part.text
        )


class CompactedResponse(Answer):
    """A conversation, shortened: to be sent in place of it."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    object: Literal["response.compaction"]
    output: list[ResponseOutputItem]
    usage: ResponseUsage
    image: Image | None = None
