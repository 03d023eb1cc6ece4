"""Search in the web and in vector stores, as tools that come back."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.compound_filter import ComparisonFilter, CompoundFilter
from ceyx.wire.view import View

__all__ = ["FileSearchTool", "WebSearchPreviewTool", "WebSearchTool"]


class Filters(View):
    allowed_domains: list[str] | None = None


class UserLocation(View):
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None
    type: Literal["approximate"] | None = None


class WebSearchTool(View):
    """Search in the web."""

    type: Literal["web_search", "web_search_2025_08_26"]
    external_web_access: bool | None = None
    filters: Filters | None = None
    search_context_size: Literal["low", "medium", "high"] | None = None
    user_location: UserLocation | None = None


class PreviewUserLocation(View):
    type: Literal["approximate"]
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class WebSearchPreviewTool(View):
    """Search in the web, as it was first."""

    type: Literal["web_search_preview", "web_search_preview_2025_03_11"]
    search_content_types: list[Literal["text", "image"]] | None = None
    search_context_size: Literal["low", "medium", "high"] | None = None
    user_location: PreviewUserLocation | None = None


class RankingOptionsHybridSearch(View):
    embedding_weight: float
    text_weight: float


class RankingOptions(View):
    hybrid_search: RankingOptionsHybridSearch | None = None
    ranker: Literal["auto", "default-2024-11-15"] | None = None
    score_threshold: float | None = None


class FileSearchTool(View):
    """Search in vector stores."""

    type: Literal["file_search"]
    vector_store_ids: list[str]
    filters: ComparisonFilter | CompoundFilter | None = None
    max_num_results: int | None = None
    ranking_options: RankingOptions | None = None
