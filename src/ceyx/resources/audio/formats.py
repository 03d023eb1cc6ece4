"""What transcriptions and translations give: another type for each `response_format`, at run time and to type checkers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, Unpack, overload

if TYPE_CHECKING:
    from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
    from ceyx.streaming import AsyncStream, Stream
    from ceyx.types.audio import (
        Transcription,
        TranscriptionDiarized,
        TranscriptionStreamEvent,
        TranscriptionVerbose,
        Translation,
        TranslationVerbose,
        transcription_create_params as transcribe,
        translation_create_params as translate,
    )
    from ceyx.wire.call import Call
    from ceyx.wire.endpoint import _ByMode

    J = TypeVar("J", covariant=True)
    V = TypeVar("V", covariant=True)
    D = TypeVar("D", covariant=True)
    T = TypeVar("T", covariant=True)
    S = TypeVar("S", covariant=True)

    class Transcribing(Protocol[J, V, D, T, S]):
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateJSON]) -> J: ...
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateVerbose]) -> V: ...
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateDiarized]) -> D: ...
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateText]) -> T: ...
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateStreamed]) -> S: ...
        @overload
        def __call__(self, **params: Unpack[transcribe.CreateAny]) -> J | V | D | T | S: ...

    class transcribes(
        _ByMode[
            Transcribing[Transcription, TranscriptionVerbose, TranscriptionDiarized, str, Stream[TranscriptionStreamEvent]],
            Transcribing[
                Coroutine[None, None, Transcription],
                Coroutine[None, None, TranscriptionVerbose],
                Coroutine[None, None, TranscriptionDiarized],
                Coroutine[None, None, str],
                Coroutine[None, None, AsyncStream[TranscriptionStreamEvent]],
            ],
            Transcribing[
                RawResponse[Transcription],
                RawResponse[TranscriptionVerbose],
                RawResponse[TranscriptionDiarized],
                RawResponse[str],
                RawResponse[Stream[TranscriptionStreamEvent]],
            ],
            Transcribing[
                Coroutine[None, None, RawResponse[Transcription]],
                Coroutine[None, None, RawResponse[TranscriptionVerbose]],
                Coroutine[None, None, RawResponse[TranscriptionDiarized]],
                Coroutine[None, None, RawResponse[str]],
                Coroutine[None, None, RawResponse[AsyncStream[TranscriptionStreamEvent]]],
            ],
            Transcribing[
                AbstractContextManager[APIResponse[Transcription]],
                AbstractContextManager[APIResponse[TranscriptionVerbose]],
                AbstractContextManager[APIResponse[TranscriptionDiarized]],
                AbstractContextManager[APIResponse[str]],
                AbstractContextManager[APIResponse[Stream[TranscriptionStreamEvent]]],
            ],
            Transcribing[
                AbstractAsyncContextManager[AsyncAPIResponse[Transcription]],
                AbstractAsyncContextManager[AsyncAPIResponse[TranscriptionVerbose]],
                AbstractAsyncContextManager[AsyncAPIResponse[TranscriptionDiarized]],
                AbstractAsyncContextManager[AsyncAPIResponse[str]],
                AbstractAsyncContextManager[AsyncAPIResponse[AsyncStream[TranscriptionStreamEvent]]],
            ],
            Transcribing[
                Call[Transcription],
                Call[TranscriptionVerbose],
                Call[TranscriptionDiarized],
                Call[str],
                Call[TranscriptionStreamEvent],
            ],
        ]
    ):
        """Declare an endpoint that transcribes."""

        def __init__(self, build: Callable[..., Call[Any]]) -> None: ...

    class Translating(Protocol[J, V, T]):
        @overload
        def __call__(self, **params: Unpack[translate.CreateJSON]) -> J: ...
        @overload
        def __call__(self, **params: Unpack[translate.CreateVerbose]) -> V: ...
        @overload
        def __call__(self, **params: Unpack[translate.CreateText]) -> T: ...
        @overload
        def __call__(self, **params: Unpack[translate.CreateAny]) -> J | V | T: ...

    class translates(
        _ByMode[
            Translating[Translation, TranslationVerbose, str],
            Translating[
                Coroutine[None, None, Translation], Coroutine[None, None, TranslationVerbose], Coroutine[None, None, str]
            ],
            Translating[RawResponse[Translation], RawResponse[TranslationVerbose], RawResponse[str]],
            Translating[
                Coroutine[None, None, RawResponse[Translation]],
                Coroutine[None, None, RawResponse[TranslationVerbose]],
                Coroutine[None, None, RawResponse[str]],
            ],
            Translating[
                AbstractContextManager[APIResponse[Translation]],
                AbstractContextManager[APIResponse[TranslationVerbose]],
                AbstractContextManager[APIResponse[str]],
            ],
            Translating[
                AbstractAsyncContextManager[AsyncAPIResponse[Translation]],
                AbstractAsyncContextManager[AsyncAPIResponse[TranslationVerbose]],
                AbstractAsyncContextManager[AsyncAPIResponse[str]],
            ],
            Translating[Call[Translation], Call[TranslationVerbose], Call[str]],
        ]
    ):
        """Declare an endpoint that translates."""

        def __init__(self, build: Callable[..., Call[Any]]) -> None: ...
else:
    from ceyx.wire.endpoint import endpoint

    transcribes = translates = endpoint


def decoding(views: dict[str, Any], response_format: Any) -> tuple[Callable[[Any], Any], Literal["json", "bytes"]]:
    """How to read an answer of this format, and from what: the view of it, else that of `json`, which is the default."""
    if response_format in ("text", "srt", "vtt"):
        return _text, "bytes"
    return (views.get(response_format) if isinstance(response_format, str) else None) or views["json"], "json"


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
