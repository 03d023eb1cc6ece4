"""Graders, as they are sent. Their texts may hold `{{item.name}}` and `{{sample.output_text}}`, filled in for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.graders.grader_inputs_param import Input
from ceyx.types.graders.multi_grader import TextMetric
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "LabelModelGraderParam", "MultiGraderParam", "PythonGraderParam", "ScoreModelGraderParam", "StringCheckGraderParam",
    "TextSimilarityGraderParam",
]  # fmt: skip


class StringCheckGraderParam(TypedDict, total=False):
    """Compares two texts: 1 where the operation holds, else 0."""

    input: Required[str]
    name: Required[str]
    operation: Required[Literal["eq", "ne", "like", "ilike"]]
    """Equal, not equal, contained, contained whatever its case."""
    reference: Required[str]
    type: Required[Literal["string_check"]]


class TextSimilarityGraderParam(TypedDict, total=False):
    """Scores how alike two texts are."""

    evaluation_metric: Required[TextMetric]
    input: Required[str]
    name: Required[str]
    reference: Required[str]
    type: Required[Literal["text_similarity"]]


class PythonGraderParam(TypedDict, total=False):
    """Has a Python function give the score."""

    name: Required[str]
    source: Required[str]
    """Source that defines `grade(sample, item)`."""
    type: Required[Literal["python"]]
    image_tag: str
    """The image it runs in."""


class LabelModelGraderParam(TypedDict, total=False):
    """Has a model choose a label; some labels pass."""

    input: Required[Iterable[Input]]
    labels: Required[Sequence[str]]
    model: Required[str]
    """A model that knows structured outputs."""
    name: Required[str]
    passing_labels: Required[Sequence[str]]
    """Those of `labels` that pass."""
    type: Required[Literal["label_model"]]


class SamplingParams(TypedDict, total=False):
    """How the model that scores generates."""

    max_completions_tokens: int | None
    reasoning_effort: ReasoningEffort | None
    seed: int | None
    temperature: float | None
    top_p: float | None


class ScoreModelGraderParam(TypedDict, total=False):
    """Has a model give a score."""

    input: Required[Iterable[Input]]
    model: Required[str]
    name: Required[str]
    type: Required[Literal["score_model"]]
    range: Iterable[float]
    """Lowest and highest score, 0 and 1 by default."""
    sampling_params: SamplingParams


Graders = StringCheckGraderParam | TextSimilarityGraderParam | PythonGraderParam | ScoreModelGraderParam | LabelModelGraderParam


class MultiGraderParam(TypedDict, total=False):
    """Combines the scores of other graders."""

    calculate_output: Required[str]
    """A formula over their names."""
    graders: Required[Graders]
    name: Required[str]
    type: Required[Literal["multi"]]


Grader = StringCheckGraderParam | TextSimilarityGraderParam | PythonGraderParam | ScoreModelGraderParam | MultiGraderParam
