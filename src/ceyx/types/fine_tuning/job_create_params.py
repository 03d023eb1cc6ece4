"""What fine-tuning jobs are made and listed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.graders.multi_grader_param import Grader
from ceyx.types.page_params import Page
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "DpoHyperparametersParam", "DpoMethodParam", "JobCreateParams", "JobListEventsParams", "JobListParams",
    "ReinforcementHyperparametersParam", "ReinforcementMethodParam", "SupervisedHyperparametersParam",
    "SupervisedMethodParam",
]  # fmt: skip


class SupervisedHyperparametersParam(TypedDict, total=False):
    """Of training on examples. What is not given, the server chooses."""

    batch_size: Literal["auto"] | int
    """Examples between two updates of the weights; larger ones vary less."""
    learning_rate_multiplier: Literal["auto"] | float
    """Smaller ones overfit less."""
    n_epochs: Literal["auto"] | int
    """How often the training goes through all of the data."""


Hyperparameters = SupervisedHyperparametersParam


class DpoHyperparametersParam(SupervisedHyperparametersParam, total=False):
    """Of direct preference optimisation."""

    beta: Literal["auto"] | float
    """The higher, the nearer the result stays to the model it came from."""


class ReinforcementHyperparametersParam(SupervisedHyperparametersParam, total=False):
    """Of reinforcement training."""

    compute_multiplier: Literal["auto"] | float
    """How much computing goes into exploring."""
    eval_interval: Literal["auto"] | int
    """Training steps between evaluations."""
    eval_samples: Literal["auto"] | int
    """Samples generated for an evaluation."""
    reasoning_effort: Literal["default", "low", "medium", "high"]


class SupervisedMethodParam(TypedDict, total=False):
    """Training on examples."""

    hyperparameters: SupervisedHyperparametersParam


class DpoMethodParam(TypedDict, total=False):
    """Training on pairs of a better and a worse answer."""

    hyperparameters: DpoHyperparametersParam


class ReinforcementMethodParam(TypedDict, total=False):
    """Training on what a grader says of the model's answers."""

    grader: Required[Grader]
    hyperparameters: ReinforcementHyperparametersParam


class Method(TypedDict, total=False):
    """How the model is trained; the field named as `type` says more."""

    type: Required[Literal["supervised", "dpo", "reinforcement"]]
    dpo: DpoMethodParam
    reinforcement: ReinforcementMethodParam
    supervised: SupervisedMethodParam


class IntegrationWandb(TypedDict, total=False):
    """Where Weights & Biases is to show the metrics."""

    project: Required[str]
    entity: str | None
    """The team or user the run belongs to; by default that of the key registered for it."""
    name: str | None
    """The run's name, the job's id by default."""
    tags: Sequence[str]


class Integration(TypedDict, total=False):
    """A service that gets the metrics."""

    type: Required[Literal["wandb"]]
    wandb: Required[IntegrationWandb]


class JobCreateParams(TypedDict, total=False):
    """A new fine-tuning job."""

    model: Required[str | Literal["babbage-002", "davinci-002", "gpt-3.5-turbo", "gpt-4o-mini"]]
    """The model to train further."""
    training_file: Required[str]
    """The id of a file of JSON lines, uploaded with the purpose `fine-tune`; what a line holds depends on `method`."""
    hyperparameters: Hyperparameters | Omit
    """Deprecated, use `method`."""
    integrations: Iterable[Integration] | Omit | None
    """Services that get the metrics."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with the job."""
    method: Method | Omit
    """How the model is trained, on examples by default."""
    seed: int | Omit | None
    """The same seed and parameters mostly give the same result; chosen by the server where not given."""
    suffix: str | Omit | None
    """Up to 64 characters that become part of the new model's name."""
    validation_file: str | Omit | None
    """The id of a file like `training_file`, with other data, on which metrics are measured now and then."""


class JobListEventsParams(Page, total=False):
    """The events of a job, all or some."""


class JobListParams(JobListEventsParams, total=False):
    """Jobs, all or some."""

    metadata: dict[str, str] | Omit | None
    """Only those whose metadata hold these pairs."""


class Create(JobCreateParams, Options):
    """`fine_tuning.jobs.create`."""


class List(JobListParams, Options):
    """`fine_tuning.jobs.list`."""


class ListEvents(JobListEventsParams, Options):
    """`fine_tuning.jobs.list_events`, and `checkpoints.list` of a job."""
