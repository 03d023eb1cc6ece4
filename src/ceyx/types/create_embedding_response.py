"""The embeddings of one request, in the order of their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from ceyx.types.embedding import Embedding, numpy_or_why
from ceyx.wire.view import Answer, View

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["CreateEmbeddingResponse"]


class Usage(View):
    """Tokens of one request."""

    prompt_tokens: int
    total_tokens: int


class CreateEmbeddingResponse(Answer):
    """One vector for each input."""

    data: list[Embedding]
    model: str
    object: Literal["list"]
    usage: Usage

    @classmethod
    def unpacking(cls, data: Any) -> Self:
        """View `data`, in which vectors may be base64 although the caller reads floats: each is unpacked when first read.

        Raises ValueError where the server sent no vectors at all.
        """
        response = cls.wrap(data)
        if type(response) is not cls:
            return response
        vectors = response.__dict__.get("data")
        if not vectors or type(vectors) is not list:
            raise ValueError(
                f"the server sent no embeddings (data is {repr(vectors)[:60]}, model {response.__dict__.get('model')!r}); "
                "check that the model is one that embeds, and that `input` is not empty"
            )
        for vector in vectors:
            if type(vector) is Embedding:
                vector._pack()
        return response

    def to_numpy(self) -> NDArray[numpy.float32]:
        """The vectors as a float32 array of shape (inputs, dimensions), in the order of the inputs.

        Raises ModuleNotFoundError where numpy is not installed, ValueError where the vectors differ in length.
        """
        np: Any = numpy_or_why()
        rows = [vector.to_numpy() for vector in sorted(self.data, key=lambda vector: vector.index)]
        lengths = {len(row) for row in rows}
        if len(lengths) > 1:
            raise ValueError(f"the vectors have {min(lengths)} to {max(lengths)} dimensions, so they make no array")
        return np.stack(rows) if rows else np.empty((0, 0), "f4")  # type: ignore[no-any-return]
