"""Files in a vector store, one by one and in batches."""

from __future__ import annotations

from typing import Literal

from ceyx.types.file_chunking_strategy import FileChunkingStrategy
from ceyx.types.vector_store import FileCounts
from ceyx.wire.view import Answer, View

__all__ = ["FileContentResponse", "VectorStoreFile", "VectorStoreFileBatch", "VectorStoreFileDeleted"]

Status = Literal["in_progress", "completed", "cancelled", "failed"]


class LastError(View):
    """Why a file could not be put in."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


class VectorStoreFile(Answer):
    """A file in a vector store."""

    id: str
    """The id of the uploaded file, too."""
    created_at: int
    """Unix time, in seconds."""
    last_error: LastError | None = None
    object: Literal["vector_store.file"]
    status: Status
    """`completed`: it can be searched."""
    usage_bytes: int
    vector_store_id: str
    attributes: dict[str, str | float | bool] | None = None
    chunking_strategy: FileChunkingStrategy | None = None


class VectorStoreFileBatch(Answer):
    """Files that were put into a vector store together."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    file_counts: FileCounts
    object: Literal["vector_store.files_batch"]
    status: Status
    vector_store_id: str


class VectorStoreFileDeleted(Answer):
    """Says that a file is no longer in the vector store; the uploaded file stays."""

    id: str
    deleted: bool
    object: Literal["vector_store.file.deleted"]


class FileContentResponse(View):
    """A piece of a file, as it is searched."""

    text: str | None = None
    type: str | None = None
