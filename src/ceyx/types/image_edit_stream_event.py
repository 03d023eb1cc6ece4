"""The parts of a streamed edit."""

from __future__ import annotations

from typing import Literal

from ceyx.types.image_edit_completed_event import ImageEditCompletedEvent
from ceyx.types.image_gen_completed_event import ImageEvent

__all__ = ["ImageEditPartialImageEvent", "ImageEditStreamEvent"]


class ImageEditPartialImageEvent(ImageEvent):
    """The image as far as it is."""

    partial_image_index: int
    type: Literal["image_edit.partial_image"]


ImageEditStreamEvent = ImageEditPartialImageEvent | ImageEditCompletedEvent
