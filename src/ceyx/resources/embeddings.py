"""Embeddings: texts as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.create_embedding_response import CreateEmbeddingResponse
from ceyx.types.packed_embeddings import PackedCall
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint

if TYPE_CHECKING:
    from ceyx.types.embedding_create_params import Create

PARAMETERS = "ceyx.types.embedding_create_params"


class Embeddings(Resource[Mode]):
    plan: Embeddings[Plan]
    with_raw_response: Embeddings[Raw[Mode]]
    with_streaming_response: Embeddings[Streaming[Mode]]

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[CreateEmbeddingResponse]:
        """The vectors of one text or many, in their order.

        Parameters: `ceyx.types.EmbeddingCreateParams`. Without `encoding_format` they come packed, and are lists of floats when
        read; `to_numpy()` of the answer gives them as one array.
        """
        if "input" not in params or "model" not in params:
            complete(params, "input", "model", fixed_model=self._fixed_model)
        if params.get("encoding_format"):
            return self._run(Call("POST", "/embeddings", CreateEmbeddingResponse.wrap, params))
        params["encoding_format"] = "base64"
        return self._run(PackedCall("POST", "/embeddings", CreateEmbeddingResponse.unpacking, params))


if TYPE_CHECKING:
    AsyncEmbeddings = Embeddings[Async]
else:
    AsyncEmbeddings = asynchronous(Embeddings)
