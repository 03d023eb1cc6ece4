"""Search in the web and in vector stores, as tools that are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.shared_params.compound_filter import ComparisonFilter, CompoundFilter
from ceyx.wire.typed_dict import TypedDict

__all__ = ["FileSearchToolParam", "WebSearchPreviewToolParam", "WebSearchToolParam"]


class Filters(TypedDict, total=False):
    """Which sites are searched."""

    allowed_domains: Sequence[str] | None
    """Only these and what is below them; all if not given."""


class UserLocation(TypedDict, total=False):
    """Roughly where the user is."""

    city: str | None
    country: str | None
    """Two letters, ISO 3166-1, such as `US`."""
    region: str | None
    timezone: str | None
    """IANA name, such as `America/Los_Angeles`."""
    type: Literal["approximate"]


class WebSearchToolParam(TypedDict, total=False):
    """Search in the web."""

    type: Required[Literal["web_search", "web_search_2025_08_26"]]
    external_web_access: bool
    """False searches what the provider has stored, and asks no site."""
    filters: Filters | None
    search_context_size: Literal["low", "medium", "high"]
    """How much of what was found the model reads; `medium` by default."""
    user_location: UserLocation | None


class PreviewUserLocation(TypedDict, total=False):
    """Roughly where the user is."""

    type: Required[Literal["approximate"]]
    city: str | None
    country: str | None
    """Two letters, ISO 3166-1, such as `US`."""
    region: str | None
    timezone: str | None
    """IANA name, such as `America/Los_Angeles`."""


class WebSearchPreviewToolParam(TypedDict, total=False):
    """Search in the web, as it was first."""

    type: Required[Literal["web_search_preview", "web_search_preview_2025_03_11"]]
    search_content_types: Sequence[Literal["text", "image"]]
    search_context_size: Literal["low", "medium", "high"]
    """How much of what was found the model reads; `medium` by default."""
    user_location: PreviewUserLocation | None


class RankingOptionsHybridSearch(TypedDict, total=False):
    """How much meaning and words weigh against each other."""

    embedding_weight: Required[float]
    text_weight: Required[float]


class RankingOptions(TypedDict, total=False):
    """How what was found is ranked."""

    hybrid_search: RankingOptionsHybridSearch
    ranker: Literal["auto", "default-2024-11-15"]
    score_threshold: float
    """0 to 1: leave out what scores less."""


class FileSearchToolParam(TypedDict, total=False):
    """Search in vector stores."""

    type: Required[Literal["file_search"]]
    vector_store_ids: Required[Sequence[str]]
    filters: ComparisonFilter | CompoundFilter | None
    """By the files' attributes."""
    max_num_results: int
    """1 to 50."""
    ranking_options: RankingOptions
