"""What speech is transcribed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.audio_model import AudioModel, AudioResponseFormat
from ceyx.types.file_types import FileTypes
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["TranscriptionCreateParams", "TranscriptionInclude"]

TranscriptionInclude = Literal["logprobs"]


class ChunkingStrategyVadConfig(TypedDict, total=False):
    """Cuts the audio where nobody speaks."""

    type: Required[Literal["server_vad"]]
    prefix_padding_ms: int
    """How much of the audio before the first word to keep, in milliseconds."""
    silence_duration_ms: int
    """The silence that ends a piece, in milliseconds: shorter is faster, and cuts in short pauses."""
    threshold: float
    """0 to 1: how loud speech must be; higher for noisy surroundings."""


ChunkingStrategy = Literal["auto"] | ChunkingStrategyVadConfig


class _EveryFormat(TypedDict, total=False):
    file: Required[FileTypes]
    """flac, mp3, mp4, mpeg, mpga, m4a, ogg, wav or webm; its name tells the server which."""
    model: Required[str | AudioModel]
    """The model that listens; on Azure, the name of your deployment of it."""
    chunking_strategy: ChunkingStrategy | Omit | None
    """How the audio is cut in pieces; not at all by default. Telling speakers apart needs it above 30 seconds."""
    include: list[TranscriptionInclude] | Omit
    """`logprobs` returns how sure the model was of each token; for `json` and the models of the gpt-4o family."""
    keywords: Sequence[str] | Omit
    """Words to listen for, for `gpt-transcribe`."""
    known_speaker_names: Sequence[str] | Omit
    """Names for the voices of `known_speaker_references`, up to four."""
    known_speaker_references: Sequence[str] | Omit
    """Samples of voices as data URLs, of 2 to 10 seconds each."""
    language: str | Omit
    """The language spoken (ISO 639-1, such as `en`), where it is known: better and faster so."""
    languages: Sequence[str] | Omit
    """Languages that may be spoken (ISO 639-1), for `gpt-transcribe`."""
    prompt: str | Omit
    """A text in the language of the audio whose style to follow, or what was said before."""
    temperature: float | Omit
    """0 to 1: higher is more random. At 0, the model raises it by itself where it must."""
    timestamp_granularities: list[Literal["word", "segment"]] | Omit
    """Which times to return, for `verbose_json`; those of words take longer."""


class TranscriptionCreateParamsBase(_EveryFormat, total=False):
    """Every parameter but `stream`."""

    response_format: AudioResponseFormat | Omit
    """`json` by default: the text in an object. `text`, `srt` and `vtt` give a str. Not every model knows every format."""


class TranscriptionCreateParamsNonStreaming(TranscriptionCreateParamsBase, total=False):
    """Asks for the whole transcription."""

    stream: Literal[False] | Omit | None
    """True gives the text in pieces, as they are heard; false by default. `whisper-1` cannot."""


class TranscriptionCreateParamsStreaming(TranscriptionCreateParamsBase):
    """Asks for the transcription in pieces."""

    stream: Required[Literal[True]]


TranscriptionCreateParams = TranscriptionCreateParamsNonStreaming | TranscriptionCreateParamsStreaming


class _Whole(_EveryFormat, Options, total=False):
    stream: Literal[False] | Omit | None


class CreateJSON(_Whole, total=False):
    """`create` for a Transcription."""

    response_format: Literal["json"] | Omit


class CreateVerbose(_Whole, total=False):
    """`create` for a TranscriptionVerbose."""

    response_format: Required[Literal["verbose_json"]]


class CreateDiarized(_Whole, total=False):
    """`create` for a TranscriptionDiarized."""

    response_format: Required[Literal["diarized_json"]]


class CreateText(_Whole, total=False):
    """`create` for a str."""

    response_format: Required[Literal["text", "srt", "vtt"]]


class CreateStreamed(TranscriptionCreateParamsStreaming, Options):
    """`create` for the transcription in pieces."""


class CreateAny(TranscriptionCreateParamsBase, Options, total=False):
    """`create` where only the running program knows which of them."""

    stream: bool | Omit | None
    """True gives the text in pieces, as they are heard; false by default. `whisper-1` cannot."""
