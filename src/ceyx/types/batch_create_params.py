"""What batches are made of, and which to list."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.file_create_params import ExpiresAfter
from ceyx.types.page_params import Page
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["BatchCreateParams", "BatchListParams"]


OutputExpiresAfter = ExpiresAfter


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


class BatchListParams(Page, total=False):
    """All batches."""


class Create(BatchCreateParams, Options):
    """`create`."""


class List(BatchListParams, Options):
    """`list`."""
