"""What batches are made of, and which to list."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["BatchCreateParams", "BatchListParams"]


class OutputExpiresAfter(TypedDict, total=False):
    """How long to keep the files of answers and errors."""

    anchor: Required[Literal["created_at"]]
    """When that file was made, not the batch."""
    seconds: Required[int]
    """3,600 to 2,592,000: an hour to 30 days."""


class BatchCreateParams(TypedDict, total=False):
    """A file of requests."""

    completion_window: Required[Literal["24h"]]
    endpoint: Required[
        Literal[
            "/v1/responses",
            "/v1/chat/completions",
            "/v1/embeddings",
            "/v1/completions",
            "/v1/moderations",
            "/v1/images/generations",
            "/v1/images/edits",
            "/v1/videos",
        ]
    ]
    """Where all requests go."""
    input_file_id: Required[str]
    """A file for the purpose `batch`: JSON lines, up to 50,000 of them and 200 MB."""
    metadata: Metadata | Omit | None
    """Up to 16 pairs of strings (keys to 64, values to 512 characters) kept with the batch."""
    output_expires_after: OutputExpiresAfter | Omit


class BatchListParams(TypedDict, total=False):
    """All batches."""

    after: str | Omit
    """The id of the last batch of the page before."""
    limit: int | Omit
    """How many a page holds: 1 to 100, 20 by default."""


class Create(BatchCreateParams, Options):
    """`create`."""


class List(BatchListParams, Options):
    """`list`."""
