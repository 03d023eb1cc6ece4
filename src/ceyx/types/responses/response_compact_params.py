"""What is asked to have a conversation shortened, or its tokens counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

from ceyx.types.responses.response_create_params import Conversation, Image
from ceyx.types.responses.response_input_param import ResponseInputItemParam
from ceyx.types.responses.response_text_config_param import ResponseTextConfigParam
from ceyx.types.responses.tool_param import ToolChoice, ToolParam
from ceyx.types.shared.responses_model import ResponsesModel
from ceyx.types.shared_params.reasoning import Reasoning
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["InputTokenCountParams", "ResponseCompactParams"]


class PromptCacheOptions(TypedDict, total=False):
    """How the prompt is cached."""

    mode: Literal["implicit", "explicit"]
    """`implicit`, the default, lets the server set one mark beside yours; `explicit` caches at your marks only."""
    ttl: Literal["30m"]
    """How long the cache keeps the prompt, at least."""


class ResponseCompactParams(TypedDict, total=False):
    """A conversation to shorten."""

    model: Required[ResponsesModel | None]
    """The model that is to go on with it."""
    image: Image | Omit
    input: str | Iterable[ResponseInputItemParam] | Omit | None
    instructions: str | Omit | None
    previous_response_id: str | Omit | None
    prompt_cache_key: str | Omit | None
    prompt_cache_options: PromptCacheOptions | Omit | None
    prompt_cache_retention: Literal["in_memory", "24h"] | Omit | None
    service_tier: Literal["auto", "default", "fast", "flex", "priority"] | Omit | None


class InputTokenCountParams(TypedDict, total=False):
    """What a response would be asked with."""

    conversation: Conversation | Omit | None
    input: str | Iterable[ResponseInputItemParam] | Omit | None
    instructions: str | Omit | None
    model: str | Omit | None
    parallel_tool_calls: bool | Omit | None
    personality: str | Literal["friendly", "pragmatic"] | Omit
    """A preset of the provider's."""
    previous_response_id: str | Omit | None
    reasoning: Reasoning | Omit | None
    text: ResponseTextConfigParam | Omit | None
    tool_choice: ToolChoice | Omit | None
    tools: Iterable[ToolParam] | Omit | None
    truncation: Literal["auto", "disabled"] | Omit


class Compact(ResponseCompactParams, Options):
    """`compact`."""


class CountInputTokens(InputTokenCountParams, Options):
    """`input_tokens.count`."""
