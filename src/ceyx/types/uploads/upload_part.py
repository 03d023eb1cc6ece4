"""A part of an upload: what is sent, and what comes back."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.file_types import FileTypes
from ceyx.wire.call import Options
from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import Answer

__all__ = ["PartCreateParams", "UploadPart"]


class UploadPart(Answer):
    """A part that has arrived."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    object: Literal["upload.part"]
    upload_id: str


class PartCreateParams(TypedDict, total=False):
    """The bytes of a part."""

    data: Required[FileTypes]
    """Up to 64 MB."""


class Create(PartCreateParams, Options):
    """`create`."""
