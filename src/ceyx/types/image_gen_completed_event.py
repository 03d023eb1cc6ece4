"""The end of a streamed image."""

from __future__ import annotations

from typing import Literal

from ceyx.types.images_response import Usage as Usage, UsageInputTokensDetails as UsageInputTokensDetails
from ceyx.wire.view import View

__all__ = ["ImageGenCompletedEvent"]


class ImageEvent(View):
    """What every event of an image holds."""

    b64_json: str
    """The image in base64."""
    background: Literal["transparent", "opaque", "auto"]
    created_at: int
    """Unix time, in seconds."""
    output_format: Literal["png", "webp", "jpeg"]
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"]
    size: str | Literal["1024x1024", "1024x1536", "1536x1024", "auto"]


class ImageCompleted(ImageEvent):
    """The image, and what it cost."""

    usage: Usage
    safety_identifier: str | None = None
    """Whom the request was made for: its `safety_identifier`, else its `user`."""


class ImageGenCompletedEvent(ImageCompleted):
    """The image."""

    type: Literal["image_generation.completed"]
