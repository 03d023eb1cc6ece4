"""Fine-tuning: jobs, who may use what comes out of them, and graders."""

from ceyx.resources.fine_tuning.alpha import Alpha as Alpha, AsyncAlpha as AsyncAlpha
from ceyx.resources.fine_tuning.checkpoints import AsyncCheckpoints as AsyncCheckpoints, Checkpoints as Checkpoints
from ceyx.resources.fine_tuning.fine_tuning import AsyncFineTuning as AsyncFineTuning, FineTuning as FineTuning
from ceyx.resources.fine_tuning.jobs import AsyncJobs as AsyncJobs, Jobs as Jobs
