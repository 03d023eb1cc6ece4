"""Translations: speech in any language as English text."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.audio.formats import decoding, translates
from ceyx.resources.required import complete
from ceyx.types.audio.translation import Translation, TranslationVerbose
from ceyx.wire.call import Call
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous

if TYPE_CHECKING:
    from ceyx.types.audio.translation_create_params import CreateAny

PARAMETERS = "ceyx.types.audio.translation_create_params"
VIEWS = {"json": Translation.wrap, "verbose_json": TranslationVerbose.wrap}


class Translations(Resource[Mode]):
    plan: Translations[Plan]
    with_raw_response: Translations[Raw[Mode]]
    with_streaming_response: Translations[Streaming[Mode]]

    @translates
    def create(self, **params: Unpack[CreateAny]) -> Call[Any]:
        """Deprecated, OpenAI ends it in 2027: what is said in `file`, in English; an object in any JSON format, else a str.

        Parameters: `ceyx.types.audio.TranslationCreateParams`.
        """
        said = "translations.create is deprecated: OpenAI ends it in February 2027; use transcriptions, and a model to translate"
        warnings.warn(said, DeprecationWarning, stacklevel=3 if self._awaits else 2)
        complete(params, "file", "model", fixed_model=self._fixed_model)
        decode, reads = decoding(VIEWS, params.get("response_format"))
        return self._run(Call("POST", "/audio/translations", decode, params, reads=reads, files=("file",)))


if TYPE_CHECKING:
    AsyncTranslations = Translations[Async]
else:
    AsyncTranslations = asynchronous(Translations)
