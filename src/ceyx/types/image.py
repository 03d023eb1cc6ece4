"""An image that was made, and the models that make them."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.content_filter import ContentFilterResults
from ceyx.wire.view import IfSent, View

__all__ = ["Image", "ImageModel"]

ImageModel = Literal[
    "gpt-image-1.5", "gpt-image-2", "gpt-image-2-2026-04-21", "gpt-image-2.5-sunburst", "gpt-image-2.5-sunburst-2026-09-08",
    "gpt-image-2.5-flare", "gpt-image-2.5-flare-2026-09-08", "gpt-image-2.6-sunburst", "gpt-image-2.6-flare", "gpt-image-1",
    "gpt-image-1-mini", "chatgpt-image-latest", "dall-e-2", "dall-e-3",
]  # fmt: skip


class Image(View):
    """An image, or where it is."""

    b64_json: str | None = None
    """The image itself in base64, as the GPT image models give it."""
    revised_prompt: str | None = None
    """The prompt as `dall-e-3` rewrote it."""
    url: str | None = None
    """Where it is, for an hour; with `dall-e-2` and `dall-e-3`."""
    content_filter_results: IfSent[ContentFilterResults | None] = None
    """Azure: what its filter found in the image."""
    prompt_filter_results: IfSent[ContentFilterResults | None] = None
    """Azure: what its filter found in the prompt."""
