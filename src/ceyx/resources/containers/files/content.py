"""What is in a file of a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.accept import accepting
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.wire.call import Call, Options, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint


class Content(Resource[Mode]):
    plan: Content[Plan]
    with_raw_response: Content[Raw[Mode]]
    with_streaming_response: Content[Streaming[Mode]]

    @endpoint
    def retrieve(self, file_id: str, *, container_id: str, **options: Unpack[Options]) -> Call[HttpxBinaryResponseContent]:
        """What is in a file: `write_to_file(path)`, `.content`, `.text`, ...; large ones by `with_streaming_response`."""
        path = f"/containers/{segment(container_id)}/files/{segment(file_id)}/content"
        asked = accepting("application/binary", options)
        return self._run(Call("GET", path, HttpxBinaryResponseContent, asked, reads="response"))


if TYPE_CHECKING:
    AsyncContent = Content[Async]
else:
    AsyncContent = asynchronous(Content)
