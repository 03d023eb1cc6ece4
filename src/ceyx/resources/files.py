"""Files: what the server keeps for other calls to read."""

from __future__ import annotations

import warnings
from time import monotonic
from typing import TYPE_CHECKING, Unpack

from ceyx.resources.accept import accepting
from ceyx.resources.required import complete
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.file_object import FileDeleted, FileObject
from ceyx.wire.call import Call, Flow, Options, Pages, Pause, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, flow, paginated

if TYPE_CHECKING:
    from ceyx.types.file_create_params import Create, List

PARAMETERS = "ceyx.types.file_create_params"
AT_REST = frozenset({"processed", "error", "deleted"})


class Files(Resource[Mode]):
    plan: Files[Plan]
    with_raw_response: Files[Raw[Mode]]
    with_streaming_response: Files[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[FileObject]:
        """Store a file: bytes, a path, an open binary file, or a tuple of name, content and type.

        Parameters: `ceyx.types.FileCreateParams`. A path or an open file is read while it is sent.
        """
        complete(params, "file", "purpose")
        return self._run(Call("POST", "/files", FileObject.wrap, params, files=("file",)))

    @endpoint
    def retrieve(self, file_id: str, **options: Unpack[Options]) -> Call[FileObject]:
        """What is known of a file."""
        return self._run(Call("GET", f"/files/{segment(file_id)}", FileObject.wrap, options))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[FileObject]:
        """The files, all or some. Parameters: `ceyx.types.FileListParams`."""
        return self._run(Pages("/files", FileObject.wrap, params))

    @endpoint
    def delete(self, file_id: str, **options: Unpack[Options]) -> Call[FileDeleted]:
        """Delete a file."""
        return self._run(Call("DELETE", f"/files/{segment(file_id)}", FileDeleted.wrap, options))

    @endpoint
    def content(self, file_id: str, **options: Unpack[Options]) -> Call[HttpxBinaryResponseContent]:
        """What is in a file: `write_to_file(path)`, `.content`, `.text`, ...; large ones by `with_streaming_response`."""
        asked = accepting("application/binary", options)
        return self._run(Call("GET", f"/files/{segment(file_id)}/content", HttpxBinaryResponseContent, asked, reads="response"))

    @endpoint
    def retrieve_content(self, file_id: str, **options: Unpack[Options]) -> Call[str]:
        """Deprecated, use `content`: what is in a file, as text."""
        warnings.warn("retrieve_content is deprecated; use content", DeprecationWarning, stacklevel=4 if self._awaits else 3)
        return self._run(Call("GET", f"/files/{segment(file_id)}/content", _text, options, reads="bytes"))

    @flow
    def wait_for_processing(self, id: str, *, poll_interval: float = 5.0, max_wait_seconds: float = 30 * 60) -> Flow[FileObject]:
        """The file once the server is done with it, for better or worse: see its `status`.

        Asks every `poll_interval` seconds. Raises RuntimeError after `max_wait_seconds`.
        """
        started = monotonic()
        while True:
            file = yield from self.plan.retrieve(id)
            if file.status in AT_REST:
                return file
            left = started + max_wait_seconds - monotonic()
            if left <= 0:
                raise RuntimeError(
                    f"file {id!r} is still {file.status!r} after {max_wait_seconds} seconds; wait longer with max_wait_seconds"
                )
            yield Pause(min(poll_interval, left))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


if TYPE_CHECKING:
    AsyncFiles = Files[Async]
else:
    AsyncFiles = asynchronous(Files)
