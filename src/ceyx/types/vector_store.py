"""Vector stores, and what a search in one finds."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, View

__all__ = ["VectorStore", "VectorStoreDeleted", "VectorStoreSearchResponse"]


class FileCounts(View):
    """How many files are in which state."""

    cancelled: int
    completed: int
    failed: int
    in_progress: int
    total: int


class ExpiresAfter(View):
    """When a store that is not used goes away."""

    anchor: Literal["last_active_at"]
    days: int


class VectorStore(Answer):
    """Files, cut into chunks and embedded, that a model or you can search."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    file_counts: FileCounts
    last_active_at: int | None = None
    """Unix time, in seconds."""
    metadata: Metadata | None = None
    name: str
    object: Literal["vector_store"]
    status: Literal["expired", "in_progress", "completed"]
    """`completed`: every file can be searched."""
    usage_bytes: int
    expires_after: ExpiresAfter | None = None
    expires_at: int | None = None
    """Unix time, in seconds."""


class VectorStoreDeleted(Answer):
    """Says that a vector store is gone; its files stay."""

    id: str
    deleted: bool
    object: Literal["vector_store.deleted"]


class Content(View):
    """A chunk that was found."""

    text: str
    type: Literal["text"]


class VectorStoreSearchResponse(View):
    """A file in which something was found."""

    attributes: dict[str, str | float | bool] | None = None
    content: list[Content]
    file_id: str
    filename: str
    score: float
    """How well it fits the query."""
