"""Graders tried out before a job uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.fine_tuning.alpha.grader_run_response import GraderRunResponse, GraderValidateResponse
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.alpha.grader_run_response import Run, Validate

PARAMETERS = "ceyx.types.fine_tuning.alpha.grader_run_response"


class Graders(Resource[Mode]):
    plan: Graders[Plan]
    with_raw_response: Graders[Raw[Mode]]
    with_streaming_response: Graders[Streaming[Mode]]

    @endpoint
    def run(self, **params: Unpack[Run]) -> Call[GraderRunResponse]:
        """What a grader says of one answer. Parameters: `ceyx.types.fine_tuning.alpha.GraderRunParams`."""
        complete(params, "grader", "model_sample")
        return self._run(Call("POST", "/fine_tuning/alpha/graders/run", GraderRunResponse.wrap, params))

    @endpoint
    def validate(self, **params: Unpack[Validate]) -> Call[GraderValidateResponse]:
        """The grader, if it is a valid one; BadRequestError says what is wrong with it."""
        complete(params, "grader")
        return self._run(Call("POST", "/fine_tuning/alpha/graders/validate", GraderValidateResponse.wrap, params))


if TYPE_CHECKING:
    AsyncGraders = Graders[Async]
else:
    AsyncGraders = asynchronous(Graders)
