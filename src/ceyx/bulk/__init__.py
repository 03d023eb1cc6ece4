"""A prompt over a data set: resumable, within the provider's limits, priced. `ceyx run` on the command line.

`job.py` says what is asked of each row, `rows.py` reads and writes them, `ledger.py` remembers, `limiter.py` and `budget.py` hold
back, `runner.py` sends.
"""

from __future__ import annotations

from ceyx.bulk.budget import Budget, Pricing
from ceyx.bulk.job import Job
from ceyx.bulk.ledger import Ledger, LedgerError
from ceyx.bulk.limiter import Limiter
from ceyx.bulk.progress import Progress
from ceyx.bulk.runner import JobStoppedError, Runner

__all__ = ["Budget", "Job", "JobStoppedError", "Ledger", "LedgerError", "Limiter", "Pricing", "Progress", "Runner"]
