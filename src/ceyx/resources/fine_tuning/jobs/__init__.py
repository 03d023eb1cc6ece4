"""Fine-tuning jobs, and what they give on their way."""

from ceyx.resources.fine_tuning.jobs.checkpoints import AsyncCheckpoints as AsyncCheckpoints, Checkpoints as Checkpoints
from ceyx.resources.fine_tuning.jobs.jobs import AsyncJobs as AsyncJobs, Jobs as Jobs
