"""Runs of an evaluation: a model tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.evals.runs.output_items import OutputItems
from ceyx.resources.required import complete
from ceyx.types.evals.run_create_response import EvalRun, RunDeleteResponse
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.evals.run_create_params import Create, List

PARAMETERS = "ceyx.types.evals.run_create_params"


class Runs(Resource[Mode]):
    plan: Runs[Plan]
    with_raw_response: Runs[Raw[Mode]]
    with_streaming_response: Runs[Streaming[Mode]]

    @child
    def output_items(self) -> OutputItems[Mode]:
        return self._child(OutputItems[Mode])

    @endpoint
    def create(self, eval_id: str, **params: Unpack[Create]) -> Call[EvalRun]:
        """Test a model, or answers that there are. Parameters: `ceyx.types.evals.RunCreateParams`."""
        complete(params, "data_source")
        return self._run(Call("POST", f"/evals/{segment(eval_id)}/runs", EvalRun.wrap, params))

    @endpoint
    def retrieve(self, run_id: str, *, eval_id: str, **options: Unpack[Options]) -> Call[EvalRun]:
        """How far a run is, and how the model fares."""
        return self._run(Call("GET", _path(eval_id, run_id), EvalRun.wrap, options))

    @paginated
    def list(self, eval_id: str, **params: Unpack[List]) -> Pages[EvalRun]:
        """The runs of an evaluation, all or some. Parameters: `ceyx.types.evals.RunListParams`."""
        return self._run(Pages(f"/evals/{segment(eval_id)}/runs", EvalRun.wrap, params))

    @endpoint
    def delete(self, run_id: str, *, eval_id: str, **options: Unpack[Options]) -> Call[RunDeleteResponse]:
        """Delete a run."""
        return self._run(Call("DELETE", _path(eval_id, run_id), RunDeleteResponse.wrap, options))

    @endpoint
    def cancel(self, run_id: str, *, eval_id: str, **options: Unpack[Options]) -> Call[EvalRun]:
        """Stop a run."""
        return self._run(Call("POST", f"{_path(eval_id, run_id)}/cancel", EvalRun.wrap, options).without_body())


def _path(eval_id: str, run_id: str) -> str:
    return f"/evals/{segment(eval_id)}/runs/{segment(run_id)}"


if TYPE_CHECKING:
    AsyncRuns = Runs[Async]
else:
    AsyncRuns = asynchronous(Runs)
