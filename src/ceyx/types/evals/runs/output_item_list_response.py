"""The rows of a run: what a model answered, and what the graders say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Required

from ceyx.types.evals.run_create_response import EvalAPIError
from ceyx.types.page_params import OrderedPage
from ceyx.wire.call import Omit, Options
from ceyx.wire.view import Answer, Promised, View

__all__ = ["OutputItemListParams", "OutputItemListResponse", "OutputItemRetrieveResponse"]


class Result(View):
    """What one grader says; some say more than this."""

    name: str
    passed: bool
    score: float
    sample: dict[str, object] | None = None
    """What the model that judged answered."""
    type: str | None = None
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> object: ...


class SampleInput(View):
    """A message of the prompt."""

    content: str
    role: str


class SampleOutput(View):
    """A message of the answer."""

    content: str | None = None
    role: str | None = None


class SampleUsage(View):
    """Tokens."""

    cached_tokens: int
    completion_tokens: int
    prompt_tokens: int
    total_tokens: int


class Sample(View):
    """The prompt, the answer, and how it was generated."""

    error: Promised[EvalAPIError]
    finish_reason: str
    input: list[SampleInput]
    max_completion_tokens: int
    model: str
    output: list[SampleOutput]
    seed: int
    temperature: float
    top_p: float
    usage: SampleUsage


class OutputItem(Answer):
    """A row of a run."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    datasource_item: dict[str, object]
    """The row of data."""
    datasource_item_id: int
    eval_id: str
    object: Literal["eval.run.output_item"]
    results: list[Result]
    run_id: str
    sample: Sample
    status: str


OutputItemListResponse = OutputItem
OutputItemRetrieveResponse = OutputItem


class OutputItemPage(OrderedPage, total=False):
    """The rows of a run, all or some."""

    status: Literal["fail", "pass"] | Omit
    """Only those that failed, or passed."""


class OutputItemListParams(OutputItemPage, total=False):
    """The rows of a run, all or some."""

    eval_id: Required[str]


class List(OutputItemPage, Options):
    """`evals.runs.output_items.list`."""
