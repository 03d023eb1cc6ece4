"""The group of fine-tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.fine_tuning.alpha import Alpha
from ceyx.resources.fine_tuning.checkpoints import Checkpoints
from ceyx.resources.fine_tuning.jobs import Jobs
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class FineTuning(Resource[Mode]):
    plan: FineTuning[Plan]
    with_raw_response: FineTuning[Raw[Mode]]
    with_streaming_response: FineTuning[Streaming[Mode]]

    @child
    def jobs(self) -> Jobs[Mode]:
        return self._child(Jobs[Mode])

    @child
    def checkpoints(self) -> Checkpoints[Mode]:
        return self._child(Checkpoints[Mode])

    @child
    def alpha(self) -> Alpha[Mode]:
        return self._child(Alpha[Mode])


if TYPE_CHECKING:
    AsyncFineTuning = FineTuning[Async]
else:
    AsyncFineTuning = asynchronous(FineTuning)
