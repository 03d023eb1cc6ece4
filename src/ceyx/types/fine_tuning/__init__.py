# ruff: noqa: F403
"""The nouns of fine-tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.fine_tuning import alpha as alpha, checkpoints as checkpoints, jobs as jobs
    from ceyx.types.fine_tuning.fine_tuning_job import *
    from ceyx.types.fine_tuning.job_create_params import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "fine_tuning_job", "job_create_params", packages=("alpha", "checkpoints", "jobs"))
