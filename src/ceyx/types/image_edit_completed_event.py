"""The end of a streamed edit."""

from __future__ import annotations

from typing import Literal

from ceyx.types.image_gen_completed_event import ImageCompleted
from ceyx.types.images_response import Usage as Usage, UsageInputTokensDetails as UsageInputTokensDetails

__all__ = ["ImageEditCompletedEvent"]


class ImageEditCompletedEvent(ImageCompleted):
    """The image."""

    type: Literal["image_edit.completed"]
