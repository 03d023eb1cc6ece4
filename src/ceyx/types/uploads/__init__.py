"""The nouns of an upload's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.uploads.upload_part import PartCreateParams as PartCreateParams, UploadPart as UploadPart
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "upload_part",
    )
