"""A file that is sent in parts."""

from __future__ import annotations

from typing import Literal

from ceyx.types.file_object import FileObject
from ceyx.wire.view import Answer

__all__ = ["Upload"]


class Upload(Answer):
    """How far the upload is."""

    id: str
    bytes: int
    """How large the file is to be."""
    created_at: int
    """Unix time, in seconds."""
    expires_at: int
    """When it is given up, unless it was completed: an hour later (Unix time, in seconds)."""
    filename: str
    object: Literal["upload"]
    purpose: str
    status: Literal["pending", "completed", "cancelled", "expired"]
    file: FileObject | None = None
    """The file, once it is complete."""
