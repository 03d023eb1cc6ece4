"""What uploads are begun and completed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Required

from ceyx.types.file_create_params import ExpiresAfter as ExpiresAfter, FilePurpose
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["UploadCompleteParams", "UploadCreateParams"]


class UploadCreateParams(TypedDict, total=False):
    """A file, before it is sent."""

    bytes: Required[int]
    """How large it is."""
    filename: Required[str]
    mime_type: Required[str]
    """Such as `text/jsonl`; which are allowed depends on the purpose."""
    purpose: Required[FilePurpose]
    """Who reads the file; `user_data` is for anything."""
    expires_after: ExpiresAfter | Omit
    """How long to keep it: files for batches 30 days by default, others until they are deleted."""


class UploadCompleteParams(TypedDict, total=False):
    """The parts, in order."""

    part_ids: Required[Sequence[str]]
    md5: str | Omit
    """Of the whole file, in hexadecimal; the server then checks what arrived."""


class Create(UploadCreateParams, Options):
    """`create`."""


class Complete(UploadCompleteParams, Options):
    """`complete`."""
