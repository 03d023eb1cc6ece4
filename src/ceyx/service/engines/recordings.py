"""Speech as files of every format a client may ask for, made without an encoder.

wav, flac and pcm hold the melody sample by sample; mp3 and aac hold its tones as single lines of their spectrum, opus as packets
that were made before. Each file has the text in a tag, by which `heard.py` knows it again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import md5

from ceyx.service.engines import opus_tones
from ceyx.service.engines.speech import RATE, Speech

TAG = "CEYX_TEXT"
"""The name of the tag that holds the text."""


def wav(speech: Speech) -> bytes:
    """RIFF: the samples, and the text as the comment of an INFO list."""
    samples = speech.samples()
    info = b"INFO" + _chunk(b"ISFT", b"ceyx\0") + _chunk(b"ICMT", speech.text.encode() + b"\0")
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    return _chunk(b"RIFF", b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", info) + _chunk(b"data", samples))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


# ---- flac (RFC 9639)

_BLOCK = 4096


def flac(speech: Speech) -> bytes:
    """Samples as they are, in frames that compress nothing."""
    samples = speech.samples()
    length = RATE << 44 | 0 << 41 | 15 << 36 | len(samples) // 2  # rate, channels less one, bits less one, samples
    block = struct.pack(">HH", _BLOCK, _BLOCK)
    about = block + bytes(6) + length.to_bytes(8) + md5(samples, usedforsecurity=False).digest()
    tags = _vorbis_comment(speech.text)
    head = b"fLaC" + b"\0" + len(about).to_bytes(3) + about + b"\x84" + len(tags).to_bytes(3) + tags
    return head + b"".join(_flac_frames(samples))


def _flac_frames(samples: bytes) -> Iterator[bytes]:
    for number, start in enumerate(range(0, len(samples), 2 * _BLOCK)):
        block = samples[start : start + 2 * _BLOCK]
        big_endian = bytearray(block)
        big_endian[::2], big_endian[1::2] = block[1::2], block[::2]
        # Sync and fixed block size; size at the end of the header, 24 kHz; one channel, 16 bits; the frame's number.
        head = b"\xff\xf8\x77\x08" + chr(number).encode() + struct.pack(">H", len(block) // 2 - 1)
        frame = head + bytes([_crc8(head)]) + b"\x02" + big_endian  # 2: a subframe of verbatim samples
        yield frame + struct.pack(">H", _crc16(frame))


def _vorbis_comment(text: str) -> bytes:
    vendor, comment = b"ceyx", f"{TAG}={text}".encode()
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<II", 1, len(comment)) + comment


# ---- Ogg Opus (RFC 3533, RFC 7845)

_OPUS_RATE = 48_000  # by which granules count, whatever the rate of the source
_SKIPPED = 312
_SERIAL = 0x63657978


def opus(speech: Speech) -> bytes:
    """Packets of 20 ms, fifty to a page, each with the tone that sounds in its middle."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, _SKIPPED, RATE, 0, 0)
    pages = [_page([head], 0, 0, 2), _page([b"OpusTags" + _vorbis_comment(speech.text)], 0, 1, 0)]
    last = _SKIPPED + speech.length * _OPUS_RATE // RATE  # where what is heard ends
    middles = (max(start + 480 - _SKIPPED, 0) * RATE // _OPUS_RATE for start in range(0, max(last, 1), 960))
    packets = [opus_tones.packet(speech.tones[min(middle // speech.letter, len(speech.tones) - 1)]) for middle in middles]
    for start in range(0, len(packets), 50):
        some = packets[start : start + 50]
        ends = start + len(some) == len(packets)
        granule = last if ends else (start + len(some)) * 960
        pages.append(_page(some, granule, len(pages), 4 if ends else 0))
    return b"".join(pages)


def _page(packets: list[bytes], granule: int, number: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    head = b"OggS" + struct.pack("<BBqII", 0, flags, granule, _SERIAL, number)
    rest = bytes([len(lacing)]) + lacing + b"".join(packets)
    return head + struct.pack("<I", _ogg_crc(head + bytes(4) + rest)) + rest


# ---- what begins with an ID3 tag: mp3 and aac


def mp3(speech: Speech) -> bytes:
    """MPEG-2 Layer III at 32 kbit/s: in each frame one line of the spectrum, that of the tone which sounds."""
    frames = -(-speech.length // 576)
    tones = (speech.tones[min(frame * 576 // speech.letter, len(speech.tones) - 1)] for frame in range(frames))
    return _id3(speech.text) + b"".join(map(_mp3_frame, tones))


def _mp3_frame(frequency: float) -> bytes:
    line = round(frequency / (RATE / 2 / 576))
    pairs = line // 2 + 1 if frequency else 0
    # Huffman table 1: a pair of zeros is 1; (1, 0) and (0, 1) are 01 and 001, then the sign.
    spectrum = "1" * (pairs - 1) + ("0010" if line % 2 else "010") if pairs else ""
    side = _Bits()
    side.add((0, 8), (0, 1), (len(spectrum), 12), (pairs, 9), (197, 8), (0, 9), (0, 1))  # 197: as loud as the other formats
    side.add((1, 5), (1, 5), (1, 5), (0, 4), (0, 3), (0, 1), (0, 1))  # table 1 throughout
    return (b"\xff\xf3\x44\xc0" + side.bytes() + _Bits(spectrum).bytes()).ljust(96, b"\0")


def aac(speech: Speech) -> bytes:
    """ADTS: AAC-LC of one channel, in each frame one line of the spectrum, as in mp3."""
    frames = -(-speech.length // 1024)
    tones = (speech.tones[min(frame * 1024 // speech.letter, len(speech.tones) - 1)] for frame in range(frames))
    return _id3(speech.text) + b"".join(map(_aac_frame, tones))


# The bands of the spectrum at 24 kHz, as far as our tones go, by the line that each ends with; and the codes of four lines of
# which one is 1, by which that is (Huffman table 3), less its sign. That of four zeros is 0.
_BANDS = (*range(4, 45, 4), *range(52, 125, 8), 136)
_ONE_OF_FOUR = ("1000", "1010", "1011", "1001")
_AAC_GAIN = 188  # about as loud as mp3


def _aac_frame(frequency: float) -> bytes:
    line = round(frequency / (RATE / 2 / 1024))
    block = _Bits()
    if frequency:
        band = next(place for place, end in enumerate(_BANDS) if line < end)
        begins = _BANDS[band - 1] if band else 0
        fours = ["0"] * ((_BANDS[band] - begins) // 4)
        fours[(line - begins) // 4] = _ONE_OF_FOUR[(line - begins) % 4] + "0"
        block.add((0, 7), (_AAC_GAIN, 8), (0, 4), (band + 1, 6), (0, 1))  # a channel, its loudness; long windows, so many bands
        block.add(*([(0, 4), (band, 5)] if band else []), (3, 4), (1, 5))  # no table for those below, table 3 for the last
        block.add((0, 1), (0, 3))  # the last is as loud as the channel; no tools
        block = _Bits(block.text + "".join(fours))
    else:
        block.add((0, 29))  # a channel: no bands, no tools
    block.add((0b111, 3))  # the end
    content = block.bytes()
    frame = _Bits()
    frame.add((0xFFF, 12), (0b0001, 4), (1, 2), (6, 4), (0, 1), (1, 3), (0, 4), (7 + len(content), 13), (0x7FF, 11), (0, 2))
    return frame.bytes() + content


def _id3(text: str) -> bytes:
    """An ID3v2.4 tag with one frame of our own."""
    value = b"\x03" + TAG.encode() + b"\0" + text.encode()
    frame = b"TXXX" + syncsafe(len(value)) + b"\0\0" + value
    return b"ID3\x04\0\0" + syncsafe(len(frame)) + frame


def syncsafe(number: int) -> bytes:
    """28 bits in four bytes, none of which looks like the beginning of a frame."""
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


class _Bits:
    """Bits on their way to be bytes."""

    def __init__(self, bits: str = "") -> None:
        self.text = bits

    def add(self, *fields: tuple[int, int]) -> None:
        """Each a number, and in how many bits."""
        self.text += "".join(f"{number:0{bits}b}" for number, bits in fields)

    def bytes(self) -> bytes:
        padded = self.text.ljust(-(-len(self.text) // 8) * 8, "0")
        return int(padded, 2).to_bytes(len(padded) // 8) if padded else b""


def _crc(polynomial: int, width: int) -> Callable[[bytes], int]:
    """A cyclic redundancy check, most significant bit first, that begins with zero."""
    top, mask = width - 8, (1 << width) - 1
    table: list[int] = []
    for value in range(256):
        value <<= top
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value >> (width - 1) else 0)) & mask
        table.append(value)

    def check(data: bytes) -> int:
        value = 0
        for byte in data:
            value = (value << 8 & mask) ^ table[value >> top ^ byte]
        return value

    return check


_crc8, _crc16, _ogg_crc = _crc(0x07, 8), _crc(0x8005, 16), _crc(0x04C11DB7, 32)

FORMATS: dict[str, tuple[str, Callable[[Speech], bytes]]] = {
    "mp3": ("audio/mpeg", mp3),
    "opus": ("audio/ogg", opus),
    "aac": ("audio/aac", aac),
    "flac": ("audio/flac", flac),
    "wav": ("audio/wav", wav),
    "pcm": ("audio/pcm", Speech.samples),
}
"""How each format is called in a content type, and what makes it."""
