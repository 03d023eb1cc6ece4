"""Pictures of nothing: squares in two colours, mirrored, the same for the same seed; as PNG, JPEG and WebP.

Two flat colours need little of what these formats can do, and so no library: PNG has one bit a pixel, JPEG only the mean of each
block, WebP one bit for each channel in which the colours differ.
"""

from __future__ import annotations

import colorsys
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import Self, TypeAlias

CELLS = 8
Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """A picture by its seed, which is hexadecimal."""

    seed: str
    width: int
    height: int
    transparent: bool = False
    drawn: int = CELLS
    """How many of its rows of squares are there: fewer in a draft."""

    @classmethod
    def of(cls, what: bytes, width: int, height: int, transparent: bool = False) -> Self:
        """The picture of a prompt, or of whatever it is made from."""
        return cls(blake2b(what, digest_size=8).hexdigest(), width, height, transparent)

    def draft(self, share: float) -> Self:
        """This picture while it is drawn."""
        return replace(self, drawn=round(CELLS * share))

    @cached_property
    def colours(self) -> tuple[Colour, Colour]:
        """Behind and before."""
        hue = int(self.seed[:2], 16) / 256
        return _rgb(hue, 0.95, 0.3), _rgb(hue, 0.42, 0.6)

    @cached_property
    def rows(self) -> list[list[bool]]:
        """Which squares are set, from the top."""
        bits = int(self.seed[2:10], 16)
        half = CELLS // 2
        left = [[bool(bits >> (row * half + column) & 1) for column in range(half)] for row in range(CELLS)]
        return [row + row[::-1] if place < self.drawn else [False] * CELLS for place, row in enumerate(left)]

    def spread(self, length: int) -> list[int]:
        """The square that each of so many pixels in a line is of."""
        return [pixel * CELLS // length for pixel in range(length)]


def _rgb(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def png(picture: Picture) -> bytes:
    """One bit a pixel, which chooses from a palette of two."""
    columns = picture.spread(picture.width)
    lines = {place: b"\0" + _packed("".join("01"[row[column]] for column in columns)) for place, row in enumerate(picture.rows)}
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 1, 3, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n" + _png_chunk(b"IHDR", head) + _png_chunk(b"PLTE", bytes(sum(picture.colours, ())))
    if picture.transparent:
        made += _png_chunk(b"tRNS", b"\0")
    pixels = b"".join(lines[place] for place in picture.spread(picture.height))
    return made + _png_chunk(b"IDAT", zlib.compress(pixels)) + _png_chunk(b"IEND", b"")


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _packed(bits: str, fill: str = "0") -> bytes:
    """Bits as bytes, the first of them the highest."""
    padded = bits.ljust(-(-len(bits) // 8) * 8, fill)
    return int(padded, 2).to_bytes(len(padded) // 8)


# ---- JPEG (ITU T.81), baseline: a block of 8 x 8 pixels is its mean, so that only the first of its coefficients is there

_STEP = 8  # at which that coefficient is the mean itself, less 128
_LENGTHS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)  # the customary code of how many bits a difference has
_CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110")
_NO_MORE = "0"


def jpeg(picture: Picture) -> bytes:
    """Three channels of the same resolution; squares end where a block does."""
    means = [_ycc(colour) for colour in picture.colours]
    steps = {(a, b): _difference(means[a], means[b]) for a in (0, 1) for b in (0, 1)}
    columns, lines = (picture.spread(-(-length // 8)) for length in (picture.width, picture.height))
    blocks = [int(picture.rows[line][column]) for line in lines for column in columns]
    bits = [_difference((0, 0, 0), means[blocks[0]]), *(steps[pair] for pair in pairwise(blocks))]
    parts = ((1, 0x11, 0), (2, 0x11, 0), (3, 0x11, 0))
    frame = struct.pack(">BHHB", 8, picture.height, picture.width, 3) + b"".join(bytes(part) for part in parts)
    codes = b"\0" + bytes(_LENGTHS) + bytes(range(12)) + b"\x10" + bytes([1, *[0] * 15]) + b"\0"
    scan = b"\3" + b"\1\0\2\0\3\0" + b"\0\x3f\0"
    segments = (
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xDB, b"\0" + bytes([_STEP] * 64)),
        (0xC0, frame),
        (0xC4, codes),
        (0xDA, scan),
    )
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in segments)
    return b"\xff\xd8" + head + _packed("".join(bits), "1").replace(b"\xff", b"\xff\0") + b"\xff\xd9"


def _ycc(colour: Colour) -> Colour:
    """A colour as JFIF has it, each channel less 128."""
    red, green, blue = colour
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(light) - 128, round(0.564 * (blue - light)), round(0.713 * (red - light))


def _difference(before: Colour, now: Colour) -> str:
    """One block of each channel, as bits."""
    made = ""
    for old, new in zip(before, now, strict=True):
        size = abs(new - old).bit_length()
        value = new - old if new > old else new - old + (1 << size) - 1
        made += _CODES[size] + (f"{value:0{size}b}" if size else "") + _NO_MORE
    return made


# ---- WebP, lossless (RFC 9649): without transforms or cache, with codes of one symbol or two for each channel


def webp(picture: Picture) -> bytes:
    behind, before = (*picture.colours[0], 0 if picture.transparent else 255), (*picture.colours[1], 255)
    bits = [
        _low_first((0x2F, 8), (picture.width - 1, 14), (picture.height - 1, 14), (int(picture.transparent), 1), (0, 3), (0, 3))
    ]
    spelled = ["", ""]
    for channel in (1, 0, 2, 3):  # green, red, blue, alpha
        values = sorted({behind[channel], before[channel]})
        bits.append(_low_first((1, 1), (len(values) - 1, 1), (1, 1), *((value, 8) for value in values)))
        if len(values) == 2:
            spelled = [spelled[i] + "01"[colour[channel] == values[1]] for i, colour in enumerate((behind, before))]
    bits.append(_low_first((1, 1), (0, 1), (0, 1), (0, 1)))  # distances, which nothing here needs
    columns = picture.spread(picture.width)
    lines = ["".join(spelled[row[column]] for column in columns) for row in picture.rows]
    bits += [lines[place] for place in picture.spread(picture.height)]
    joined = "".join(bits)
    content = int(joined[::-1], 2).to_bytes(-(-len(joined) // 8), "little")
    chunk = b"VP8L" + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _low_first(*fields: tuple[int, int]) -> str:
    """Numbers in so many bits each, as WebP has them: the lowest first."""
    return "".join(f"{number:0{bits}b}"[::-1] for number, bits in fields)


FORMATS: dict[str, Callable[[Picture], bytes]] = {"png": png, "jpeg": jpeg, "webp": webp}
BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}


def format_of(content: bytes) -> str | None:
    """Which of these formats a file begins as."""
    found = next((name for name, begins in BEGINNINGS.items() if content.startswith(begins)), None)
    return None if found == "webp" and content[8:12] != b"WEBP" else found
