"""Graders tried out: what a grader says of one answer, and whether it is one at all."""

from __future__ import annotations

from typing import Required

from ceyx.types.graders import multi_grader, multi_grader_param
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import Answer, View

__all__ = ["GraderRunParams", "GraderRunResponse", "GraderValidateParams", "GraderValidateResponse"]


class MetadataErrors(View):
    """What went wrong; what begins with `model_` has a second name, that of `openai`."""

    formula_parse_error: bool
    invalid_variable_error: bool
    model_grader_parse_error: bool
    model_grader_refusal_error: bool
    model_grader_server_error: bool
    model_grader_server_error_details: str | None = None
    other_error: bool
    python_grader_runtime_error: bool
    python_grader_runtime_error_details: str | None = None
    python_grader_server_error: bool
    python_grader_server_error_type: str | None = None
    sample_parse_error: bool
    truncated_observation_error: bool
    unresponsive_reward_error: bool
    api_model_grader_parse_error = property(lambda self: self.model_grader_parse_error)
    api_model_grader_refusal_error = property(lambda self: self.model_grader_refusal_error)
    api_model_grader_server_error = property(lambda self: self.model_grader_server_error)
    api_model_grader_server_error_details = property(lambda self: self.model_grader_server_error_details)


class Metadata(View):
    """How the score came about."""

    errors: MetadataErrors
    execution_time: float
    """Seconds."""
    name: str
    sampled_model_name: str | None = None
    scores: dict[str, object]
    token_usage: int | None = None
    type: str


class GraderRunResponse(Answer):
    """What a grader says of one answer."""

    metadata: Metadata
    model_grader_token_usage_per_model: dict[str, object]
    reward: float
    """The score."""
    sub_rewards: dict[str, object]
    """The scores it was made of, by the names of their graders."""
    api_model_grader_token_usage_per_model = property(lambda self: self.model_grader_token_usage_per_model)


class GraderValidateResponse(Answer):
    """The grader, which is a valid one."""

    grader: multi_grader.Grader | None = None


class GraderRunParams(TypedDict, total=False):
    """A grader, and what it is to judge."""

    grader: Required[multi_grader_param.Grader]
    model_sample: Required[str]
    """The model's answer: `sample.output_text`, and where it is JSON `sample.output_json`, in the grader."""
    item: object | Omit
    """The row of data: `item` in the grader."""


class GraderValidateParams(TypedDict, total=False):
    """A grader."""

    grader: Required[multi_grader_param.Grader]


class Run(GraderRunParams, Options):
    """`graders.run`."""


class Validate(GraderValidateParams, Options):
    """`graders.validate`."""
