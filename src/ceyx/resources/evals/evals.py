"""Evaluations: what is tested, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.evals.runs import Runs
from ceyx.resources.required import complete
from ceyx.types.eval_create_response import Eval, EvalDeleteResponse
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.eval_create_params import Create, List, Update

PARAMETERS = "ceyx.types.eval_create_params"


class Evals(Resource[Mode]):
    plan: Evals[Plan]
    with_raw_response: Evals[Raw[Mode]]
    with_streaming_response: Evals[Streaming[Mode]]

    @child
    def runs(self) -> Runs[Mode]:
        return self._child(Runs[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Eval]:
        """Say what is tested, and how; `runs.create` then tests a model. Parameters: `ceyx.types.EvalCreateParams`."""
        complete(params, "data_source_config", "testing_criteria")
        return self._run(Call("POST", "/evals", Eval.wrap, params))

    @endpoint
    def retrieve(self, eval_id: str, **options: Unpack[Options]) -> Call[Eval]:
        """What is known of an evaluation."""
        return self._run(Call("GET", f"/evals/{segment(eval_id)}", Eval.wrap, options))

    @endpoint
    def update(self, eval_id: str, **params: Unpack[Update]) -> Call[Eval]:
        """Change name or metadata. Parameters: `ceyx.types.EvalUpdateParams`."""
        return self._run(Call("POST", f"/evals/{segment(eval_id)}", Eval.wrap, params))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[Eval]:
        """The evaluations, all or some. Parameters: `ceyx.types.EvalListParams`."""
        return self._run(Pages("/evals", Eval.wrap, params))

    @endpoint
    def delete(self, eval_id: str, **options: Unpack[Options]) -> Call[EvalDeleteResponse]:
        """Delete an evaluation."""
        return self._run(Call("DELETE", f"/evals/{segment(eval_id)}", EvalDeleteResponse.wrap, options))


if TYPE_CHECKING:
    AsyncEvals = Evals[Async]
else:
    AsyncEvals = asynchronous(Evals)
