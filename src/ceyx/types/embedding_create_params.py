"""What embeddings are asked with, whoever asks: client, LangChain, service, bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["EmbeddingCreateParams", "EmbeddingModel"]

EmbeddingModel = Literal["text-embedding-ada-002", "text-embedding-3-small", "text-embedding-3-large"]


class EmbeddingCreateParams(TypedDict, total=False):
    """The parameters of `embeddings.create`."""

    input: Required[str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]]]
    """A text or its token ids, or a list of up to 2,048 of either; none empty, none above 8,192 tokens, 300,000 together."""
    model: Required[str | EmbeddingModel]
    """The model that embeds; on Azure, the name of your deployment of it."""
    dimensions: int | Omit
    """Length of each vector, the model's own by default; shorter ones from text-embedding-3 on."""
    encoding_format: Literal["float", "base64"] | Omit
    """How vectors travel and are handed over; not given, they travel as base64 (a quarter the size) and are read as floats."""
    user: str | Omit
    """A stable identifier of your end user, for the provider's abuse detection."""
    input_type: str | Omit
    """Azure: what the vectors are for, such as `query`."""


class Create(EmbeddingCreateParams, Options):
    """`embeddings.create`."""
