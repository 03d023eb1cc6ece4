"""Many requests in a file, answered within a day."""

from __future__ import annotations

from typing import Literal

from ceyx.types.batch_usage import BatchUsage
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.view import Answer, View

__all__ = ["Batch", "BatchError", "BatchRequestCounts"]


class BatchError(View):
    """Why the input was refused."""

    code: str | None = None
    line: int | None = None
    """The line of the input file."""
    message: str | None = None
    param: str | None = None


class Errors(View):
    """Why the batch failed."""

    data: list[BatchError] | None = None
    object: str | None = None


class BatchRequestCounts(View):
    """How many requests there are, and how far they are."""

    completed: int
    failed: int
    total: int


class Batch(Answer):
    """How far the batch is. Times are Unix times, in seconds."""

    id: str
    completion_window: str
    created_at: int
    endpoint: str
    input_file_id: str
    object: Literal["batch"]
    status: Literal["validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"]
    cancelled_at: int | None = None
    cancelling_at: int | None = None
    completed_at: int | None = None
    error_file_id: str | None = None
    """The file of the requests that failed."""
    errors: Errors | None = None
    expired_at: int | None = None
    expires_at: int | None = None
    failed_at: int | None = None
    finalizing_at: int | None = None
    in_progress_at: int | None = None
    metadata: Metadata | None = None
    model: str | None = None
    output_file_id: str | None = None
    """The file of the answers, in any order; each has the `custom_id` of its request."""
    request_counts: BatchRequestCounts | None = None
    usage: BatchUsage | None = None
