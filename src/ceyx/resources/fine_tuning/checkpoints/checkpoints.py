"""The group of checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.fine_tuning.checkpoints.permissions import Permissions
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class Checkpoints(Resource[Mode]):
    plan: Checkpoints[Plan]
    with_raw_response: Checkpoints[Raw[Mode]]
    with_streaming_response: Checkpoints[Streaming[Mode]]

    @child
    def permissions(self) -> Permissions[Mode]:
        return self._child(Permissions[Mode])


if TYPE_CHECKING:
    AsyncCheckpoints = Checkpoints[Async]
else:
    AsyncCheckpoints = asynchronous(Checkpoints)
