"""What runs of an evaluation are made and listed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.chat.chat_completion_tool_param import ChatCompletionFunctionToolParam
from ceyx.types.graders.grader_inputs_param import Input, SimpleInputMessage
from ceyx.types.page_params import OrderedPage
from ceyx.types.responses.response_input_param import EasyInputMessageParam
from ceyx.types.responses.response_text_config_param import ResponseFormatTextConfigParam
from ceyx.types.responses.tool_param import ToolParam
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
    "CreateEvalCompletionsRunDataSourceParam", "CreateEvalJSONLRunDataSourceParam", "RunCreateParams", "RunListParams",
]  # fmt: skip

# ---- where the rows come from


class SourceFileContentContent(TypedDict, total=False):
    """A row, and where there is one already the answer to it."""

    item: Required[dict[str, object]]
    sample: dict[str, object]


class SourceFileContent(TypedDict, total=False):
    """Rows sent along."""

    content: Required[Iterable[SourceFileContentContent]]
    type: Required[Literal["file_content"]]


class SourceFileID(TypedDict, total=False):
    """Rows of an uploaded file of JSON lines."""

    id: Required[str]
    type: Required[Literal["file_id"]]


class SourceStoredCompletions(TypedDict, total=False):
    """Stored chat completions that are such."""

    type: Required[Literal["stored_completions"]]
    created_after: int | None
    """Unix time, in seconds."""
    created_before: int | None
    """Unix time, in seconds."""
    limit: int | None
    """At most so many."""
    metadata: Metadata | None
    model: str | None


class SourceResponses(TypedDict, total=False):
    """Stored responses that are such."""

    type: Required[Literal["responses"]]
    created_after: int | None
    """Unix time, in seconds."""
    created_before: int | None
    """Unix time, in seconds."""
    instructions_search: str | None
    """Text their instructions hold."""
    metadata: object | None
    model: str | None
    reasoning_effort: ReasoningEffort | None
    temperature: float | None
    tools: Sequence[str] | None
    """Names of tools."""
    top_p: float | None
    users: Sequence[str] | None
    """Identifiers of users."""


# ---- how a model answers them


class InputMessagesTemplate(TypedDict, total=False):
    """A prompt, filled in for each row."""

    template: Required[Iterable[EasyInputMessageParam | Input]]
    type: Required[Literal["template"]]


class ResponsesInputMessagesTemplate(TypedDict, total=False):
    """A prompt, filled in for each row."""

    template: Required[Iterable[SimpleInputMessage | Input]]
    type: Required[Literal["template"]]


class InputMessagesItemReference(TypedDict, total=False):
    """A prompt that stands in the row."""

    item_reference: Required[str]
    """Where, such as `item.input_trajectory`."""
    type: Required[Literal["item_reference"]]


class SamplingParams(TypedDict, total=False):
    """How the model generates, as a chat completion."""

    max_completion_tokens: int
    reasoning_effort: ReasoningEffort | None
    response_format: ResponseFormatText | ResponseFormatJSONSchema | ResponseFormatJSONObject
    seed: int
    temperature: float
    tools: Iterable[ChatCompletionFunctionToolParam]
    top_p: float


class SamplingParamsText(TypedDict, total=False):
    """The shape of the answers."""

    format: ResponseFormatTextConfigParam


class ResponsesSamplingParams(TypedDict, total=False):
    """How the model generates, as a response."""

    max_completion_tokens: int
    reasoning_effort: ReasoningEffort | None
    seed: int
    temperature: float
    text: SamplingParamsText
    tools: Iterable[ToolParam]
    top_p: float


class CreateEvalJSONLRunDataSourceParam(TypedDict, total=False):
    """Rows with answers."""

    source: Required[SourceFileContent | SourceFileID]
    type: Required[Literal["jsonl"]]


class CreateEvalCompletionsRunDataSourceParam(TypedDict, total=False):
    """Rows for a model to answer, as chat completions."""

    source: Required[SourceFileContent | SourceFileID | SourceStoredCompletions]
    type: Required[Literal["completions"]]
    input_messages: InputMessagesTemplate | InputMessagesItemReference
    model: str
    sampling_params: SamplingParams


class DataSourceCreateEvalResponsesRunDataSource(TypedDict, total=False):
    """Rows for a model to answer, as responses."""

    source: Required[SourceFileContent | SourceFileID | SourceResponses]
    type: Required[Literal["responses"]]
    input_messages: ResponsesInputMessagesTemplate | InputMessagesItemReference
    model: str
    sampling_params: ResponsesSamplingParams


DataSource = (
    CreateEvalJSONLRunDataSourceParam | CreateEvalCompletionsRunDataSourceParam | DataSourceCreateEvalResponsesRunDataSource
)


class RunCreateParams(TypedDict, total=False):
    """A new run."""

    data_source: Required[DataSource]
    """The rows, and where they have no answers yet the model that is to answer them."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with it."""
    name: str | Omit


class RunListParams(OrderedPage, total=False):
    """The runs of an evaluation, all or some."""

    status: Literal["queued", "in_progress", "completed", "canceled", "failed"] | Omit
    """Only those in this state."""


class Create(RunCreateParams, Options):
    """`evals.runs.create`."""


class List(RunListParams, Options):
    """`evals.runs.list`."""
