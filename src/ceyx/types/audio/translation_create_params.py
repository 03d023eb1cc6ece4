"""What speech is translated with."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.audio_model import AudioModel
from ceyx.types.file_types import FileTypes
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["TranslationCreateParams"]


class _EveryFormat(TypedDict, total=False):
    file: Required[FileTypes]
    """flac, mp3, mp4, mpeg, mpga, m4a, ogg, wav or webm; its name tells the server which."""
    model: Required[str | AudioModel]
    """`whisper-1`; on Azure, the name of your deployment of it."""
    prompt: str | Omit
    """A text in English whose style to follow, or what was said before."""
    temperature: float | Omit
    """0 to 1: higher is more random. At 0, the model raises it by itself where it must."""


class TranslationCreateParams(_EveryFormat, total=False):
    """Speech in any language, to be English."""

    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] | Omit
    """`json` by default: the text in an object. `text`, `srt` and `vtt` give a str."""


class CreateJSON(_EveryFormat, Options, total=False):
    """`create` for a Translation."""

    response_format: Literal["json"] | Omit


class CreateVerbose(_EveryFormat, Options, total=False):
    """`create` for a TranslationVerbose."""

    response_format: Required[Literal["verbose_json"]]


class CreateText(_EveryFormat, Options, total=False):
    """`create` for a str."""

    response_format: Required[Literal["text", "srt", "vtt"]]


class CreateAny(TranslationCreateParams, Options, total=False):
    """`create` where only the running program knows which of them."""
