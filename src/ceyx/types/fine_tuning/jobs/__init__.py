# ruff: noqa: F403
"""What a job gives on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.jobs.fine_tuning_job_checkpoint import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "fine_tuning_job_checkpoint")
