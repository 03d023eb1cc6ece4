"""Graders, as they come back: each gives a row of an evaluation or of reinforcement training a score."""

from __future__ import annotations

from typing import Literal

from ceyx.types.graders.grader_inputs import Input
from ceyx.types.shared.reasoning_effort import ReasoningEffort
from ceyx.wire.view import View

__all__ = [
    "LabelModelGrader", "MultiGrader", "PythonGrader", "ScoreModelGrader", "StringCheckGrader", "TextSimilarityGrader",
]  # fmt: skip

TextMetric = Literal[
    "cosine", "fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l",
]  # fmt: skip


class StringCheckGrader(View):
    """Compares two texts: 1 where the operation holds, else 0."""

    input: str
    name: str
    operation: Literal["eq", "ne", "like", "ilike"]
    """Equal, not equal, contained, contained whatever its case."""
    reference: str
    type: Literal["string_check"]


class TextSimilarityGrader(View):
    """Scores how alike two texts are."""

    evaluation_metric: TextMetric
    input: str
    name: str
    reference: str
    type: Literal["text_similarity"]


class PythonGrader(View):
    """Has a Python function give the score."""

    name: str
    source: str
    """Source that defines `grade(sample, item)`."""
    type: Literal["python"]
    image_tag: str | None = None
    """The image it runs in."""


class LabelModelGrader(View):
    """Has a model choose a label; some labels pass."""

    input: list[Input]
    labels: list[str]
    model: str
    name: str
    passing_labels: list[str]
    type: Literal["label_model"]


class SamplingParams(View):
    """How the model that scores generates."""

    max_completions_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None


class ScoreModelGrader(View):
    """Has a model give a score."""

    input: list[Input]
    model: str
    name: str
    type: Literal["score_model"]
    range: list[float] | None = None
    """Lowest and highest score."""
    sampling_params: SamplingParams | None = None


Graders = StringCheckGrader | TextSimilarityGrader | PythonGrader | ScoreModelGrader | LabelModelGrader


class MultiGrader(View):
    """Combines the scores of other graders."""

    calculate_output: str
    """A formula over their names."""
    graders: Graders
    name: str
    type: Literal["multi"]


Grader = StringCheckGrader | TextSimilarityGrader | PythonGrader | ScoreModelGrader | MultiGrader
