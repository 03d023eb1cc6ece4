"""The models that a fine-tuning job gives on its way."""

from __future__ import annotations

from typing import Literal

from ceyx.types.fine_tuning.job_create_params import JobListEventsParams
from ceyx.wire.view import Answer, View

__all__ = ["CheckpointListParams", "FineTuningJobCheckpoint"]

CheckpointListParams = JobListEventsParams


class Metrics(View):
    """How good a model was at a step."""

    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None
    step: float | None = None
    train_loss: float | None = None
    train_mean_token_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None


class FineTuningJobCheckpoint(Answer):
    """The model as it was at a step; it can be used."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    fine_tuned_model_checkpoint: str
    """The name to call it by."""
    fine_tuning_job_id: str
    metrics: Metrics
    object: Literal["fine_tuning.job.checkpoint"]
    step_number: int
