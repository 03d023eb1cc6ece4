"""The models the service plays: what each is for, the name it answers under, the size of its vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["chat", "completion", "embedding", "speech", "transcription", "image", "moderation"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the service plays it."""

    id: str
    kind: Kind
    snapshot: str
    """What `model` says in an answer: the dated name behind an alias."""
    created: int = 1_715_367_049
    dimensions: int = 0
    shortens: bool = False
    """Whether `dimensions` may ask for shorter vectors."""
    window: int = -1
    """How many tokens it reads and writes at most; 0: nobody knows."""
    written: int = 0
    """How many of them it writes at most."""
    table: str = ""
    """The name of the model whose tokens it has."""

    def __post_init__(self) -> None:
        if self.window < 0:  # not so for one that was made from another
            window, written = _sizes(self.id)
            for name, value in (("window", window), ("written", written), ("table", self.id)):
                object.__setattr__(self, name, value)


# By how a model's name begins, or that of the models after it; the longest wins.
_SIZES = {
    "gpt-3.5-turbo": (16_385, 4_096),
    "gpt-35-turbo": (16_385, 4_096),
    **dict.fromkeys(("gpt-3.5-turbo-0613", "gpt-35-turbo-0301", "gpt-35-turbo-0613"), (4_096, 4_096)),
    **dict.fromkeys(("gpt-3.5-turbo-instruct", "gpt-35-turbo-instruct"), (4_096, 4_096)),
    **dict.fromkeys(("davinci-002", "babbage-002"), (16_384, 16_384)),
    "gpt-4": (8_192, 8_192),
    "gpt-4-32k": (32_768, 32_768),
    **dict.fromkeys(("gpt-4-turbo", "gpt-4-1106", "gpt-4-0125", "gpt-4-vision", "gpt-4o-2024-05-13"), (128_000, 4_096)),
    "gpt-4o": (128_000, 16_384),
    "gpt-4.1": (1_047_576, 32_768),
    "gpt-5": (400_000, 128_000),
    **dict.fromkeys(("gpt-5.4", "gpt-5.5"), (1_050_000, 128_000)),
    **dict.fromkeys(("o1", "o3", "o4-mini"), (200_000, 100_000)),
    "text-embedding-": (8_192, 0),
}


def _sizes(name: str) -> tuple[int, int]:
    known = [begin for begin in _SIZES if name.startswith(begin)]
    return _SIZES[max(known, key=len)] if known else (0, 0)


def _chat(*names: str) -> list[Model]:
    """One model under an alias and its dated names; the alias answers under the last."""
    return [Model(name, "chat", names[-1] if name == names[0] else name) for name in names]


_COMPLETION = ["gpt-3.5-turbo-instruct", "gpt-3.5-turbo-instruct-0914", "gpt-35-turbo-instruct", "davinci-002", "babbage-002"]
_TRANSCRIPTION = ["whisper-1", "whisper", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"]
_IMAGE = ["gpt-image-2", "gpt-image-1.5", "gpt-image-1", "gpt-image-1-mini", "dall-e-3", "dall-e-2"]
# What the names of other models tell of their kind, looked for in this order.
_TOLD_BY: list[tuple[str, Kind]] = [
    ("embed", "embedding"),
    ("transcribe", "transcription"),
    ("whisper", "transcription"),
    ("tts", "speech"),
    ("dall-e", "image"),
    ("gpt-image", "image"),
    ("moderation", "moderation"),
    ("instruct", "completion"),
    ("davinci", "completion"),
    ("babbage", "completion"),
]
_KNOWN = [
    *_chat("gpt-3.5-turbo", "gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106", "gpt-3.5-turbo-0125"),
    *_chat("gpt-35-turbo"),  # Azure's spelling, which its answers keep
    *_chat("gpt-35-turbo-0301"),
    *_chat("gpt-35-turbo-0125"),
    *_chat("gpt-35-turbo-16k"),
    *_chat("gpt-4", "gpt-4-0613"),
    *_chat("gpt-4-turbo", "gpt-4-turbo-2024-04-09"),
    *_chat("gpt-4o", "gpt-4o-2024-05-13", "gpt-4o-2024-11-20", "gpt-4o-2024-08-06"),
    *_chat("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    *_chat("gpt-4o-audio-preview"),
    *_chat("gpt-4.1", "gpt-4.1-2025-04-14"),
    *_chat("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
    *_chat("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
    *_chat("gpt-5", "gpt-5-2025-08-07"),
    *_chat("gpt-5-mini", "gpt-5-mini-2025-08-07"),
    *_chat("gpt-5-nano", "gpt-5-nano-2025-08-07"),
    *_chat("gpt-5.1", "gpt-5.1-2025-11-13"),
    *_chat("gpt-5.2"),
    *_chat("gpt-5.4"),
    *_chat("gpt-5.5"),
    *_chat("o1", "o1-2024-12-17"),
    *_chat("o3", "o3-2025-04-16"),
    *_chat("o3-mini", "o3-mini-2025-01-31"),
    *_chat("o4-mini", "o4-mini-2025-04-16"),
    *(Model(name, "completion", name) for name in _COMPLETION),
    Model("text-embedding-ada-002", "embedding", "text-embedding-ada-002", 1_671_217_299, 1536),
    Model("text-embedding-3-small", "embedding", "text-embedding-3-small", 1_705_948_997, 1536, True),
    Model("text-embedding-3-large", "embedding", "text-embedding-3-large", 1_705_953_180, 3072, True),
    *(Model(name, "speech", name) for name in ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")),
    *(Model(name, "transcription", name) for name in _TRANSCRIPTION),
    *(Model(name, "image", name) for name in _IMAGE),
    *(Model(name, "moderation", name) for name in ("omni-moderation-latest", "text-moderation-latest")),
]
MODELS = {model.id: model for model in _KNOWN}

DEPLOYMENTS = {
    **{name: name for name in MODELS},
    "gpt-35-turbo-instruct-prod": "gpt-35-turbo-instruct",
    "gpt-35-turbo-instruct-0914": "gpt-35-turbo-instruct",
    "gpt-4o-deployment": "gpt-4o",
    "gpt-4o-mini-deployment": "gpt-4o-mini",
    "gpt-quickstart": "gpt-4o",
}
"""Deployments there are without any setting: every model under its own name, and names used in widely read examples."""


def model_named(name: str) -> Model:
    """The model of this name; one the catalogue has never heard of is placed by its name."""
    if name in MODELS:
        return MODELS[name]
    kinds: list[Kind] = [kind for told, kind in _TOLD_BY if told in name]
    kind: Kind = kinds[0] if kinds else "chat"
    return Model(name, kind, name, dimensions=1536, shortens=True) if kind == "embedding" else Model(name, kind, name)
