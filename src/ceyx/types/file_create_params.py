"""What files are stored with, and which to list."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.file_types import FileTypes
from ceyx.types.page_params import OrderedPage
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["FileCreateParams", "FileListParams", "FilePurpose"]

FilePurpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class ExpiresAfter(TypedDict, total=False):
    """How long to keep a file."""

    anchor: Required[Literal["created_at"]]
    """When that file was made; of a batch, its files of answers and errors."""
    seconds: Required[int]
    """3,600 to 2,592,000: an hour to 30 days."""


class FileCreateParams(TypedDict, total=False):
    """A file, and what it is for."""

    file: Required[FileTypes]
    """Up to 512 MB; more goes by `client.uploads`."""
    purpose: Required[FilePurpose]
    """Who reads the file; `user_data` is for anything."""
    expires_after: ExpiresAfter | Omit
    """How long to keep it: files for batches 30 days by default, others until they are deleted."""


class FileListParams(OrderedPage, total=False):
    """Files, all or some."""

    limit: int | Omit
    """How many a page holds: 1 to 10,000, which is the default."""
    purpose: str | Omit
    """Only those for this purpose."""


class Create(FileCreateParams, Options):
    """`create`."""


class List(FileListParams, Options):
    """`list`."""
