"""A transcription in JSON, and what it was billed for."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Answer, View

__all__ = ["Transcription", "TranscriptionLanguage"]


class TranscriptionLanguage(View):
    """A language that was heard."""

    code: str


class Logprob(View):
    """A token, and how sure the model was of it."""

    token: str | None = None
    bytes: list[int] | None = None
    logprob: float | None = None


class UsageTokensInputTokenDetails(View):
    """The tokens of what was sent, by kind."""

    audio_tokens: int | None = None
    text_tokens: int | None = None


class UsageTokens(View):
    """Billed by tokens."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    type: Literal["tokens"]
    input_token_details: UsageTokensInputTokenDetails | None = None


class UsageDuration(View):
    """Billed by the length of the audio."""

    seconds: float
    type: Literal["duration"]


Usage = UsageTokens | UsageDuration


class Transcription(Answer):
    """What was said."""

    text: str
    languages: list[TranscriptionLanguage] | None = None
    """The languages heard, from `gpt-transcribe`; empty where none could be told."""
    logprobs: list[Logprob] | None = None
    """For `include=["logprobs"]`."""
    usage: Usage | None = None
