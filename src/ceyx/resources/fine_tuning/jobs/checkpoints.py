"""The models that a fine-tuning job gives on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.fine_tuning.jobs.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from ceyx.wire.call import Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, paginated

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.job_create_params import ListEvents

PARAMETERS = "ceyx.types.fine_tuning.job_create_params"


class Checkpoints(Resource[Mode]):
    plan: Checkpoints[Plan]
    with_raw_response: Checkpoints[Raw[Mode]]
    with_streaming_response: Checkpoints[Streaming[Mode]]

    @paginated
    def list(self, fine_tuning_job_id: str, **params: Unpack[ListEvents]) -> Pages[FineTuningJobCheckpoint]:
        """The checkpoints of a job, newest first. Parameters: `ceyx.types.fine_tuning.jobs.CheckpointListParams`."""
        path = f"/fine_tuning/jobs/{segment(fine_tuning_job_id)}/checkpoints"
        return self._run(Pages(path, FineTuningJobCheckpoint.wrap, params))


if TYPE_CHECKING:
    AsyncCheckpoints = Checkpoints[Async]
else:
    AsyncCheckpoints = asynchronous(Checkpoints)
