"""What images are made from."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.image import ImageModel
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ImageGenerateParams"]


class SvgReasoning(TypedDict, total=False):
    """How much the author of the SVG thinks."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None


class Svg(TypedDict, total=False):
    """Who writes the SVG."""

    model: Required[str]
    reasoning: SvgReasoning | None


class Rendering(TypedDict, total=False):
    """What making and editing images have in common."""

    background: Literal["transparent", "opaque", "auto"] | Omit | None
    """`auto` by default; `transparent` needs png or webp."""
    complexity: Literal["low", "medium", "high"] | Omit | None
    """How much thought goes into planning the image, whatever its quality."""
    frame_count: int | Omit | None
    """Frames of a gif: 2 to 16, 9 by default."""
    frame_duration_ms: int | Omit | None
    """How long a gif shows each frame, 200 milliseconds by default."""
    model: str | ImageModel | Omit | None
    """The model that draws; on Azure, the name of your deployment of it."""
    n: int | Omit | None
    """How many images: 1 to 10."""
    output_compression: int | Omit | None
    """0 to 100 percent for webp and jpeg, 100 by default."""
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | Omit | None
    partial_images: int | Omit | None
    """How many drafts a stream shows, 0 to 3; fewer where the image is done sooner."""
    response_format: Literal["url", "b64_json"] | Omit | None
    """Of `dall-e-2` and `dall-e-3`; the GPT image models always give base64."""
    safety_identifier: str | Omit | None
    """A stable identifier of your end user for the provider's abuse detection; hash what is personal."""
    user: str | Omit
    """Deprecated, use `safety_identifier`."""


class ImageGenerateParamsBase(Rendering, total=False):
    """Every parameter but `stream`."""

    prompt: Required[str]
    """What to show, in up to 32,000 characters."""
    moderation: Literal["low", "auto"] | Omit | None
    """How strict the filter is: `low` less so; `auto` by default."""
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto", "standard", "hd"] | Omit | None
    """`auto` by default; not every model knows every one."""
    size: (
        str | Literal["auto", "1024x1024", "1536x1024", "1024x1536", "256x256", "512x512", "1792x1024", "1024x1792"] | Omit | None
    )
    """`auto`, or width x height: from gpt-image-2 on, any multiples of 16 not longer than 3:1 and up to 3840x2160."""
    style: Literal["vivid", "natural"] | Omit | None
    """Of `dall-e-3`; tell other models in the prompt."""
    svg: Svg | Omit | None
    """Who writes the SVG, for `output_format="svg"`."""


class ImageGenerateParamsNonStreaming(ImageGenerateParamsBase, total=False):
    """Asks for the images."""

    stream: Literal[False] | Omit | None
    """True gives drafts before the image; false by default."""


class ImageGenerateParamsStreaming(ImageGenerateParamsBase):
    """Asks for drafts, then the image."""

    stream: Required[Literal[True]]


ImageGenerateParams = ImageGenerateParamsNonStreaming | ImageGenerateParamsStreaming


class GenerateWhole(ImageGenerateParamsNonStreaming, Options):
    """`generate` for the images."""


class GenerateStreamed(ImageGenerateParamsStreaming, Options):
    """`generate` for drafts, then the image."""


class GenerateEither(ImageGenerateParamsBase, Options, total=False):
    """`generate` where only the running program knows which of the two."""

    stream: Required[bool | Omit | None]
