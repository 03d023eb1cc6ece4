"""Voices of your own, and the recordings that allow to make them."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Answer

__all__ = ["Voice", "VoiceConsent", "VoiceConsentDeleted", "VoiceDeleted"]


class Voice(Answer):
    """A voice made from a sample, or from a description."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    name: str
    object: Literal["audio.voice"]
    type: Literal["audio_sample", "prompt"]
    prompt: str | None = None
    """The description it was made from."""


class VoiceDeleted(Answer):
    """Says whether a voice is gone."""

    id: str
    deleted: bool
    object: Literal["audio.voice.deleted"]


class VoiceConsent(Answer):
    """A recording in which somebody allows their voice to be made."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    language: str
    """BCP 47, such as `en-US`."""
    name: str
    object: Literal["audio.voice_consent"]


class VoiceConsentDeleted(Answer):
    """Says whether a recording is gone."""

    id: str
    deleted: bool
    object: Literal["audio.voice_consent"]
