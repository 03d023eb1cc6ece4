"""Fine-tuning jobs: start, follow, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.fine_tuning.jobs.checkpoints import Checkpoints
from ceyx.resources.required import complete
from ceyx.types.fine_tuning.fine_tuning_job import FineTuningJob, FineTuningJobEvent
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.job_create_params import Create, List, ListEvents

PARAMETERS = "ceyx.types.fine_tuning.job_create_params"


class Jobs(Resource[Mode]):
    plan: Jobs[Plan]
    with_raw_response: Jobs[Raw[Mode]]
    with_streaming_response: Jobs[Streaming[Mode]]

    @child
    def checkpoints(self) -> Checkpoints[Mode]:
        return self._child(Checkpoints[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[FineTuningJob]:
        """Start training a model on your data. Parameters: `ceyx.types.fine_tuning.JobCreateParams`."""
        complete(params, "model", "training_file", fixed_model=False)
        return self._run(Call("POST", "/fine_tuning/jobs", FineTuningJob.wrap, params))

    @endpoint
    def retrieve(self, fine_tuning_job_id: str, **options: Unpack[Options]) -> Call[FineTuningJob]:
        """How far a job is."""
        return self._run(Call("GET", f"/fine_tuning/jobs/{segment(fine_tuning_job_id)}", FineTuningJob.wrap, options))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[FineTuningJob]:
        """The jobs, all or some. Parameters: `ceyx.types.fine_tuning.JobListParams`."""
        return self._run(Pages("/fine_tuning/jobs", FineTuningJob.wrap, params))

    @endpoint
    def cancel(self, fine_tuning_job_id: str, **options: Unpack[Options]) -> Call[FineTuningJob]:
        """Stop a job for good."""
        return self._run(_told(fine_tuning_job_id, "cancel", options))

    @endpoint
    def pause(self, fine_tuning_job_id: str, **options: Unpack[Options]) -> Call[FineTuningJob]:
        """Stop a job for now."""
        return self._run(_told(fine_tuning_job_id, "pause", options))

    @endpoint
    def resume(self, fine_tuning_job_id: str, **options: Unpack[Options]) -> Call[FineTuningJob]:
        """Have a paused job go on."""
        return self._run(_told(fine_tuning_job_id, "resume", options))

    @paginated
    def list_events(self, fine_tuning_job_id: str, **params: Unpack[ListEvents]) -> Pages[FineTuningJobEvent]:
        """What happened in a job, newest first. Parameters: `ceyx.types.fine_tuning.JobListEventsParams`."""
        path = f"/fine_tuning/jobs/{segment(fine_tuning_job_id)}/events"
        return self._run(Pages(path, FineTuningJobEvent.wrap, params))


def _told(job: str, what: str, options: Options) -> Call[FineTuningJob]:
    return Call("POST", f"/fine_tuning/jobs/{segment(job)}/{what}", FineTuningJob.wrap, options).without_body()


if TYPE_CHECKING:
    AsyncJobs = Jobs[Async]
else:
    AsyncJobs = asynchronous(Jobs)
