"""The end of a streamed edit."""

from __future__ import annotations

from typing import Literal

from ceyx.types.image_gen_completed_event import (
    ImageEvent,
    Usage as Usage,
    UsageInputTokensDetails as UsageInputTokensDetails,
)

__all__ = ["ImageEditCompletedEvent"]


class ImageEditCompletedEvent(ImageEvent):
    """The image."""

    type: Literal["image_edit.completed"]
    usage: Usage
    safety_identifier: str | None = None
    """Whom the request was made for: its `safety_identifier`, else its `user`."""
