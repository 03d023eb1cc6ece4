"""Files in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.accept import accepting
from ceyx.resources.containers.files.content import Content
from ceyx.types.containers.file_create_response import ContainerFile
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.containers.file_create_response import Create, List

PARAMETERS = "ceyx.types.containers.file_create_response"


class Files(Resource[Mode]):
    plan: Files[Plan]
    with_raw_response: Files[Raw[Mode]]
    with_streaming_response: Files[Streaming[Mode]]

    @child
    def content(self) -> Content[Mode]:
        return self._child(Content[Mode])

    @endpoint
    def create(self, container_id: str, **params: Unpack[Create]) -> Call[ContainerFile]:
        """Put a file into a container: one from here (`file`), or one that was uploaded (`file_id`)."""
        files = ("file",) if params.get("file") else ()
        return self._run(Call("POST", _path(container_id), ContainerFile.wrap, params, files=files))

    @endpoint
    def retrieve(self, file_id: str, *, container_id: str, **options: Unpack[Options]) -> Call[ContainerFile]:
        """What is known of a file in a container."""
        return self._run(Call("GET", f"{_path(container_id)}/{segment(file_id)}", ContainerFile.wrap, options))

    @paginated
    def list(self, container_id: str, **params: Unpack[List]) -> Pages[ContainerFile]:
        """The files of a container, all or some. Parameters: `ceyx.types.containers.FileListParams`."""
        return self._run(Pages(_path(container_id), ContainerFile.wrap, params))

    @endpoint
    def delete(self, file_id: str, *, container_id: str, **options: Unpack[Options]) -> Call[None]:
        """Delete a file of a container."""
        path = f"{_path(container_id)}/{segment(file_id)}"
        return self._run(Call("DELETE", path, nothing, accepting("*/*", options), reads="bytes"))


def _path(container_id: str) -> str:
    return f"/containers/{segment(container_id)}/files"


def nothing(content: bytes) -> None:
    """What an answer says that says nothing."""


if TYPE_CHECKING:
    AsyncFiles = Files[Async]
else:
    AsyncFiles = asynchronous(Files)
