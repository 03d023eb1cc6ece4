"""Speech that is none: a melody with one tone for each letter of a text, as samples.

The lowest bit of each of its first samples spells the text, too quiet to hear, so that even samples without any container
tell what they say.
"""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b

RATE = 24_000
"""Samples a second: that of the provider's speech."""
_LETTER = 0.072
_SCALE = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21)
_OVERTONES = ((1, 0.6), (2, 0.25), (3, 0.15))
_MARK = b"ceyx"


@dataclass(frozen=True)
class Speech:
    """A text as it is spoken."""

    text: str
    voice: str = "alloy"
    speed: float = 1.0

    @property
    def letter(self) -> int:
        """How many samples each letter lasts."""
        return round(RATE * _LETTER / self.speed)

    @property
    def length(self) -> int:
        """How many samples there are."""
        return self.letter * len(self.text)

    @property
    def seconds(self) -> float:
        return self.length / RATE

    @cached_property
    def tones(self) -> list[float]:
        """The frequency of each letter in hertz; 0 for what is not spoken. A voice is its lowest tone."""
        lowest = 140 + blake2b(self.voice.encode(), digest_size=1).digest()[0]
        scale = [lowest * 2 ** (step / 12) for step in _SCALE]
        return [scale[ord(letter.lower()) % len(scale)] if letter.isalnum() else 0.0 for letter in self.text]

    def samples(self) -> bytes:
        """16-bit little-endian samples of one channel."""
        sounds = bytearray(b"".join(_tone(frequency, self.letter) for frequency in self.tones))
        said = self.text.encode()
        spelled = int.from_bytes(_MARK + len(said).to_bytes(4) + said)
        bits = f"{spelled:0{8 * (8 + len(said))}b}"
        for place, bit in zip(range(0, len(sounds), 2), bits, strict=False):
            sounds[place] = sounds[place] & 0xFE | (bit == "1")
        return bytes(sounds)


def text_in(samples: bytes) -> str | None:
    """The text that samples spell, if they are of this module's making."""
    if _bytes_in(samples, 0, 4) != _MARK:
        return None
    said = _bytes_in(samples, 8, int.from_bytes(_bytes_in(samples, 4, 4)))
    return said.decode(errors="replace")


def _bytes_in(samples: bytes, start: int, count: int) -> bytes:
    """So many bytes, or as many as there are, of those spelled by the lowest bits."""
    bits = "".join("1" if low & 1 else "0" for low in samples[16 * start : 16 * (start + count) : 2])
    whole = len(bits) // 8
    return int(bits[: 8 * whole], 2).to_bytes(whole) if whole else b""


@lru_cache(2048)
def _tone(frequency: float, samples: int) -> bytes:
    """A tone that swells and fades, so that none begins or ends in a click."""
    if not frequency:
        return bytes(2 * samples)
    sound = array("h")
    for i in range(samples):
        turn = 2 * math.pi * frequency * i / RATE
        loudness = 9000 * math.sin(math.pi * i / samples)
        sound.append(round(loudness * sum(share * math.sin(times * turn) for times, share in _OVERTONES)))
    if sys.byteorder == "big":
        sound.byteswap()
    return sound.tobytes()
