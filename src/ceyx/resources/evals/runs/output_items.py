"""The rows of a run: what the model answered, and what the graders say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.evals.runs.output_item_list_response import OutputItem
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.evals.runs.output_item_list_response import List

PARAMETERS = "ceyx.types.evals.runs.output_item_list_response"


class OutputItems(Resource[Mode]):
    plan: OutputItems[Plan]
    with_raw_response: OutputItems[Raw[Mode]]
    with_streaming_response: OutputItems[Streaming[Mode]]

    @endpoint
    def retrieve(self, output_item_id: str, *, eval_id: str, run_id: str, **options: Unpack[Options]) -> Call[OutputItem]:
        """One row of a run."""
        return self._run(Call("GET", f"{_path(eval_id, run_id)}/{segment(output_item_id)}", OutputItem.wrap, options))

    @paginated
    def list(self, run_id: str, *, eval_id: str, **params: Unpack[List]) -> Pages[OutputItem]:
        """The rows of a run, all or some. Parameters: `ceyx.types.evals.runs.OutputItemListParams`."""
        return self._run(Pages(_path(eval_id, run_id), OutputItem.wrap, params))


def _path(eval_id: str, run_id: str) -> str:
    return f"/evals/{segment(eval_id)}/runs/{segment(run_id)}/output_items"


if TYPE_CHECKING:
    AsyncOutputItems = OutputItems[Async]
else:
    AsyncOutputItems = asynchronous(OutputItems)
