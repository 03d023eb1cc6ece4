"""What happens while a chat completion streams. Each event names itself by `type`."""

from __future__ import annotations

from typing import Generic, Literal

from ceyx.streams.so_far import LateView
from ceyx.types.chat.chat_completion_chunk import ChatCompletionChunk
from ceyx.types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob
from ceyx.types.chat.parsed_chat_completion import M, ParsedChatCompletion
from ceyx.types.read_view import ReadView
from ceyx.wire.view import View


class ChunkEvent(LateView):
    """A chunk came. The events of what it brings follow."""

    type: Literal["chunk"]
    chunk: ChatCompletionChunk
    snapshot: ParsedChatCompletion[object]
    """The completion so far, put together when it is first read."""


class ContentDeltaEvent(LateView):
    """A piece of the text came."""

    type: Literal["content.delta"]
    choice: int
    """Which of the `n` answers this is about."""
    delta: str
    snapshot: str
    """The text so far."""
    parsed: object
    """What is whole of the JSON so far, as dicts and lists, where the answer is to be read as a type."""


class ContentDoneEvent(ReadView, Generic[M]):
    """The text is whole."""

    type: Literal["content.done"]
    choice: int
    content: str
    parsed: M | None = None
    """The text read as the type asked for."""


class RefusalDeltaEvent(View):
    """A piece of a refusal came."""

    type: Literal["refusal.delta"]
    choice: int
    delta: str
    snapshot: str


class RefusalDoneEvent(View):
    """The refusal is whole."""

    type: Literal["refusal.done"]
    choice: int
    refusal: str


class FunctionToolCallArgumentsDeltaEvent(LateView):
    """A piece of the arguments of a call came."""

    type: Literal["tool_calls.function.arguments.delta"]
    choice: int
    name: str
    index: int
    """Which of the calls this is about."""
    arguments: str
    """The JSON so far."""
    parsed_arguments: object
    """What is whole of it, as dicts and lists, for tools whose arguments are read."""
    arguments_delta: str


class FunctionToolCallArgumentsDoneEvent(ReadView):
    """The arguments of a call are whole."""

    type: Literal["tool_calls.function.arguments.done"]
    choice: int
    name: str
    index: int
    arguments: str
    parsed_arguments: object | None = None
    """A value of the type the tool was made from; for other tools that are strict, the decoded JSON."""


class LogprobsContentDeltaEvent(LateView):
    """The probabilities of a piece of the text came."""

    type: Literal["logprobs.content.delta"]
    choice: int
    content: list[ChatCompletionTokenLogprob]
    snapshot: list[ChatCompletionTokenLogprob]


class LogprobsContentDoneEvent(View):
    """The probabilities of the text are all there."""

    type: Literal["logprobs.content.done"]
    choice: int
    content: list[ChatCompletionTokenLogprob]


class LogprobsRefusalDeltaEvent(LateView):
    """The probabilities of a piece of a refusal came."""

    type: Literal["logprobs.refusal.delta"]
    choice: int
    refusal: list[ChatCompletionTokenLogprob]
    snapshot: list[ChatCompletionTokenLogprob]


class LogprobsRefusalDoneEvent(View):
    """The probabilities of a refusal are all there."""

    type: Literal["logprobs.refusal.done"]
    choice: int
    refusal: list[ChatCompletionTokenLogprob]


ChatCompletionStreamEvent = (
    ChunkEvent
    | ContentDeltaEvent
    | ContentDoneEvent[M]
    | RefusalDeltaEvent
    | RefusalDoneEvent
    | FunctionToolCallArgumentsDeltaEvent
    | FunctionToolCallArgumentsDoneEvent
    | LogprobsContentDeltaEvent
    | LogprobsContentDoneEvent
    | LogprobsRefusalDeltaEvent
    | LogprobsRefusalDoneEvent
)
