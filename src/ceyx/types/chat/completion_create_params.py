"""What a chat completion is asked with, whoever asks: client, LangChain, service, bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Required

from ceyx.types.chat.chat_completion_audio_param import ChatCompletionAudioParam
from ceyx.types.chat.chat_completion_content_part_param import ChatCompletionContentPartTextParam
from ceyx.types.chat.chat_completion_message_param import ChatCompletionMessageParam
from ceyx.types.chat.chat_completion_tool_choice_option_param import (
    ChatCompletionFunctionCallOptionParam,
    ChatCompletionToolChoiceOptionParam,
)
from ceyx.types.chat.chat_completion_tool_param import ChatCompletionToolUnionParam
from ceyx.types.shared.chat_model import ChatModel
from ceyx.types.shared.function_definition import FunctionParameters
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared_params.response_format_json_schema import (
    ResponseFormatJSONObject,
    ResponseFormatJSONSchema,
    ResponseFormatText,
)
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ChatCompletionPredictionContentParam", "ChatCompletionReasoningEffort", "ChatCompletionStreamOptionsParam",
    "CompletionCreateParams",
]  # fmt: skip

ChatCompletionReasoningEffort = ReasoningEffort
FunctionCall = Literal["none", "auto"] | ChatCompletionFunctionCallOptionParam
ResponseFormat = ResponseFormatText | ResponseFormatJSONSchema | ResponseFormatJSONObject


class Function(TypedDict, total=False):
    """Deprecated form of a function tool."""

    name: Required[str]
    """Up to 64 letters, digits, underscores and dashes."""
    description: str
    """What the function does, from which the model decides when and how to call it."""
    parameters: FunctionParameters
    """JSON Schema of the arguments; without one, the function takes none."""


class ModerationPolicyInput(TypedDict, total=False):
    """What happens to a prompt that is flagged."""

    mode: Required[Literal["score", "block"]]
    """`score` only reports it, `block` refuses it."""


class ModerationPolicyOutput(TypedDict, total=False):
    """What happens to an answer that is flagged."""

    mode: Required[Literal["score", "block"]]
    """`score` only reports it, `block` withholds it."""


class ModerationPolicy(TypedDict, total=False):
    """What happens to what is flagged."""

    input: ModerationPolicyInput | None
    """For the prompt."""
    output: ModerationPolicyOutput | None
    """For the answer."""


class Moderation(TypedDict, total=False):
    """Moderation of prompt and answer in the same request."""

    model: Required[str]
    """The moderation model, such as omni-moderation-latest."""
    policy: ModerationPolicy | None
    """What happens to what is flagged."""


class PromptCacheOptions(TypedDict, total=False):
    """How the prompt is cached."""

    mode: Literal["implicit", "explicit"]
    """`implicit`, the default, lets the server set one mark beside yours; `explicit` caches at your marks only."""
    ttl: Literal["30m"]
    """How long the cache keeps the prompt, at least; 30 minutes by default."""


class ChatCompletionPredictionContentParam(TypedDict, total=False):
    """Most of the answer, known beforehand."""

    content: Required[str | Iterable[ChatCompletionContentPartTextParam]]
    """The text expected, such as the file that is to be changed in a few places."""
    type: Required[Literal["content"]]
    """Says which kind of prediction this is."""


class ChatCompletionStreamOptionsParam(TypedDict, total=False):
    """Details of a streamed answer."""

    include_obfuscation: bool
    """Pads pieces to hide their length from who watches the line, true by default; false saves bandwidth."""
    include_usage: bool
    """True adds a last chunk with the tokens of the whole request and no choices; a stream that breaks off never gets there."""


class WebSearchOptionsUserLocationApproximate(TypedDict, total=False):
    """Roughly where the user is."""

    city: str
    """The city, such as `San Francisco`."""
    country: str
    """Two letters, ISO 3166-1, such as `US`."""
    region: str
    """The region, such as `California`."""
    timezone: str
    """IANA name, such as `America/Los_Angeles`."""


class WebSearchOptionsUserLocation(TypedDict, total=False):
    """Where the user is."""

    approximate: Required[WebSearchOptionsUserLocationApproximate]
    """Roughly where."""
    type: Required[Literal["approximate"]]
    """Says how exact this is."""


class WebSearchOptions(TypedDict, total=False):
    """How the web is searched before answering."""

    search_context_size: Literal["low", "medium", "high"]
    """How much of what is found goes into the prompt; `medium` by default."""
    user_location: WebSearchOptionsUserLocation | None
    """Where results should be near to."""


class UserSecurityContext(TypedDict, total=False):
    """Who asks, and through which application, for Microsoft Defender for Cloud."""

    application_name: str
    """The application's name; nothing secret."""
    end_user_id: str
    """The user's object id in Microsoft Entra ID."""
    end_user_tenant_id: str
    """The user's tenant, needed where the application serves several."""
    source_ip: str
    """The address the user comes from."""


class CompletionParams(TypedDict, total=False):
    """Every parameter but `stream` and `response_format`."""

    messages: Required[Iterable[ChatCompletionMessageParam]]
    """The conversation so far, oldest message first."""
    model: Required[str | ChatModel]
    """The model that answers; on Azure, the name of your deployment of it."""
    audio: ChatCompletionAudioParam | Omit | None
    """Format and voice of spoken answers; needed where `modalities` asks for audio."""
    frequency_penalty: float | Omit | None
    """-2 to 2, 0 by default: above 0, a token gets less likely the more often the text already holds it."""
    function_call: FunctionCall | Omit
    """Deprecated, use `tool_choice`: whether, or which, of `functions` the model calls."""
    functions: Iterable[Function] | Omit
    """Deprecated, use `tools`: functions the model may ask to have called."""
    logit_bias: dict[str, int] | Omit | None
    """Token id (as a string) to a bias, from -100 (never) to 100 (always), added to its logit before sampling."""
    logprobs: bool | Omit | None
    """True returns the log probability of each token of the answer; false by default."""
    max_completion_tokens: int | Omit | None
    """Upper bound of tokens to generate, those spent on reasoning included; there the answer ends, with `length`."""
    max_tokens: int | Omit | None
    """Deprecated, use `max_completion_tokens`: reasoning models refuse this one, older api-versions know no other."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with a stored completion."""
    modalities: list[Literal["text", "audio"]] | Omit | None
    """Kinds of output to generate; text by default."""
    moderation: Moderation | Omit | None
    """Has prompt and answer moderated in the same request; the findings come with the answer."""
    n: int | Omit | None
    """How many answers to generate, 1 by default; the tokens of all are billed."""
    parallel_tool_calls: bool | Omit
    """False allows one tool call at a time; true by default. Only beside `tools`."""
    prediction: ChatCompletionPredictionContentParam | Omit | None
    """Most of the answer, known beforehand, which makes generating it faster; what does not match is billed as well."""
    presence_penalty: float | Omit | None
    """-2 to 2, 0 by default: above 0, tokens the text already holds get less likely, once is as bad as often."""
    prompt_cache_key: str | Omit | None
    """Requests with one key and one beginning go to one cache, so that more of their prompts are found there."""
    prompt_cache_options: PromptCacheOptions | Omit
    """How the prompt is cached, from gpt-5.6 on; beside it, parts of messages can carry up to four marks."""
    prompt_cache_retention: Literal["in_memory", "24h"] | Omit | None
    """Deprecated, use `prompt_cache_options`: how long the cache keeps the prompt, at most."""
    reasoning_effort: ReasoningEffort | Omit
    """How much a reasoning model thinks before it answers: less is faster and cheaper; not every model knows every value."""
    safety_identifier: str | Omit | None
    """A stable identifier of your end user, to 128 characters, for the provider's abuse detection; hash what is personal."""
    seed: int | Omit | None
    """The same seed and parameters mostly give the same answer, as long as `system_fingerprint` stays the same."""
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | Omit | None
    """Which capacity serves the request, at which price: `flex` is cheaper and slower, `priority` faster; `auto` by default."""
    stop: str | Sequence[str] | Omit | None
    """One to four texts at which the answer ends; they are not part of it. The latest reasoning models know none."""
    store: bool | Omit | None
    """True keeps request and answer with the provider, where they can be listed and evaluated."""
    stream_options: ChatCompletionStreamOptionsParam | Omit | None
    """Details of a streamed answer; only with `stream=True`."""
    temperature: float | Omit | None
    """0 to 2, 1 by default: higher is more random; change this or `top_p`, not both. Most reasoning models take 1 only."""
    tool_choice: ChatCompletionToolChoiceOptionParam | Omit
    """Whether, or which, of `tools` must be called: `auto` is the default with tools, `none` without."""
    tools: Iterable[ChatCompletionToolUnionParam] | Omit
    """Functions and custom tools the model may ask to have called."""
    top_logprobs: int | Omit | None
    """0 to 20: how many of the likeliest tokens come with each token of the answer; only with `logprobs=True`."""
    top_p: float | Omit | None
    """0 to 1, 1 by default: sample from the likeliest tokens that together have this probability."""
    user: str | Omit
    """Deprecated, use `safety_identifier` and `prompt_cache_key`: a stable identifier of your end user."""
    verbosity: Literal["low", "medium", "high"] | Omit | None
    """How long-winded the answer is; `medium` by default."""
    web_search_options: WebSearchOptions | Omit
    """How a search model searches the web before it answers."""
    data_sources: Iterable[Mapping[str, object]] | Omit
    """Azure: where to look things up before answering, such as a search index (its "On Your Data")."""
    user_security_context: UserSecurityContext | Omit
    """Azure: who asks, for the alerts of Microsoft Defender for Cloud."""
    engine: str | Omit
    """Deprecated spelling of `model` from the time of Azure's first clients."""


class CompletionCreateParamsBase(CompletionParams, total=False):
    """Every parameter but `stream`."""

    response_format: ResponseFormat | Omit
    """The shape of the answer: text (the default), JSON of a schema, or any JSON object."""


class CompletionCreateParamsNonStreaming(CompletionCreateParamsBase, total=False):
    """Asks for the whole answer."""

    stream: Literal[False] | Omit | None
    """True gives the answer in pieces, as they are generated; false by default."""


class CompletionCreateParamsStreaming(CompletionCreateParamsBase):
    """Asks for the answer in pieces."""

    stream: Required[Literal[True]]
    """Give the answer in pieces, as they are generated."""


CompletionCreateParams = CompletionCreateParamsNonStreaming | CompletionCreateParamsStreaming


class CreateWhole(CompletionCreateParamsNonStreaming, Options):
    """`create` for the whole answer."""


class CreateStreamed(CompletionCreateParamsStreaming, Options):
    """`create` for the answer in pieces."""


class CreateEither(CompletionCreateParamsBase, Options, total=False):
    """`create` where only the running program knows which of the two."""

    stream: Required[bool | Omit | None]
    """Whether to give the answer in pieces, as they are generated."""


class ParseParams(CompletionParams, Options):
    """`parse`, beside the type to read the answer as."""
