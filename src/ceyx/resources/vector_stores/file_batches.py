"""Files that are put into a vector store together, and waiting until they can be searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Unpack

from ceyx.resources.polling import polled
from ceyx.resources.vector_stores.beta import v2
from ceyx.resources.vector_stores.files import pause_for
from ceyx.types.file_types import FileTypes
from ceyx.types.vector_stores.vector_store_file import VectorStoreFile, VectorStoreFileBatch
from ceyx.wire.call import Call, Flow, Omit, Options, Pages, Together, omit, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, flow, paginated

if TYPE_CHECKING:
    from ceyx.types.file_chunking_strategy import FileChunkingStrategyParam
    from ceyx.types.vector_stores.file_batch_create_params import CreateBatch, List

PARAMETERS = "ceyx.types.vector_stores.file_batch_create_params"


class FileBatches(Resource[Mode]):
    plan: FileBatches[Plan]
    with_raw_response: FileBatches[Raw[Mode]]
    with_streaming_response: FileBatches[Streaming[Mode]]

    @endpoint
    def create(self, vector_store_id: str, **params: Unpack[CreateBatch]) -> Call[VectorStoreFileBatch]:
        """Put uploaded files into a vector store. Parameters: `ceyx.types.vector_stores.FileBatchCreateParams`."""
        path = f"/vector_stores/{segment(vector_store_id)}/file_batches"
        return self._run(Call("POST", path, VectorStoreFileBatch.wrap, v2(params)))

    @endpoint
    def retrieve(self, batch_id: str, *, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStoreFileBatch]:
        """How far a batch is."""
        return self._run(Call("GET", _path(vector_store_id, batch_id), VectorStoreFileBatch.wrap, v2(options)))

    @endpoint
    def cancel(self, batch_id: str, *, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStoreFileBatch]:
        """Leave out the files of a batch that are not in yet."""
        path = f"{_path(vector_store_id, batch_id)}/cancel"
        return self._run(Call("POST", path, VectorStoreFileBatch.wrap, v2(options)).without_body())

    @paginated
    def list_files(self, batch_id: str, *, vector_store_id: str, **params: Unpack[List]) -> Pages[VectorStoreFile]:
        """The files of a batch, all or some. Parameters: `ceyx.types.vector_stores.FileListParams`."""
        return self._run(Pages(f"{_path(vector_store_id, batch_id)}/files", VectorStoreFile.wrap, v2(params)))

    @flow
    def poll(self, batch_id: str, *, vector_store_id: str, poll_interval_ms: int | Omit = omit) -> Flow[VectorStoreFileBatch]:
        """The batch once the server is done with all of its files: `file_counts` says how many failed.

        Asks every `poll_interval_ms`; by default as often as the server says, or every second.
        """
        while True:
            batch, said = yield from polled(self.plan.retrieve(batch_id, vector_store_id=vector_store_id))
            if not batch.file_counts.in_progress:
                return batch
            yield pause_for(poll_interval_ms, said)

    @flow
    def create_and_poll(
        self, vector_store_id: str, *, poll_interval_ms: int | Omit = omit, **params: Unpack[CreateBatch]
    ) -> Flow[VectorStoreFileBatch]:
        """Put uploaded files into a vector store, and wait until the server is done with all of them: see `poll`."""
        batch = yield from self.plan.create(vector_store_id, **params)
        return (yield from self.plan.poll(batch.id, vector_store_id=vector_store_id, poll_interval_ms=poll_interval_ms))

    @flow
    def upload_and_poll(
        self,
        vector_store_id: str,
        *,
        files: Iterable[FileTypes],
        max_concurrency: int = 5,
        file_ids: Sequence[str] = (),
        poll_interval_ms: int | Omit = omit,
        chunking_strategy: FileChunkingStrategyParam | Omit = omit,
    ) -> Flow[VectorStoreFileBatch]:
        """Upload files, put them into a vector store together with those of `file_ids`, and wait: see `poll`.

        `max_concurrency` of them are uploaded at a time. Where one upload fails, its error is raised, and what was uploaded by
        then stays.
        """
        upload = self._client.plan.files.create
        calls = [upload(file=file, purpose="assistants") for file in files]
        uploaded = (yield Together(calls, max_concurrency)) if calls else []
        return (
            yield from self.plan.create_and_poll(
                vector_store_id,
                file_ids=[*file_ids, *(file.id for file in uploaded)],
                poll_interval_ms=poll_interval_ms,
                chunking_strategy=chunking_strategy,
            )
        )


def _path(vector_store_id: str, batch_id: str) -> str:
    return f"/vector_stores/{segment(vector_store_id)}/file_batches/{segment(batch_id)}"


if TYPE_CHECKING:
    AsyncFileBatches = FileBatches[Async]
else:
    AsyncFileBatches = asynchronous(FileBatches)
