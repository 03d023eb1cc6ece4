"""What evaluations are made, changed and listed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.graders.grader_inputs_param import (
    GraderInputsParamItemInputImage,
    GraderInputsParamItemOutputText,
    Input,
    SimpleInputMessage,
)
from ceyx.types.graders.multi_grader_param import (
    PythonGraderParam,
    ScoreModelGraderParam,
    StringCheckGraderParam,
    TextSimilarityGraderParam,
)
from ceyx.types.page_params import OrderedPage
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["EvalCreateParams", "EvalListParams", "EvalUpdateParams"]


class DataSourceConfigCustom(TypedDict, total=False):
    """Rows of your own."""

    item_schema: Required[dict[str, object]]
    """JSON Schema of a row."""
    type: Required[Literal["custom"]]
    include_sample_schema: bool
    """True where runs are to generate an answer for each row, which graders find as `sample`."""


class DataSourceConfigLogs(TypedDict, total=False):
    """What was logged with these metadata."""

    type: Required[Literal["logs"]]
    metadata: dict[str, object]


class DataSourceConfigStoredCompletions(TypedDict, total=False):
    """Deprecated form of logs."""

    type: Required[Literal["stored_completions"]]
    metadata: dict[str, object]


DataSourceConfig = DataSourceConfigCustom | DataSourceConfigLogs | DataSourceConfigStoredCompletions

TestingCriterionLabelModelInputSimpleInputMessage = SimpleInputMessage
TestingCriterionLabelModelInputEvalItem = Input
TestingCriterionLabelModelInputEvalItemContentOutputText = GraderInputsParamItemOutputText
TestingCriterionLabelModelInputEvalItemContentInputImage = GraderInputsParamItemInputImage
TestingCriterionLabelModelInput = SimpleInputMessage | Input


class TestingCriterionLabelModel(TypedDict, total=False):
    """Has a model choose a label; some labels pass."""

    input: Required[Iterable[TestingCriterionLabelModelInput]]
    labels: Required[Sequence[str]]
    model: Required[str]
    """A model that knows structured outputs."""
    name: Required[str]
    passing_labels: Required[Sequence[str]]
    """Those of `labels` that pass."""
    type: Required[Literal["label_model"]]


class TestingCriterionTextSimilarity(TextSimilarityGraderParam, total=False):
    """Passes from a score on."""

    pass_threshold: Required[float]


class TestingCriterionPython(PythonGraderParam, total=False):
    """Passes from a score on."""

    pass_threshold: float


class TestingCriterionScoreModel(ScoreModelGraderParam, total=False):
    """Passes from a score on."""

    pass_threshold: float


TestingCriterion = (
    TestingCriterionLabelModel
    | StringCheckGraderParam
    | TestingCriterionTextSimilarity
    | TestingCriterionPython
    | TestingCriterionScoreModel
)


class EvalCreateParams(TypedDict, total=False):
    """A new evaluation."""

    data_source_config: Required[DataSourceConfig]
    """The data it is for."""
    testing_criteria: Required[Iterable[TestingCriterion]]
    """Graders; they reach a row as `{{item.name}}` and a model's answer as `{{sample.output_text}}`."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with it."""
    name: str | Omit


class EvalUpdateParams(TypedDict, total=False):
    """What is to be different; the rest stays."""

    metadata: Metadata | Omit | None
    """In place of those it has."""
    name: str | Omit


class EvalListParams(OrderedPage, total=False):
    """Evaluations, all or some."""

    order_by: Literal["created_at", "updated_at"] | Omit
    """The time to order by, that of creation by default."""


class Create(EvalCreateParams, Options):
    """`evals.create`."""


class Update(EvalUpdateParams, Options):
    """`evals.update`."""


class List(EvalListParams, Options):
    """`evals.list`."""
