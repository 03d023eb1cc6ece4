"""A prompt over a data set: resumable, within the provider's limits, priced. `ceyx run` on the command line.

`any_job.py` and the jobs of each kind say what is asked of each row, `rows/` reads and writes them, `ledger.py` remembers,
`limiter.py` and `budget.py` hold back, `runner.py` sends.
"""

from __future__ import annotations

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.budget import Budget, BudgetError, Pricing
from ceyx.bulk.deployment_limits import DeploymentLimits
from ceyx.bulk.embedding import EmbeddingJob
from ceyx.bulk.job import Job
from ceyx.bulk.ledger import Ledger, LedgerError
from ceyx.bulk.limiter import Limiter, Limits, LimitsError
from ceyx.bulk.progress import Progress
from ceyx.bulk.ray_runner import OnRay
from ceyx.bulk.runner import JobStoppedError, Runner
from ceyx.bulk.running import Run, Summary, arun, dry_run, run
from ceyx.bulk.template import RowError
from ceyx.bulk.transcription import TranscriptionJob

__all__ = [
    "AnyJob",
    "Budget",
    "BudgetError",
    "DeploymentLimits",
    "EmbeddingJob",
    "Job",
    "JobStoppedError",
    "Ledger",
    "LedgerError",
    "Limiter",
    "Limits",
    "LimitsError",
    "OnRay",
    "Pricing",
    "Progress",
    "RowError",
    "Run",
    "Runner",
    "Summary",
    "TranscriptionJob",
    "arun",
    "dry_run",
    "run",
]
