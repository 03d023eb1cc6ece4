"""Fine-tuning jobs, what they were made with, and what happened in them."""

from __future__ import annotations

from typing import Any, Literal

from ceyx.types.graders.multi_grader import Grader
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, View

__all__ = [
    "DpoHyperparameters", "DpoMethod", "FineTuningJob", "FineTuningJobEvent", "FineTuningJobIntegration",
    "FineTuningJobWandbIntegration", "FineTuningJobWandbIntegrationObject", "ReinforcementHyperparameters",
    "ReinforcementMethod", "SupervisedHyperparameters", "SupervisedMethod",
]  # fmt: skip


class SupervisedHyperparameters(View):
    """Of training on examples."""

    batch_size: Literal["auto"] | int | None = None
    learning_rate_multiplier: Literal["auto"] | float | None = None
    n_epochs: Literal["auto"] | int | None = None
    """How often the training goes through all of the data."""


Hyperparameters = SupervisedHyperparameters


class DpoHyperparameters(SupervisedHyperparameters):
    """Of direct preference optimisation."""

    beta: Literal["auto"] | float | None = None
    """The higher, the nearer the result stays to the model it came from."""


class ReinforcementHyperparameters(SupervisedHyperparameters):
    """Of reinforcement training."""

    compute_multiplier: Literal["auto"] | float | None = None
    """How much computing goes into exploring."""
    eval_interval: Literal["auto"] | int | None = None
    """Training steps between evaluations."""
    eval_samples: Literal["auto"] | int | None = None
    """Samples generated for an evaluation."""
    reasoning_effort: Literal["default", "low", "medium", "high"] | None = None


class SupervisedMethod(View):
    """Training on examples."""

    hyperparameters: SupervisedHyperparameters | None = None


class DpoMethod(View):
    """Training on pairs of a better and a worse answer."""

    hyperparameters: DpoHyperparameters | None = None


class ReinforcementMethod(View):
    """Training on what a grader says of the model's answers."""

    grader: Grader
    hyperparameters: ReinforcementHyperparameters | None = None


class Method(View):
    """How a model is trained; the field named as `type` says more."""

    type: Literal["supervised", "dpo", "reinforcement"]
    dpo: DpoMethod | None = None
    reinforcement: ReinforcementMethod | None = None
    supervised: SupervisedMethod | None = None


class FineTuningJobWandbIntegration(View):
    """Where Weights & Biases shows the metrics."""

    project: str
    entity: str | None = None
    """The team or user the run belongs to."""
    name: str | None = None
    """The run's name; the job's id where none was given."""
    tags: list[str] | None = None


class FineTuningJobWandbIntegrationObject(View):
    """A job's metrics on Weights & Biases."""

    type: Literal["wandb"]
    wandb: FineTuningJobWandbIntegration


FineTuningJobIntegration = FineTuningJobWandbIntegrationObject


class Error(View):
    """Why a job failed."""

    code: str
    message: str
    param: str | None = None
    """The parameter at fault, mostly `training_file` or `validation_file`."""


class FineTuningJob(Answer):
    """The training of a model on your data."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    error: Error | None = None
    fine_tuned_model: str | None = None
    """The model that came out of it; None until it is done."""
    finished_at: int | None = None
    """Unix time, in seconds; None until it is done."""
    hyperparameters: Hyperparameters
    """Those of supervised training; see `method` for all."""
    model: str
    """The model that is trained further."""
    object: Literal["fine_tuning.job"]
    organization_id: str
    result_files: list[str]
    """Ids of files with the metrics of each step."""
    seed: int
    status: Literal["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]
    trained_tokens: int | None = None
    """Tokens that are billed; None until it is done."""
    training_file: str
    """The id of the file with the data."""
    validation_file: str | None = None
    estimated_finish: int | None = None
    """Unix time, in seconds; None unless it runs."""
    integrations: list[FineTuningJobWandbIntegrationObject] | None = None
    metadata: Metadata | None = None
    method: Method | None = None


class FineTuningJobEvent(Answer):
    """Something that happened in a job."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    level: Literal["info", "warn", "error"]
    message: str
    object: Literal["fine_tuning.job.event"]
    data: Any | None = None
    """Where `type` is `metrics`: their values by name."""
    type: Literal["message", "metrics"] | None = None
