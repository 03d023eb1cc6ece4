"""What is to be moderated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ModerationCreateParams", "ModerationImageURLInputParam", "ModerationModel", "ModerationMultiModalInputParam",
    "ModerationTextInputParam",
]  # fmt: skip

ModerationModel = Literal[
    "omni-moderation-latest", "omni-moderation-2024-09-26", "text-moderation-latest", "text-moderation-stable"
]


class ImageURL(TypedDict, total=False):
    """Where an image is."""

    url: Required[str]
    """An address, or the image itself as a data URL."""


class ModerationImageURLInputParam(TypedDict, total=False):
    """An image to look at."""

    image_url: Required[ImageURL]
    type: Required[Literal["image_url"]]


class ModerationTextInputParam(TypedDict, total=False):
    """A text to look at."""

    text: Required[str]
    type: Required[Literal["text"]]


ModerationMultiModalInputParam = ModerationImageURLInputParam | ModerationTextInputParam


class ModerationCreateParams(TypedDict, total=False):
    """What to look at."""

    input: Required[str | Iterable[str | ModerationMultiModalInputParam]]
    """A text, several, or texts and images."""
    model: str | ModerationModel | Omit
    """`omni-moderation-latest` by default."""


class Create(ModerationCreateParams, Options):
    """`create`."""
