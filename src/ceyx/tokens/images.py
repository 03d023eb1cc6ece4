"""How many tokens an image is, by the rules of each model: whole tiles of 512 pixels, or patches of 32.

Knows the rules and how to find the size of an image in its own bytes; it fetches nothing, so an image behind a URL is taken for a
square of 1024 pixels.
"""

from __future__ import annotations

from binascii import Error, a2b_base64
from math import ceil, floor, inf, sqrt
from typing import Literal, NamedTuple

PATCH = 32
TILE = 512
UNKNOWN_SIZE = (1024, 1024)


class Tiles(NamedTuple):
    """So much for the image as a whole, and so much for each tile of 512 pixels it takes, once its shorter side is 768."""

    base: int
    tile: int


class Patches(NamedTuple):
    """A factor times the patches of 32 pixels; images with more than `most` are shrunk, unless detail is "original" or "auto"."""

    factor: float
    most: float = 1536
    most_original: float = 1536


# By how a model's name begins; the longest wins. What the providers document, or, where that is known to be off, what their usage
# was found to be.
RULES: dict[str, Tiles | Patches] = {
    "gpt-4o": Tiles(85, 170),
    "chatgpt-4o": Tiles(85, 170),
    "gpt-4-": Tiles(85, 170),
    "gpt-4.1": Tiles(85, 170),
    "gpt-4.5": Tiles(85, 170),
    "gpt-4o-mini": Tiles(2833, 5667),
    "o1": Tiles(75, 150),
    "o3": Tiles(75, 150),
    "computer-use": Tiles(65, 129),
    "gpt-5": Tiles(70, 140),
    "gpt-4.1-mini": Patches(1.62),
    "gpt-4.1-nano": Patches(2.46),
    "o4-mini": Patches(1.72),
    "gpt-5-mini": Patches(1.2),  # documented as 1.62
    "gpt-5-nano": Patches(2.46),
    "gpt-5.2": Patches(1.2),
    "gpt-5.3": Patches(1.2),
    "gpt-5.4": Patches(1.2, 2500, 10_000),
    "gpt-5.5": Patches(1.2, 2500, 10_000),
    "gpt-5.6": Patches(1.2, 2500, 10_000),
    "gpt-6": Patches(1.2, 2500, inf),
}
NEWEST = RULES["gpt-6"]


def image_tokens(model: str, size: tuple[int, int] | None, detail: str = "auto") -> tuple[int, bool]:
    """The tokens of an image, and whether they are known rather than guessed."""
    names = [name for name in RULES if model.startswith(name)]
    rule = RULES[max(names, key=len)] if names else NEWEST
    if isinstance(rule, Tiles):
        if detail == "low":
            return rule.base, bool(names)
        return rule.base + rule.tile * _tiles(*(size or UNKNOWN_SIZE)), bool(names and size)
    return _patched(rule, *(size or UNKNOWN_SIZE), detail), False


def _tiles(width: float, height: float) -> int:
    shrink = min(1, 2048 / max(width, height))
    shrink *= min(1, 768 / (min(width, height) * shrink))
    return ceil(width * shrink / TILE) * ceil(height * shrink / TILE)


def _patched(rule: Patches, width: float, height: float, detail: str) -> int:
    if detail == "low":
        shrink = min(1, TILE / max(width, height))
        width, height = width * shrink, height * shrink
    across, down = width / PATCH, height / PATCH
    most = rule.most if detail == "high" else rule.most_original
    if ceil(across) * ceil(down) > most:
        shrink = sqrt(most / (across * down))
        across, down = across * shrink, down * shrink
        shrink = min(floor(across) / across, floor(down) / down)  # so that one side fills whole patches
        across, down = across * shrink, down * shrink
    return ceil(round(ceil(round(across, 6)) * ceil(round(down, 6)) * rule.factor, 6))


def size_in(url: str) -> tuple[int, int] | None:
    """Width and height of the image that a `data:` URL holds; None for other URLs, and for what is no PNG, JPEG, GIF or WebP."""
    if not url.startswith("data:"):
        return None
    text = url.partition(",")[2]
    # The size is at the beginning; of a JPEG, it may come after a preview and other attachments.
    for length in (4096, len(text)):
        try:
            data = a2b_base64(text[:length])
        except (Error, ValueError):
            return None
        if (found := _size_of(data)) is not None:
            return found
    return None


def _size_of(data: bytes) -> tuple[int, int] | None:
    def number(start: int, length: int, order: Literal["big", "little"] = "big") -> int:
        return int.from_bytes(data[start : start + length], order)

    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return number(16, 4), number(20, 4)
    if data[:4] == b"GIF8" and len(data) >= 10:
        return number(6, 2, "little"), number(8, 2, "little")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        if data[12:16] == b"VP8X":
            return number(24, 3, "little") + 1, number(27, 3, "little") + 1
        if data[12:16] == b"VP8L":
            bits = number(21, 4, "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        return number(26, 2, "little") & 0x3FFF, number(28, 2, "little") & 0x3FFF
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the start of a frame, which says its size
            return number(at + 7, 2), number(at + 5, 2)
        at += 2 + number(at + 2, 2)
    return None
