"""The nouns of fine-tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.fine_tuning import alpha as alpha, checkpoints as checkpoints, jobs as jobs
    from ceyx.types.fine_tuning.fine_tuning_job import (
        DpoHyperparameters as DpoHyperparameters,
        DpoMethod as DpoMethod,
        FineTuningJob as FineTuningJob,
        FineTuningJobEvent as FineTuningJobEvent,
        FineTuningJobIntegration as FineTuningJobIntegration,
        FineTuningJobWandbIntegration as FineTuningJobWandbIntegration,
        FineTuningJobWandbIntegrationObject as FineTuningJobWandbIntegrationObject,
        ReinforcementHyperparameters as ReinforcementHyperparameters,
        ReinforcementMethod as ReinforcementMethod,
        SupervisedHyperparameters as SupervisedHyperparameters,
        SupervisedMethod as SupervisedMethod,
    )
    from ceyx.types.fine_tuning.job_create_params import (
        DpoHyperparametersParam as DpoHyperparametersParam,
        DpoMethodParam as DpoMethodParam,
        JobCreateParams as JobCreateParams,
        JobListEventsParams as JobListEventsParams,
        JobListParams as JobListParams,
        ReinforcementHyperparametersParam as ReinforcementHyperparametersParam,
        ReinforcementMethodParam as ReinforcementMethodParam,
        SupervisedHyperparametersParam as SupervisedHyperparametersParam,
        SupervisedMethodParam as SupervisedMethodParam,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "fine_tuning_job",
        "job_create_params",
        packages=(
            "alpha",
            "checkpoints",
            "jobs",
        ),
    )
