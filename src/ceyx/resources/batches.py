"""Batches: many requests in a file, answered within a day, for half the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.batch import Batch
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.batch_create_params import Create, List

PARAMETERS = "ceyx.types.batch_create_params"


class Batches(Resource[Mode]):
    plan: Batches[Plan]
    with_raw_response: Batches[Raw[Mode]]
    with_streaming_response: Batches[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Batch]:
        """Have the requests in a file answered. Parameters: `ceyx.types.BatchCreateParams`."""
        complete(params, "completion_window", "endpoint", "input_file_id")
        return self._run(Call("POST", "/batches", Batch.wrap, params))

    @endpoint
    def retrieve(self, batch_id: str, **options: Unpack[Options]) -> Call[Batch]:
        """How far a batch is."""
        return self._run(Call("GET", f"/batches/{segment(batch_id)}", Batch.wrap, options))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[Batch]:
        """All batches, newest first."""
        return self._run(Pages("/batches", Batch.wrap, params))

    @endpoint
    def cancel(self, batch_id: str, **options: Unpack[Options]) -> Call[Batch]:
        """Stop a batch: it is `cancelling` for up to ten minutes; what is answered by then is in its output file."""
        return self._run(Call("POST", f"/batches/{segment(batch_id)}/cancel", Batch.wrap, options).without_body())


if TYPE_CHECKING:
    AsyncBatches = Batches[Async]
else:
    AsyncBatches = asynchronous(Batches)
