"""What a response is asked with, whoever asks: client, LangChain, service, bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Required

from ceyx.types.responses.response import ResponseIncludable, ServiceTier
from ceyx.types.responses.response_input_content_param import (
    ResponseInputFileParam,
    ResponseInputImageParam,
    ResponseInputTextParam,
)
from ceyx.types.responses.response_input_param import ResponseInputParam
from ceyx.types.responses.response_text_config_param import ResponseTextConfigParam
from ceyx.types.responses.tool_param import ToolChoice, ToolParam
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.responses_model import ResponsesModel
from ceyx.types.shared_params.reasoning import Reasoning
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ResponseConversationParamParam", "ResponseCreateParams", "ResponsePromptParam"]


Variables = str | ResponseInputTextParam | ResponseInputImageParam | ResponseInputFileParam


class ResponsePromptParam(TypedDict, total=False):
    """A prompt that is stored at the provider."""

    id: Required[str]
    variables: Mapping[str, Variables] | None
    """Values for its variables."""
    version: str | None


class ResponseConversationParamParam(TypedDict, total=False):
    """The conversation a response belongs to."""

    id: Required[str]


class AccessPrograms(TypedDict, total=False):
    """Programs of trusted access."""

    cyber: Literal["standard", "daybreak_blue", "daybreak_red"]


class BackgroundOptions(TypedDict, total=False):
    """How soon a response in the background must be there. Not with `stream`, nor with a `service_tier` of your choice."""

    completion_window: Literal["soonest", "2h", "8h"]
    """`soonest` by default; one that may take 2 or 8 hours costs less."""
    continuation_id: str
    """A name of yours for requests that belong together: what follows comes sooner. It adds nothing to the input."""


class ContextManagement(TypedDict, total=False):
    """How a conversation is kept short enough."""

    type: Required[str]
    """`compaction`."""
    compact_threshold: int | None
    """At how many tokens it is shortened."""


Conversation = str | ResponseConversationParamParam


class Image(TypedDict, total=False):
    """How images in the input are treated."""

    context_compression: Literal["auto", "enabled", "disabled"]


class ModerationPolicyInput(TypedDict, total=False):
    """What happens to what is flagged."""

    mode: Required[Literal["score", "block"]]
    """`score` only reports it, `block` refuses it."""


class ModerationPolicy(TypedDict, total=False):
    """What happens to what is flagged, in the input and in the output."""

    input: ModerationPolicyInput | None
    output: ModerationPolicyInput | None


class Moderation(TypedDict, total=False):
    """Moderation of input and output in the same request."""

    model: Required[str]
    """The moderation model, such as omni-moderation-latest."""
    policy: ModerationPolicy | None


class PromptCacheOptions(TypedDict, total=False):
    """How the prompt is cached."""

    comparison_response_id: str | None
    """A response to compare with, to learn why the cache did not help."""
    mode: Literal["implicit", "explicit"]
    """`implicit`, the default, lets the server set one mark beside yours; `explicit` caches at your marks only."""
    prewarm: bool
    """True only fills the cache."""
    ttl: Literal["30m", "12h"]
    """How long the cache keeps the prompt, at least."""


class StreamOptions(TypedDict, total=False):
    """Details of a stream."""

    include_obfuscation: bool
    """Pads events to hide their length from who watches the line, true by default; false saves bandwidth."""


class ResponseCreateParamsBase(TypedDict, total=False):
    """Everything but `stream`."""

    access_programs: AccessPrograms | Omit
    background: bool | Omit | None
    """True makes the response without the caller waiting; `retrieve` tells how far it is."""
    background_options: BackgroundOptions | Omit
    """How soon a response in the background must be there."""
    context_management: Iterable[ContextManagement] | Omit | None
    """How the conversation is kept short enough."""
    conversation: Conversation | Omit | None
    """The conversation the response belongs to: it is read before, and added to after."""
    image: Image | Omit
    include: Sequence[ResponseIncludable] | Omit | None
    """What is left out otherwise."""
    input: str | ResponseInputParam | Omit
    """What to answer: text, or messages and results of tools."""
    instructions: str | Omit | None
    """The system message; those of `previous_response_id` do not go on."""
    max_output_tokens: int | Omit | None
    """Of reasoning and answer together."""
    max_tool_calls: int | Omit | None
    """Of the provider's tools, all together."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters)."""
    model: ResponsesModel | Omit
    """The model, on Azure the deployment; it may be left out with `prompt`."""
    moderation: Moderation | Omit | None
    """Moderation of input and output in the same request."""
    parallel_tool_calls: bool | Omit | None
    """Whether the model may call several tools at once; true by default."""
    previous_response_id: str | Omit | None
    """The response to continue; not with `conversation`."""
    prompt: ResponsePromptParam | Omit | None
    """A prompt that is stored at the provider."""
    prompt_cache_key: str | Omit | None
    """Requests with the same key share a cache more often."""
    prompt_cache_options: PromptCacheOptions | Omit
    """How the prompt is cached."""
    prompt_cache_retention: Literal["in_memory", "24h"] | Omit | None
    """Deprecated, see `prompt_cache_options`: how long the cache keeps the prompt."""
    reasoning: Reasoning | Omit | None
    """How much a model thinks before it answers, and what it tells of it."""
    safety_identifier: str | Omit | None
    """Stands for an end user, for abuse detection: hash a name."""
    service_tier: ServiceTier | Omit | None
    """Which kind of capacity serves the request; `auto` by default."""
    store: bool | Omit | None
    """Whether the response can be retrieved later; true by default."""
    stream_options: StreamOptions | Omit | None
    """Details of a stream; only with `stream=True`."""
    temperature: float | Omit | None
    """0 to 2, 1 by default: the higher, the more random."""
    text: ResponseTextConfigParam | Omit
    """The shape of the text, and how much of it."""
    tool_choice: ToolChoice | Omit
    """Which tools to use; `auto` by default."""
    tools: Iterable[ToolParam] | Omit
    """What the model may use: functions of the caller's, tools of the provider's, MCP servers."""
    top_logprobs: int | Omit | None
    """0 to 20: how many of the likeliest tokens come with each token of the answer."""
    top_p: float | Omit | None
    """0 to 1, 1 by default: sample from the likeliest tokens that together have this probability."""
    truncation: Literal["auto", "disabled"] | Omit | None
    """What happens where the input is too long: `auto` drops the oldest, `disabled` (the default) fails."""
    user: str | Omit
    """Deprecated, use `safety_identifier` and `prompt_cache_key`: a stable identifier of your end user."""


class ResponseCreateParamsNonStreaming(ResponseCreateParamsBase, total=False):
    """Asks for the whole response."""

    stream: Literal[False] | Omit | None
    """True gives the response in events, as they happen; false by default."""


class ResponseCreateParamsStreaming(ResponseCreateParamsBase):
    """Asks for the response in events."""

    stream: Required[Literal[True]]
    """Give the response in events, as they happen."""


ResponseCreateParams = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming


class CreateWhole(ResponseCreateParamsNonStreaming, Options):
    """`create` for the whole response."""


class CreateStreamed(ResponseCreateParamsStreaming, Options):
    """`create` for the response in events."""


class CreateEither(ResponseCreateParamsBase, Options, total=False):
    """`create` where only the running program knows which of the two."""

    stream: Required[bool | Omit | None]
    """Whether to give the response in events, as they happen."""


class ParseParams(ResponseCreateParamsBase, Options, total=False):
    """`parse`, beside the type to read the answer as."""

    verbosity: Literal["low", "medium", "high"] | Omit | None
    """How long-winded the text is; also in `text`."""


class StreamParams(ResponseCreateParamsBase, Options, total=False):
    """`stream`, beside the type to read the answer as: a new response, or one that is there by its `response_id`."""

    response_id: str | Omit
    """A response that is or was made in the background: its events, from the first."""
    starting_after: int | Omit
    """With `response_id`: gives the events after this `sequence_number`, though their snapshots have what came before."""
