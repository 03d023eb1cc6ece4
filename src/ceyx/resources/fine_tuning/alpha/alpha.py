"""The group of what may still change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ceyx.resources.fine_tuning.alpha.graders import Graders
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child


class Alpha(Resource[Mode]):
    plan: Alpha[Plan]
    with_raw_response: Alpha[Raw[Mode]]
    with_streaming_response: Alpha[Streaming[Mode]]

    @child
    def graders(self) -> Graders[Mode]:
        return self._child(Graders[Mode])


if TYPE_CHECKING:
    AsyncAlpha = Alpha[Async]
else:
    AsyncAlpha = asynchronous(Alpha)
