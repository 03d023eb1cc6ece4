"""What may be given where a file is uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import IO, TypeAlias

FileContent: TypeAlias = IO[bytes] | bytes | PathLike[str]
"""Bytes, a file opened in binary mode, or a path as `pathlib` has it. A `str` is neither: it could be a path or the content.

A file is sent from its beginning, wherever it was read to, and is not closed. One that cannot seek (a pipe) is sent as it
comes, once: without a length (`transfer-encoding: chunked`), and without retries once it was begun.
"""
FileTypes: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""The content alone, or after a file name, with the content type and further headers of that part where they are to be set."""

RequestFiles: TypeAlias = Mapping[str, FileTypes] | Iterable[tuple[str, FileTypes]]
"""Files by the names of their fields."""

__all__ = ["FileTypes"]
