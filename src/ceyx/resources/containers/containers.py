"""Containers: machines in which models run code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.accept import accepting
from ceyx.resources.containers.files import Files
from ceyx.resources.containers.files.files import nothing
from ceyx.resources.required import complete
from ceyx.types.container_create_response import Container
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.container_create_params import Create, List

PARAMETERS = "ceyx.types.container_create_params"


class Containers(Resource[Mode]):
    plan: Containers[Plan]
    with_raw_response: Containers[Raw[Mode]]
    with_streaming_response: Containers[Streaming[Mode]]

    @child
    def files(self) -> Files[Mode]:
        return self._child(Files[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[Container]:
        """Start a container. Parameters: `ceyx.types.ContainerCreateParams`."""
        complete(params, "name")
        return self._run(Call("POST", "/containers", Container.wrap, params))

    @endpoint
    def retrieve(self, container_id: str, **options: Unpack[Options]) -> Call[Container]:
        """What is known of a container."""
        return self._run(Call("GET", f"/containers/{segment(container_id)}", Container.wrap, options))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[Container]:
        """The containers, all or some. Parameters: `ceyx.types.ContainerListParams`."""
        return self._run(Pages("/containers", Container.wrap, params))

    @endpoint
    def delete(self, container_id: str, **options: Unpack[Options]) -> Call[None]:
        """Delete a container and what is in it."""
        path = f"/containers/{segment(container_id)}"
        return self._run(Call("DELETE", path, nothing, accepting("*/*", options), reads="bytes"))


if TYPE_CHECKING:
    AsyncContainers = Containers[Async]
else:
    AsyncContainers = asynchronous(Containers)
