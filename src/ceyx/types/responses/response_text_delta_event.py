"""What happens to the text of a streamed response; events are hot: weigh every field that holds a view."""

from __future__ import annotations

from typing import Any, Literal, Self

from ceyx.types.responses.response_output_item import ReasoningText, Summary
from ceyx.types.responses.response_output_text import Annotation, ResponseOutputRefusal, ResponseOutputText
from ceyx.wire.view import IfSent, View, new

__all__ = [
    "ResponseAudioDeltaEvent", "ResponseAudioDoneEvent", "ResponseAudioTranscriptDeltaEvent",
    "ResponseAudioTranscriptDoneEvent", "ResponseContentPartAddedEvent", "ResponseContentPartDoneEvent",
    "ResponseOutputTextAnnotationAddedEvent", "ResponseReasoningSummaryPartAddedEvent", "ResponseReasoningSummaryPartDoneEvent",
    "ResponseReasoningSummaryTextDeltaEvent", "ResponseReasoningSummaryTextDoneEvent", "ResponseReasoningTextDeltaEvent",
    "ResponseReasoningTextDoneEvent", "ResponseRefusalDeltaEvent", "ResponseRefusalDoneEvent", "ResponseTextDeltaEvent",
    "ResponseTextDoneEvent",
]  # fmt: skip


class StreamEvent(View):
    """Something that happened to a response. Each event names itself by `type`."""

    sequence_number: int
    """The place in the stream, after which `retrieve(..., starting_after=...)` goes on."""
    stream_id: IfSent[str | None] = None
    """Over a WebSocket: which of its streams this is about."""


class ItemEvent(StreamEvent):
    """Something that happened to one item of the output."""

    item_id: str
    output_index: int
    """The place of the item in `output`."""


class PartEvent(ItemEvent):
    """Something that happened to one part of an item."""

    content_index: int
    """The place of the part in the item's `content`."""


class SummaryEvent(ItemEvent):
    """Something that happened to one part of a summary."""

    summary_index: int
    """The place of the part in the item's `summary`."""


class LogprobTopLogprob(View):
    token: str | None = None
    logprob: float | None = None


class Logprob(View):
    """How likely a token was, and which others were."""

    token: str
    logprob: float
    top_logprobs: list[LogprobTopLogprob] | None = None


class ResponseTextDeltaEvent(PartEvent):
    delta: str
    """The next piece of the text."""
    logprobs: list[Logprob]
    type: Literal["response.output_text.delta"]

    @classmethod
    def wrap(cls, data: Any) -> Self:
        """View `data`; the pieces of text are most of a stream, and hardly any has logprobs."""
        if type(data) is not dict or data.get("logprobs"):
            return super().wrap(data)
        self = new(cls)
        self.__dict__ = data
        return self


class ResponseTextDoneEvent(PartEvent):
    logprobs: list[Logprob]
    text: str
    """The whole text of the part."""
    type: Literal["response.output_text.done"]


class ResponseRefusalDeltaEvent(PartEvent):
    delta: str
    type: Literal["response.refusal.delta"]


class ResponseRefusalDoneEvent(PartEvent):
    refusal: str
    type: Literal["response.refusal.done"]


class ResponseReasoningTextDeltaEvent(PartEvent):
    delta: str
    type: Literal["response.reasoning_text.delta"]


class ResponseReasoningTextDoneEvent(PartEvent):
    text: str
    type: Literal["response.reasoning_text.done"]


class ResponseReasoningSummaryPartAddedEvent(SummaryEvent):
    part: Summary
    type: Literal["response.reasoning_summary_part.added"]


class ResponseReasoningSummaryPartDoneEvent(SummaryEvent):
    part: Summary
    type: Literal["response.reasoning_summary_part.done"]
    status: Literal["incomplete"] | None = None


class ResponseReasoningSummaryTextDeltaEvent(SummaryEvent):
    delta: str
    type: Literal["response.reasoning_summary_text.delta"]


class ResponseReasoningSummaryTextDoneEvent(SummaryEvent):
    text: str
    type: Literal["response.reasoning_summary_text.done"]


class ResponseOutputTextAnnotationAddedEvent(PartEvent):
    annotation: Annotation | None = None
    """What the text rests on."""
    annotation_index: int
    type: Literal["response.output_text.annotation.added"]


class ResponseContentPartAddedEvent(PartEvent):
    part: ResponseOutputText | ResponseOutputRefusal | ReasoningText
    type: Literal["response.content_part.added"]


class ResponseContentPartDoneEvent(PartEvent):
    part: ResponseOutputText | ResponseOutputRefusal | ReasoningText
    type: Literal["response.content_part.done"]


class ResponseAudioDeltaEvent(StreamEvent):
    delta: str
    """Base64."""
    type: Literal["response.audio.delta"]


class ResponseAudioDoneEvent(StreamEvent):
    type: Literal["response.audio.done"]


class ResponseAudioTranscriptDeltaEvent(StreamEvent):
    delta: str
    type: Literal["response.audio.transcript.delta"]


class ResponseAudioTranscriptDoneEvent(StreamEvent):
    type: Literal["response.audio.transcript.done"]


TextEvent = (
    ResponseTextDeltaEvent | ResponseTextDoneEvent | ResponseRefusalDeltaEvent | ResponseRefusalDoneEvent
    | ResponseReasoningTextDeltaEvent | ResponseReasoningTextDoneEvent | ResponseReasoningSummaryPartAddedEvent
    | ResponseReasoningSummaryPartDoneEvent | ResponseReasoningSummaryTextDeltaEvent | ResponseReasoningSummaryTextDoneEvent
    | ResponseOutputTextAnnotationAddedEvent | ResponseContentPartAddedEvent | ResponseContentPartDoneEvent
    | ResponseAudioDeltaEvent | ResponseAudioDoneEvent | ResponseAudioTranscriptDeltaEvent | ResponseAudioTranscriptDoneEvent
)  # fmt: skip
