"""The parts of a streamed image."""

from __future__ import annotations

from typing import Literal

from ceyx.types.image_gen_completed_event import ImageEvent, ImageGenCompletedEvent

__all__ = ["ImageGenPartialImageEvent", "ImageGenStreamEvent"]


class ImageGenPartialImageEvent(ImageEvent):
    """The image as far as it is."""

    partial_image_index: int
    type: Literal["image_generation.partial_image"]


ImageGenStreamEvent = ImageGenPartialImageEvent | ImageGenCompletedEvent
