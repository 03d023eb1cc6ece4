"""What families of models can do and how much they take, by the names of models.

As OpenAI documents it of each family; what a family is not known to do is not said, and of other models nothing is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Family(NamedTuple):
    """The models whose names begin alike."""

    name: str
    most_in: int
    most_out: int
    sees: bool = True
    """Images, and PDF files, which are given as images of their pages."""
    reasons: bool = False
    shapes: bool = True
    """Whether answers can be asked for by a schema that the API enforces."""
    hears: bool = False
    calls: bool = True
    """Whether it calls tools."""


FAMILIES = (
    Family("gpt-3.5-turbo", 16_385, 4_096, sees=False, shapes=False),
    Family("gpt-35-turbo", 16_385, 4_096, sees=False, shapes=False),
    Family("gpt-4", 8_192, 8_192, sees=False, shapes=False),
    Family("gpt-4-32k", 32_768, 32_768, sees=False, shapes=False),
    Family("gpt-4-1106-preview", 128_000, 4_096, sees=False, shapes=False),
    Family("gpt-4-0125-preview", 128_000, 4_096, sees=False, shapes=False),
    Family("gpt-4-turbo", 128_000, 4_096, shapes=False),
    Family("gpt-4o", 128_000, 16_384),
    Family("gpt-4o-2024-05-13", 128_000, 4_096, shapes=False),
    Family("gpt-4o-audio-preview", 128_000, 16_384, sees=False, shapes=False, hears=True),
    Family("gpt-audio", 128_000, 16_384, sees=False, shapes=False, hears=True),
    Family("gpt-4.1", 1_047_576, 32_768),
    Family("gpt-5", 272_000, 128_000, reasons=True),
    Family("gpt-5-pro", 272_000, 272_000, reasons=True),
    Family("gpt-5.1", 272_000, 128_000, reasons=True),
    Family("gpt-5.2", 272_000, 128_000, reasons=True),
    Family("gpt-5.2-pro", 272_000, 128_000, reasons=True, shapes=False),
    Family("gpt-5.4", 1_050_000, 128_000, reasons=True),
    Family("gpt-5.4-pro", 1_050_000, 128_000, reasons=True, shapes=False),
    Family("gpt-5.4-mini", 400_000, 128_000, reasons=True),
    Family("gpt-5.4-nano", 400_000, 128_000, reasons=True),
    Family("gpt-5.5", 1_050_000, 128_000, reasons=True),
    Family("gpt-5.6", 1_050_000, 128_000, reasons=True),
    Family("gpt-6", 1_050_000, 128_000, reasons=True),
    Family("gpt-6.1", 1_050_000, 128_000, reasons=True),
    Family("o1", 200_000, 100_000, reasons=True),
    Family("o1-mini", 128_000, 65_536, sees=False, reasons=True, shapes=False, calls=False),
    Family("o3", 200_000, 100_000, reasons=True),
    Family("o3-mini", 200_000, 100_000, sees=False, reasons=True),
    Family("o4-mini", 200_000, 100_000, reasons=True),
)
UNLIKE = ("-chat", "-codex", "-search", "-realtime", "-transcribe", "-tts", "-image", "-instruct", "-deep-research", "-preview")
"""What marks models that are not as the rest of their family, and of which nothing is said."""


@lru_cache(maxsize=256)
def family_of(name: str) -> Family | None:
    """The family of a model, also of one that was tuned."""
    model = name.lower().removeprefix("openai/").removeprefix("ft:")
    known = [family for family in FAMILIES if model == family.name or model.startswith((f"{family.name}-", f"{family.name}:"))]
    family = max(known, key=lambda family: len(family.name), default=None)
    return None if family is None or any(mark in model.removeprefix(family.name) for mark in UNLIKE) else family
