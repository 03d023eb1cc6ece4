"""Evaluations: the data they are for, and the graders that judge it."""

from __future__ import annotations

from typing import Literal

from ceyx.types.graders.multi_grader import (
    LabelModelGrader,
    PythonGrader,
    ScoreModelGrader,
    StringCheckGrader,
    TextSimilarityGrader,
)
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, View

__all__ = [
    "EvalCreateResponse", "EvalCustomDataSourceConfig", "EvalDeleteResponse", "EvalListResponse", "EvalRetrieveResponse",
    "EvalStoredCompletionsDataSourceConfig", "EvalUpdateResponse",
]  # fmt: skip


class EvalCustomDataSourceConfig(View):
    """Rows of your own."""

    schema: dict[str, object]
    """JSON Schema of a row."""
    type: Literal["custom"]
    schema_ = property(lambda self: self.schema, doc="The name that `openai` has for it.")


class DataSourceConfigLogs(View):
    """What was logged with these metadata."""

    schema: dict[str, object]
    """JSON Schema of a row."""
    type: Literal["logs"]
    metadata: Metadata | None = None
    schema_ = property(lambda self: self.schema, doc="The name that `openai` has for it.")


class EvalStoredCompletionsDataSourceConfig(View):
    """Deprecated form of logs."""

    schema: dict[str, object]
    """JSON Schema of a row."""
    type: Literal["stored_completions"]
    metadata: Metadata | None = None
    schema_ = property(lambda self: self.schema, doc="The name that `openai` has for it.")


DataSourceConfig = EvalCustomDataSourceConfig | DataSourceConfigLogs | EvalStoredCompletionsDataSourceConfig


class TestingCriterionEvalGraderTextSimilarity(TextSimilarityGrader):
    """Passes from a score on."""

    pass_threshold: float
    __test__ = False  # no test of pytest


class TestingCriterionEvalGraderPython(PythonGrader):
    """Passes from a score on."""

    pass_threshold: float | None = None
    __test__ = False


class TestingCriterionEvalGraderScoreModel(ScoreModelGrader):
    """Passes from a score on."""

    pass_threshold: float | None = None
    __test__ = False


TestingCriterion = (
    LabelModelGrader
    | StringCheckGrader
    | TestingCriterionEvalGraderTextSimilarity
    | TestingCriterionEvalGraderPython
    | TestingCriterionEvalGraderScoreModel
)


class Eval(Answer):
    """What is tested, and how; its runs test models on it."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    data_source_config: DataSourceConfig
    metadata: Metadata | None = None
    name: str
    object: Literal["eval"]
    testing_criteria: list[TestingCriterion]
    """The graders of every run."""


EvalCreateResponse = Eval
EvalRetrieveResponse = Eval
EvalUpdateResponse = Eval
EvalListResponse = Eval


class EvalDeleteResponse(Answer):
    """Says that an evaluation is gone."""

    deleted: bool
    eval_id: str
    object: str
