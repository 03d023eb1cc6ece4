"""Models: which there are. (On Azure these are the models of the resource's region, not its deployments.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.model import Model, ModelDeleted
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated


class Models(Resource[Mode]):
    plan: Models[Plan]
    with_raw_response: Models[Raw[Mode]]
    with_streaming_response: Models[Streaming[Mode]]

    @endpoint
    def retrieve(self, model: str, **options: Unpack[Options]) -> Call[Model]:
        """What is known of a model."""
        return self._run(Call("GET", f"/models/{segment(model)}", Model.wrap, options))

    @paginated
    def list(self, **options: Unpack[Options]) -> Pages[Model]:
        """The models this key may use, all on one page."""
        return self._run(Pages("/models", Model.wrap, options, cursor=False))

    @endpoint
    def delete(self, model: str, **options: Unpack[Options]) -> Call[ModelDeleted]:
        """Delete a fine-tuned model of yours."""
        return self._run(Call("DELETE", f"/models/{segment(model)}", ModelDeleted.wrap, options))


if TYPE_CHECKING:
    AsyncModels = Models[Async]
else:
    AsyncModels = asynchronous(Models)
