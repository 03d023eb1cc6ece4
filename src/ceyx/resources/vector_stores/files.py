"""Files in a vector store, one by one, and waiting until they can be searched."""

from __future__ import annotations

from math import isfinite
from time import monotonic
from typing import TYPE_CHECKING, Unpack

from ceyx.resources.polling import polled
from ceyx.resources.required import complete
from ceyx.resources.vector_stores.beta import v2
from ceyx.types.file_types import FileTypes
from ceyx.types.vector_stores.vector_store_file import FileContentResponse, VectorStoreFile, VectorStoreFileDeleted
from ceyx.wire.call import Call, Flow, Omit, Options, Pages, Pause, omit, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, flow, paginated

if TYPE_CHECKING:
    from ceyx.types.file_chunking_strategy import FileChunkingStrategyParam
    from ceyx.types.vector_stores.file_batch_create_params import Attach, Attributed, Attributes, Create, List

PARAMETERS = "ceyx.types.vector_stores.file_batch_create_params"
SECOND = Pause(1)


class Files(Resource[Mode]):
    plan: Files[Plan]
    with_raw_response: Files[Raw[Mode]]
    with_streaming_response: Files[Streaming[Mode]]

    @endpoint
    def create(self, vector_store_id: str, **params: Unpack[Create]) -> Call[VectorStoreFile]:
        """Put an uploaded file into a vector store. Parameters: `ceyx.types.vector_stores.FileCreateParams`.

        It can be searched once its `status` is `completed`; `create_and_poll` waits for that.
        """
        complete(params, "file_id")
        return self._run(Call("POST", f"/vector_stores/{segment(vector_store_id)}/files", VectorStoreFile.wrap, v2(params)))

    @endpoint
    def retrieve(self, file_id: str, *, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStoreFile]:
        """What is known of a file in a vector store."""
        return self._run(Call("GET", _path(vector_store_id, file_id), VectorStoreFile.wrap, v2(options)))

    @endpoint
    def update(
        self, file_id: str, *, vector_store_id: str, attributes: Attributes | None, **options: Unpack[Options]
    ) -> Call[VectorStoreFile]:
        """Give a file other attributes, in place of those it has: up to 16 values by name, for searches to filter by."""
        params = {"attributes": attributes, **options}
        return self._run(Call("POST", _path(vector_store_id, file_id), VectorStoreFile.wrap, v2(params)))

    @paginated
    def list(self, vector_store_id: str, **params: Unpack[List]) -> Pages[VectorStoreFile]:
        """The files of a vector store, all or some. Parameters: `ceyx.types.vector_stores.FileListParams`."""
        return self._run(Pages(f"/vector_stores/{segment(vector_store_id)}/files", VectorStoreFile.wrap, v2(params)))

    @endpoint
    def delete(self, file_id: str, *, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStoreFileDeleted]:
        """Take a file out of a vector store; the uploaded file stays."""
        return self._run(Call("DELETE", _path(vector_store_id, file_id), VectorStoreFileDeleted.wrap, v2(options)))

    @paginated
    def content(self, file_id: str, *, vector_store_id: str, **options: Unpack[Options]) -> Pages[FileContentResponse]:
        """The text of a file as it is searched, in pieces, all on one page."""
        path = f"{_path(vector_store_id, file_id)}/content"
        return self._run(Pages(path, FileContentResponse.wrap, v2(options), cursor=False))

    @flow
    def poll(
        self,
        file_id: str,
        *,
        vector_store_id: str,
        poll_interval_ms: int | Omit = omit,
        max_wait_seconds: float | Omit = omit,
    ) -> Flow[VectorStoreFile]:
        """The file once the server is done with it, for better or worse: see its `status` and `last_error`.

        Asks every `poll_interval_ms`; by default as often as the server says, or every second. Raises TimeoutError after
        `max_wait_seconds`; by default there is no limit.
        """
        limit = checked_wait(max_wait_seconds)
        until = None if limit is None else monotonic() + limit
        while True:
            left = None if until is None else until - monotonic()
            if left is not None and left <= 0:
                raise TimeoutError(
                    f"file {file_id!r} is not ready after {limit} seconds; wait longer with max_wait_seconds, or ask again later"
                )
            file, said = yield from polled(self.plan.retrieve(file_id, vector_store_id=vector_store_id))
            if file.status != "in_progress":
                return file
            pause = pause_for(poll_interval_ms, said)
            yield pause if left is None else Pause(min(pause.seconds, left))

    @flow
    def create_and_poll(
        self,
        file_id: str,
        *,
        vector_store_id: str,
        poll_interval_ms: int | Omit = omit,
        max_wait_seconds: float | Omit = omit,
        **params: Unpack[Attach],
    ) -> Flow[VectorStoreFile]:
        """Put an uploaded file into a vector store, and wait until the server is done with it: see `poll`.

        `max_wait_seconds` bounds the waiting; `timeout` and the like are for the call that puts it in.
        """
        checked_wait(max_wait_seconds)
        yield from self.plan.create(vector_store_id, file_id=file_id, **params)
        return (
            yield from self.plan.poll(
                file_id,
                vector_store_id=vector_store_id,
                poll_interval_ms=poll_interval_ms,
                max_wait_seconds=max_wait_seconds,
            )
        )

    @flow
    def upload(
        self, *, vector_store_id: str, file: FileTypes, chunking_strategy: FileChunkingStrategyParam | Omit = omit
    ) -> Flow[VectorStoreFile]:
        """Upload a file and put it into a vector store; the server is not done with it yet."""
        uploaded = yield from self._client.plan.files.create(file=file, purpose="assistants")
        return (yield from self.plan.create(vector_store_id, file_id=uploaded.id, chunking_strategy=chunking_strategy))

    @flow
    def upload_and_poll(
        self,
        *,
        vector_store_id: str,
        file: FileTypes,
        poll_interval_ms: int | Omit = omit,
        max_wait_seconds: float | Omit = omit,
        **params: Unpack[Attributed],
    ) -> Flow[VectorStoreFile]:
        """Upload a file, put it into a vector store, and wait until the server is done with it: see `poll`."""
        checked_wait(max_wait_seconds)
        uploaded = yield from self._client.plan.files.create(file=file, purpose="assistants")
        return (
            yield from self.plan.create_and_poll(
                uploaded.id,
                vector_store_id=vector_store_id,
                poll_interval_ms=poll_interval_ms,
                max_wait_seconds=max_wait_seconds,
                **params,
            )
        )


def _path(vector_store_id: str, file_id: str) -> str:
    return f"/vector_stores/{segment(vector_store_id)}/files/{segment(file_id)}"


def checked_wait(seconds: float | Omit) -> float | None:
    """How long to wait at most; None is without limit."""
    if isinstance(seconds, Omit):
        return None
    if not (isfinite(seconds) and seconds >= 0):
        raise ValueError(f"max_wait_seconds is {seconds}; give a number of seconds, or leave it out to wait without limit")
    return seconds


def pause_for(asked_ms: int | Omit, said: float | None) -> Pause:
    """How long to wait before asking again: as the caller asks, else as the server says, else a second."""
    if isinstance(asked_ms, Omit):
        return SECOND if said is None else Pause(said)
    return Pause(asked_ms / 1000)


if TYPE_CHECKING:
    AsyncFiles = Files[Async]
else:
    AsyncFiles = asynchronous(Files)
