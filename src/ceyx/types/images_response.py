"""Images that came back whole."""

from __future__ import annotations

from typing import Literal

from ceyx.types.image import Image
from ceyx.wire.view import Answer, View

__all__ = ["ImagesResponse"]


class UsageInputTokensDetails(View):
    """The tokens of prompt and images, by kind."""

    image_tokens: int
    text_tokens: int


UsageOutputTokensDetails = UsageInputTokensDetails


class Usage(View):
    """What making the images took."""

    input_tokens: int
    input_tokens_details: UsageInputTokensDetails
    output_tokens: int
    total_tokens: int
    output_tokens_details: UsageOutputTokensDetails | None = None


class SvgUsage(View):
    """What writing SVG took, beside the images it is drawn from."""

    input_tokens: int
    model: str
    output_tokens: int
    reasoning_tokens: int
    total_tokens: int


class ImagesResponse(Answer):
    """The images."""

    created: int
    """Unix time, in seconds."""
    background: Literal["transparent", "opaque"] | None = None
    data: list[Image] | None = None
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None = None
    quality: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    safety_identifier: str | None = None
    """Whom the request was made for: its `safety_identifier`, else its `user`."""
    size: str | Literal["1024x1024", "1024x1536", "1536x1024"] | None = None
    svg_usage: SvgUsage | None = None
    usage: Usage | None = None
