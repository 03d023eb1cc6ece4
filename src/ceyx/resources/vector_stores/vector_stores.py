"""Vector stores: files, cut into chunks and embedded, to be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.resources.vector_stores.beta import v2
from ceyx.resources.vector_stores.file_batches import FileBatches
from ceyx.resources.vector_stores.files import Files
from ceyx.types.vector_store import VectorStore, VectorStoreDeleted, VectorStoreSearchResponse
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.vector_store_create_params import Create, List, Search, Update

PARAMETERS = "ceyx.types.vector_store_create_params"


class VectorStores(Resource[Mode]):
    plan: VectorStores[Plan]
    with_raw_response: VectorStores[Raw[Mode]]
    with_streaming_response: VectorStores[Streaming[Mode]]

    @child
    def files(self) -> Files[Mode]:
        return self._child(Files[Mode])

    @child
    def file_batches(self) -> FileBatches[Mode]:
        return self._child(FileBatches[Mode])

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[VectorStore]:
        """Make a vector store. Parameters: `ceyx.types.VectorStoreCreateParams`."""
        return self._run(Call("POST", "/vector_stores", VectorStore.wrap, v2(params)))

    @endpoint
    def retrieve(self, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStore]:
        """What is known of a vector store."""
        return self._run(Call("GET", f"/vector_stores/{segment(vector_store_id)}", VectorStore.wrap, v2(options)))

    @endpoint
    def update(self, vector_store_id: str, **params: Unpack[Update]) -> Call[VectorStore]:
        """Change name, metadata or expiry. Parameters: `ceyx.types.VectorStoreUpdateParams`."""
        return self._run(Call("POST", f"/vector_stores/{segment(vector_store_id)}", VectorStore.wrap, v2(params)))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[VectorStore]:
        """The vector stores, all or some. Parameters: `ceyx.types.VectorStoreListParams`."""
        return self._run(Pages("/vector_stores", VectorStore.wrap, v2(params)))

    @endpoint
    def delete(self, vector_store_id: str, **options: Unpack[Options]) -> Call[VectorStoreDeleted]:
        """Delete a vector store; the uploaded files stay."""
        return self._run(Call("DELETE", f"/vector_stores/{segment(vector_store_id)}", VectorStoreDeleted.wrap, v2(options)))

    @paginated
    def search(self, vector_store_id: str, **params: Unpack[Search]) -> Pages[VectorStoreSearchResponse]:
        """The chunks that fit a query best, all on one page. Parameters: `ceyx.types.VectorStoreSearchParams`."""
        complete(params, "query")
        path = f"/vector_stores/{segment(vector_store_id)}/search"
        return self._run(Pages(path, VectorStoreSearchResponse.wrap, v2(params), cursor=False, method="POST"))


if TYPE_CHECKING:
    AsyncVectorStores = VectorStores[Async]
else:
    AsyncVectorStores = asynchronous(VectorStores)
