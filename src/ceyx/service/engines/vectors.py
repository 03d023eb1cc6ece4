"""Embeddings from spelling: texts that share words, or parts of words, are close. No meaning is understood."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from functools import cache, lru_cache
from hashlib import blake2b, shake_256
from struct import Struct

from ceyx.service.catalogue import Model

# One character of a script written without spaces is a word; elsewhere a run of letters is.
_word = re.compile(r"[\u2e80-\ud7ff\uf900-\ufaff\U0001f000-\U0010ffff]|[^\W\u2e80-\ud7ff\uf900-\ufaff]+")
_places = Struct("<8H").unpack
_GROUND = 0.3
"""How much of every vector is shared by all, so that no component is zero and unlike texts are not quite unlike."""


def vector(text: str | list[int], model: Model, dimensions: int | None = None) -> array[float]:
    """The embedding of a text, or of its tokens: float32, of length 1."""
    words = Counter(_word.findall(text.lower())) if isinstance(text, str) else Counter(f"#{token}" for token in text)
    size = model.dimensions
    sums = [0.0] * size
    for word, count in words.items():
        # Short words say little; a word said twice does not say twice as much.
        weight = (1 + math.log(count)) * (0.3 if len(word) <= 3 and word.isascii() and word.isalpha() else 1.0)
        for place, value in _features(word, size):
            sums[place] += weight * value
    length = math.sqrt(sum(value * value for value in sums)) or 1.0
    ground = _ground(model.id, size)
    sums = [value / length + share for value, share in zip(sums, ground, strict=True)]
    if dimensions is not None:
        sums = sums[:dimensions]
    length = math.sqrt(sum(value * value for value in sums))
    return array("f", [value / length for value in sums])


@lru_cache(65536)
def _features(word: str, size: int) -> list[tuple[int, float]]:
    """Where a word, and each three letters of it, point."""
    marked = f"<{word}>"
    grams = [marked[i : i + 3] for i in range(min(len(marked) - 2, 40))]
    share = 0.7 / math.sqrt(len(grams) or 1)
    found: list[tuple[int, float]] = []
    for feature, weight in [(word, 1.0), *((gram, share) for gram in grams)]:
        drawn = _places(blake2b(feature.encode(errors="replace"), digest_size=16).digest())
        found += [((number >> 1) % size, weight if number & 1 else -weight) for number in drawn]
    return found


@cache
def _ground(name: str, size: int) -> list[float]:
    drawn = [byte - 127.5 for byte in shake_256(name.encode()).digest(size)]
    length = math.sqrt(sum(value * value for value in drawn))
    return [_GROUND * value / length for value in drawn]
