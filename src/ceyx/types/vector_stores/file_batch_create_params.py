"""What files are put into a vector store with, changed and listed, one by one and in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.file_chunking_strategy import FileChunkingStrategyParam
from ceyx.types.page_params import TwoWayPage
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "FileBatchCreateParams", "FileBatchListFilesParams", "FileCreateParams", "FileListParams", "FileUpdateParams",
]  # fmt: skip

Attributes = dict[str, str | float | bool]
"""Up to 16 values (text to 512 characters) by names (to 64), for searches to filter by."""


class Attributed(TypedDict, total=False):
    """How files are put in."""

    attributes: Attributes | Omit | None
    """Up to 16 values (text to 512 characters) by names (to 64), for searches to filter by."""
    chunking_strategy: FileChunkingStrategyParam | Omit
    """How they are cut, `auto` by default."""


class FileCreateParams(Attributed, total=False):
    """An uploaded file to put in."""

    file_id: Required[str]


class File(TypedDict, total=False):
    """An uploaded file to put in, in a way of its own."""

    file_id: Required[str]
    attributes: Attributes | None
    chunking_strategy: FileChunkingStrategyParam


class FileBatchCreateParams(Attributed, total=False):
    """Up to 2,000 uploaded files to put in: either `file_ids`, all in the same way, or `files`, each in its own."""

    file_ids: Sequence[str] | Omit
    """`attributes` and `chunking_strategy` are for all of them."""
    files: Iterable[File] | Omit
    """`attributes` and `chunking_strategy` are given with each."""


class FileUpdateParams(TypedDict, total=False):
    """Other attributes for a file."""

    vector_store_id: Required[str]
    attributes: Required[Attributes | None]
    """In place of those it has."""


class FileListParams(TwoWayPage, total=False):
    """Files of a vector store or batch, all or some."""

    filter: Literal["in_progress", "completed", "failed", "cancelled"] | Omit
    """Only those in this state."""


class FileBatchListFilesParams(FileListParams, total=False):
    """Files of a batch, all or some."""

    vector_store_id: Required[str]


class Create(FileCreateParams, Options):
    """`files.create`."""


class Attach(Attributed, Options):
    """`files.create_and_poll`, whose `file_id` comes first."""


class List(FileListParams, Options):
    """`files.list` and `file_batches.list_files`."""


class CreateBatch(FileBatchCreateParams, Options):
    """`file_batches.create` and `file_batches.create_and_poll`."""
