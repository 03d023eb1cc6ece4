"""What vector stores are made, changed, listed and searched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.file_chunking_strategy import FileChunkingStrategyParam
from ceyx.types.page_params import TwoWayPage
from ceyx.types.shared.metadata import Metadata
from ceyx.types.shared_params import ComparisonFilter, CompoundFilter
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["VectorStoreCreateParams", "VectorStoreListParams", "VectorStoreSearchParams", "VectorStoreUpdateParams"]

Filters = ComparisonFilter | CompoundFilter


class ExpiresAfter(TypedDict, total=False):
    """When a store that is not used goes away."""

    anchor: Required[Literal["last_active_at"]]
    days: Required[int]


class VectorStoreCreateParams(TypedDict, total=False):
    """A new vector store."""

    chunking_strategy: FileChunkingStrategyParam | Omit
    """How the files of `file_ids` are cut, `auto` by default."""
    description: str | Omit
    """What it is for."""
    expires_after: ExpiresAfter | Omit
    """When it goes away if it is not used; never, by default."""
    file_ids: Sequence[str] | Omit
    """Uploaded files to put in."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with the store."""
    name: str | Omit


class VectorStoreUpdateParams(TypedDict, total=False):
    """What is to be different; the rest stays."""

    expires_after: ExpiresAfter | Omit | None
    """When it goes away if it is not used."""
    metadata: Metadata | Omit | None
    """In place of those it has."""
    name: str | Omit | None


class VectorStoreListParams(TwoWayPage, total=False):
    """Vector stores, all or some."""


class RankingOptions(TypedDict, total=False):
    """How what is found is ordered."""

    ranker: Literal["none", "auto", "default-2024-11-15"]
    """What orders it once more; `none` is faster."""
    score_threshold: float
    """0 to 1: less fitting finds are left out."""


class VectorStoreSearchParams(TypedDict, total=False):
    """What to look for in a vector store."""

    query: Required[str | Sequence[str]]
    filters: Filters | Omit
    """Only in files whose attributes are such."""
    max_num_results: int | Omit
    """1 to 50, 10 by default."""
    ranking_options: RankingOptions | Omit
    """How what is found is ordered."""
    rewrite_query: bool | Omit
    """True has the server put the query into words that search better."""


class Create(VectorStoreCreateParams, Options):
    """`vector_stores.create`."""


class Update(VectorStoreUpdateParams, Options):
    """`vector_stores.update`."""


class List(VectorStoreListParams, Options):
    """`vector_stores.list`."""


class Search(VectorStoreSearchParams, Options):
    """`vector_stores.search`."""
