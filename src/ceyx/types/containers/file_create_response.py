"""Files in a container, and what they are put in and listed with."""

from __future__ import annotations

from typing import Literal

from ceyx.types.file_types import FileTypes
from ceyx.types.page_params import OrderedPage
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import Answer

__all__ = ["FileCreateParams", "FileCreateResponse", "FileListParams", "FileListResponse", "FileRetrieveResponse"]


class ContainerFile(Answer):
    """A file in a container."""

    id: str
    bytes: int
    """Its size."""
    container_id: str
    created_at: int
    """Unix time, in seconds."""
    object: Literal["container.file"]
    path: str
    """Where it is in the container."""
    source: str
    """Who put it there: `user` or `assistant`."""


FileCreateResponse = ContainerFile
FileRetrieveResponse = ContainerFile
FileListResponse = ContainerFile


class FileCreateParams(TypedDict, total=False):
    """A file to put in: from here (`file`), or one that was uploaded (`file_id`)."""

    file: FileTypes | Omit
    file_id: str | Omit


class FileListParams(OrderedPage, total=False):
    """The files of a container, all or some."""


class Create(FileCreateParams, Options):
    """`containers.files.create`."""


class List(FileListParams, Options):
    """`containers.files.list`."""
