"""What images are edited with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.file_types import FileTypes
from ceyx.types.image_generate_params import Rendering
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ImageEditParams", "ImageInputReferenceParam"]


class ImageInputReferenceParam(TypedDict, total=False):
    """An image by one of the two."""

    file_id: str
    image_url: str
    """An address, or the image itself as a data URL."""


class SvgReasoning(TypedDict, total=False):
    """How much the author of the SVG thinks."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Svg(TypedDict, total=False):
    """Who writes the SVG."""

    model: str
    reasoning: SvgReasoning | None


class ImageEditParamsBase(Rendering, total=False):
    """Every parameter but `stream`."""

    image: Required[FileTypes | Sequence[FileTypes]]
    """The image to change, or several to make one of; png, webp or jpeg."""
    prompt: Required[str]
    """What to change, in up to 32,000 characters."""
    input_fidelity: Literal["high", "low"] | Omit | None
    """How closely to keep to what is there, faces above all; `low` by default."""
    markup: FileTypes | Omit
    """An image whose marks show what to change."""
    mask: FileTypes | Omit
    """A png as large as the (first) image; only where it is transparent, something changes."""
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto", "standard"] | Omit | None
    """`auto` by default; not every model knows every one."""
    size: str | Literal["1024x1024", "1536x1024", "1024x1536", "auto", "256x256", "512x512"] | Omit | None
    """`auto`, or width x height."""
    svg: Svg | Omit | None
    """Who writes the SVG, for `output_format="svg"`."""


class ImageEditParamsNonStreaming(ImageEditParamsBase, total=False):
    """Asks for the images."""

    stream: Literal[False] | Omit | None
    """True gives drafts before the image; false by default."""


class ImageEditParamsStreaming(ImageEditParamsBase):
    """Asks for drafts, then the image."""

    stream: Required[Literal[True]]


ImageEditParams = ImageEditParamsNonStreaming | ImageEditParamsStreaming


class EditWhole(ImageEditParamsNonStreaming, Options):
    """`edit` for the images."""


class EditStreamed(ImageEditParamsStreaming, Options):
    """`edit` for drafts, then the image."""


class EditEither(ImageEditParamsBase, Options, total=False):
    """`edit` where only the running program knows which of the two."""

    stream: Required[bool | Omit | None]
