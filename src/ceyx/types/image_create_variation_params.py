"""What variations of an image are made from."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.file_types import FileTypes
from ceyx.types.image import ImageModel
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ImageCreateVariationParams"]


class ImageCreateVariationParams(TypedDict, total=False):
    """An image, to be made again differently."""

    image: Required[FileTypes]
    """A square png below 4 MB."""
    model: str | ImageModel | Omit | None
    """`dall-e-2`."""
    n: int | Omit | None
    """How many images: 1 to 10."""
    response_format: Literal["url", "b64_json"] | Omit | None
    size: Literal["256x256", "512x512", "1024x1024"] | Omit | None
    user: str | Omit
    """A stable identifier of your end user."""


class CreateVariation(ImageCreateVariationParams, Options):
    """`create_variation`."""
