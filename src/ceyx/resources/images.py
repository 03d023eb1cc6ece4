"""Images: made, and edited."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack, get_args

from ceyx.resources.required import complete
from ceyx.types.image_edit_stream_event import ImageEditStreamEvent
from ceyx.types.image_gen_stream_event import ImageGenStreamEvent
from ceyx.types.images_response import ImagesResponse
from ceyx.wire.call import Call
from ceyx.wire.collecting import TypedEvents
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, streamable
from ceyx.wire.wrapping import by_type

if TYPE_CHECKING:
    from ceyx.types.image_create_variation_params import CreateVariation
    from ceyx.types.image_edit_params import EditEither, EditStreamed, EditWhole
    from ceyx.types.image_generate_params import GenerateEither, GenerateStreamed, GenerateWhole

PARAMETERS = "ceyx.types.image_create_variation_params ceyx.types.image_edit_params ceyx.types.image_generate_params"
GENERATED: Any = partial(TypedEvents, by_type(list(get_args(ImageGenStreamEvent))), frozenset({"image_generation.completed"}))
EDITED: Any = partial(TypedEvents, by_type(list(get_args(ImageEditStreamEvent))), frozenset({"image_edit.completed"}))


class Images(Resource[Mode]):
    plan: Images[Plan]
    with_raw_response: Images[Raw[Mode]]
    with_streaming_response: Images[Streaming[Mode]]

    def _generate_streamed(self, **params: Unpack[GenerateStreamed]) -> ImageGenStreamEvent: ...  # type: ignore[empty-body]
    def _generate_either(self, **params: Unpack[GenerateEither]) -> Any: ...
    def _edit_streamed(self, **params: Unpack[EditStreamed]) -> ImageEditStreamEvent: ...  # type: ignore[empty-body]
    def _edit_either(self, **params: Unpack[EditEither]) -> Any: ...

    @streamable(_generate_streamed, _generate_either)
    def generate(self, **params: Unpack[GenerateWhole]) -> Call[ImagesResponse]:
        """Images from a prompt; with `stream=True`, as many drafts as `partial_images` says, then the image.

        Parameters: `ceyx.types.ImageGenerateParams`.
        """
        complete(params, "prompt")
        return self._run(Call("POST", "/images/generations", ImagesResponse.wrap, params, GENERATED))

    @streamable(_edit_streamed, _edit_either)
    def edit(self, **params: Unpack[EditWhole]) -> Call[ImagesResponse]:
        """Images from others and a prompt; with `stream=True`, as many drafts as `partial_images` says, then the image.

        Parameters: `ceyx.types.ImageEditParams`.
        """
        complete(params, "image", "prompt")
        return self._run(Call("POST", "/images/edits", ImagesResponse.wrap, params, EDITED, files=("image", "mask", "markup")))

    @endpoint
    def create_variation(self, **params: Unpack[CreateVariation]) -> Call[ImagesResponse]:
        """Deprecated, use `edit`: an image made again differently. OpenAI has closed it; other servers may have it.

        Parameters: `ceyx.types.ImageCreateVariationParams`.
        """
        warnings.warn("create_variation is deprecated; use edit", DeprecationWarning, stacklevel=3 if self._awaits else 2)
        complete(params, "image")
        return self._run(Call("POST", "/images/variations", ImagesResponse.wrap, params, files=("image",)))


if TYPE_CHECKING:
    AsyncImages = Images[Async]
else:
    AsyncImages = asynchronous(Images)
