"""Runs of an evaluation: the data, the model that answered, and how it fared."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.chat_completion_store_message import ChatCompletionFunctionTool
from ceyx.types.graders.grader_inputs import Input
from ceyx.types.responses.response_usage import ResponseFormatTextConfig
from ceyx.types.responses.tool import Tool
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.types.shared.response_format_json_schema import (
    ResponseFormatJSONObject,
    ResponseFormatJSONSchema,
    ResponseFormatText,
)
from ceyx.wire.view import Answer, Promised, View

__all__ = [
    "CreateEvalCompletionsRunDataSource", "CreateEvalJSONLRunDataSource", "EvalAPIError", "RunCancelResponse",
    "RunCreateResponse", "RunDeleteResponse", "RunListResponse", "RunRetrieveResponse",
]  # fmt: skip


class EvalAPIError(View):
    """Why a run failed."""

    code: str
    message: str


# ---- where the rows come from


class SourceFileContentContent(View):
    """A row, and where there is one already the answer to it."""

    item: dict[str, object]
    sample: dict[str, object] | None = None


class SourceFileContent(View):
    """Rows that were sent along."""

    content: list[SourceFileContentContent]
    type: Literal["file_content"]


class SourceFileID(View):
    """Rows of an uploaded file of JSON lines."""

    id: str
    type: Literal["file_id"]


class SourceStoredCompletions(View):
    """Stored chat completions."""

    type: Literal["stored_completions"]
    created_after: int | None = None
    created_before: int | None = None
    limit: int | None = None
    metadata: Metadata | None = None
    model: str | None = None


class SourceResponses(View):
    """Stored responses."""

    type: Literal["responses"]
    created_after: int | None = None
    created_before: int | None = None
    instructions_search: str | None = None
    metadata: object | None = None
    model: str | None = None
    reasoning_effort: ReasoningEffort | None = None
    temperature: float | None = None
    tools: list[str] | None = None
    top_p: float | None = None
    users: list[str] | None = None


# ---- how a model answered them


class InputMessagesTemplate(View):
    """A prompt, filled in for each row."""

    template: list[Input]
    type: Literal["template"]


class InputMessagesItemReference(View):
    """A prompt that stands in the row."""

    item_reference: str
    """Where, such as `item.input_trajectory`."""
    type: Literal["item_reference"]


InputMessages = InputMessagesTemplate | InputMessagesItemReference


class SamplingParams(View):
    """How the model generated, as a chat completion."""

    max_completion_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    response_format: ResponseFormatText | ResponseFormatJSONSchema | ResponseFormatJSONObject | None = None
    seed: int | None = None
    temperature: float | None = None
    tools: list[ChatCompletionFunctionTool] | None = None
    top_p: float | None = None


class SamplingParamsText(View):
    """The shape of the answers."""

    format: ResponseFormatTextConfig | None = None


class ResponsesSamplingParams(View):
    """How the model generated, as a response."""

    max_completion_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    seed: int | None = None
    temperature: float | None = None
    text: SamplingParamsText | None = None
    tools: list[Tool] | None = None
    top_p: float | None = None


class CreateEvalJSONLRunDataSource(View):
    """Rows with answers."""

    source: SourceFileContent | SourceFileID
    type: Literal["jsonl"]


class CreateEvalCompletionsRunDataSource(View):
    """Rows that a model answered, as chat completions."""

    source: SourceFileContent | SourceFileID | SourceStoredCompletions
    type: Literal["completions"]
    input_messages: InputMessages | None = None
    model: str | None = None
    sampling_params: SamplingParams | None = None


class DataSourceResponses(View):
    """Rows that a model answered, as responses."""

    source: SourceFileContent | SourceFileID | SourceResponses
    type: Literal["responses"]
    input_messages: InputMessages | None = None
    model: str | None = None
    sampling_params: ResponsesSamplingParams | None = None


DataSource = CreateEvalJSONLRunDataSource | CreateEvalCompletionsRunDataSource | DataSourceResponses


# ---- how it fared


class PerModelUsage(View):
    """The tokens of one model."""

    cached_tokens: int
    completion_tokens: int
    invocation_count: int
    model_name: str
    prompt_tokens: int
    total_tokens: int
    run_model_name = property(lambda self: self.model_name, doc="The name that `openai` has for it.")


class PerTestingCriteriaResult(View):
    """Rows by what one grader said."""

    failed: int
    passed: int
    testing_criteria: str


class ResultCounts(View):
    """Rows by what became of them."""

    errored: int
    failed: int
    passed: int
    total: int


class EvalRun(Answer):
    """A model tested."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    data_source: DataSource
    error: Promised[EvalAPIError]
    eval_id: str
    metadata: Metadata | None = None
    model: str
    name: str
    object: Literal["eval.run"]
    per_model_usage: list[PerModelUsage]
    per_testing_criteria_results: list[PerTestingCriteriaResult]
    report_url: str
    """Where the provider shows it."""
    result_counts: ResultCounts
    status: str
    """`queued`, `in_progress`, `completed`, `canceled` or `failed`."""


RunCreateResponse = EvalRun
RunRetrieveResponse = EvalRun
RunListResponse = EvalRun
RunCancelResponse = EvalRun


class RunDeleteResponse(Answer):
    """Says that a run is gone."""

    deleted: bool | None = None
    object: str | None = None
    run_id: str | None = None
