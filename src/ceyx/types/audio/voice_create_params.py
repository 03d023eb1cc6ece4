"""What voices are made with."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.file_types import FileTypes
from ceyx.types.page_params import Page
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["VoiceConsentCreateParams", "VoiceConsentListParams", "VoiceConsentUpdateParams", "VoiceCreateParams"]


class CreateVoiceRequestAudioSample(TypedDict, total=False):
    """A voice from a sample of it."""

    audio_sample: Required[FileTypes]
    consent: Required[str]
    """The id of the recording in which its owner allows it."""
    name: Required[str]
    type: Literal["audio_sample"] | Omit


class CreateVoiceRequestPrompt(TypedDict, total=False):
    """A voice from a description of it."""

    name: Required[str]
    prompt: Required[str]
    """What the voice is like."""
    type: Required[Literal["prompt"]]
    model: str | Literal["auto", "2026-10-08"] | Omit
    script_hint: str | Omit


VoiceCreateParams = CreateVoiceRequestAudioSample | CreateVoiceRequestPrompt


class VoiceConsentCreateParams(TypedDict, total=False):
    """A recording in which somebody allows their voice to be made."""

    language: Required[str]
    """BCP 47, such as `en-US`."""
    name: Required[str]
    recording: Required[FileTypes]
    """Up to 10 MiB of mpeg, wav, ogg, aac, flac, webm or mp4."""


class VoiceConsentListParams(Page, total=False):
    """All recordings."""


class VoiceConsentUpdateParams(TypedDict, total=False):
    """Another name for a recording."""

    name: Required[str]


class Create(Options, total=False):
    """`voices.create`, from a sample or from a description."""

    name: Required[str]
    type: Literal["audio_sample", "prompt"] | Omit
    """`audio_sample` by default."""
    audio_sample: FileTypes
    """Needed for `audio_sample`: up to 10 MiB of mpeg, wav, ogg, aac, flac, webm or mp4."""
    consent: str
    """Needed for `audio_sample`: the id of the recording in which the voice's owner allows it."""
    prompt: str
    """Needed for `prompt`: what the voice is like."""
    model: str | Literal["auto", "2026-10-08"] | Omit
    script_hint: str | Omit


class CreateConsent(VoiceConsentCreateParams, Options):
    """`voice_consents.create`."""


class ListConsents(VoiceConsentListParams, Options):
    """`voice_consents.list`."""


class UpdateConsent(VoiceConsentUpdateParams, Options):
    """`voice_consents.update`."""
