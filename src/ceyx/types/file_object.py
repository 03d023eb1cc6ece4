"""Files as the server keeps them."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Answer

__all__ = ["FileContent", "FileDeleted", "FileObject"]

FileContent = str


class FileObject(Answer):
    """A file, less its content."""

    id: str
    bytes: int
    created_at: int
    """Unix time, in seconds."""
    filename: str
    object: Literal["file"]
    purpose: Literal[
        "assistants",
        "assistants_output",
        "batch",
        "batch_output",
        "fine-tune",
        "fine-tune-results",
        "vision",
        "user_data",
    ]
    status: Literal["uploaded", "processed", "error"]
    """Deprecated. (Azure has more of them, such as `pending`.)"""
    expires_at: int | None = None
    """Unix time, in seconds."""
    status_details: str | None = None
    """Deprecated: why a file for fine-tuning was refused."""


class FileDeleted(Answer):
    """Says whether a file is gone."""

    id: str
    deleted: bool
    object: Literal["file"]
