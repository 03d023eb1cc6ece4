"""Graders: each gives an answer a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.graders.grader_inputs import GraderInputs as GraderInputs
    from ceyx.types.graders.grader_inputs_param import GraderInputsParam as GraderInputsParam
    from ceyx.types.graders.multi_grader import (
        LabelModelGrader as LabelModelGrader,
        MultiGrader as MultiGrader,
        PythonGrader as PythonGrader,
        ScoreModelGrader as ScoreModelGrader,
        StringCheckGrader as StringCheckGrader,
        TextSimilarityGrader as TextSimilarityGrader,
    )
    from ceyx.types.graders.multi_grader_param import (
        LabelModelGraderParam as LabelModelGraderParam,
        MultiGraderParam as MultiGraderParam,
        PythonGraderParam as PythonGraderParam,
        ScoreModelGraderParam as ScoreModelGraderParam,
        StringCheckGraderParam as StringCheckGraderParam,
        TextSimilarityGraderParam as TextSimilarityGraderParam,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "grader_inputs", "grader_inputs_param", "multi_grader", "multi_grader_param")
