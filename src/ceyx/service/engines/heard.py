"""What a recording says: the text of speech that the service made, by the tag or the samples it has; and how long it lasts.

Of any other recording the container is read as far as its length; nobody listens.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ceyx.service.engines.recordings import TAG, syncsafe
from ceyx.service.engines.speech import RATE, text_in

_BYTES_A_SECOND = 16_000  # of a recording in a format that is not read here: 128 kbit/s
_PREFIX = f"{TAG}=".encode()
_MP3_KBITS = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 Layer III
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2
}


def text_of(recording: bytes) -> str | None:
    """The text of speech that the service made; None for any other recording."""
    try:
        return _text_of(recording)
    except (struct.error, LookupError, ValueError):  # cut, or made to look like one of ours
        return None


def _text_of(recording: bytes) -> str | None:
    match recording[:4]:
        case b"RIFF":
            info = dict(_chunks(dict(_chunks(recording, 12)).get(b"LIST", b""), 4))
            return info[b"ICMT"].removesuffix(b"\0").decode() if info.get(b"ISFT") == b"ceyx\0" else None
        case b"fLaC":
            return _commented(next((block for kind, block in _flac_blocks(recording) if kind == 4), b""))
        case b"OggS":
            begins = recording.find(b"OpusTags", 0, 4096)
            return _commented(recording[begins + 8 :]) if begins >= 0 else None
        case _ if recording[:3] == b"ID3":
            tag = recording[10 : 10 + _unsafe(recording[6:10])]
            name, _, text = tag[11:].partition(b"\0")
            return text.decode() if tag[:4] == b"TXXX" and name == TAG.encode() else None
        case _:
            return text_in(recording)


def _chunks(content: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF file; the last may be cut."""
    while start + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, start)
        yield name, content[start + 8 : start + 8 + size]
        start += 8 + size + size % 2


def _flac_blocks(content: bytes) -> Iterator[tuple[int, bytes]]:
    start = 4
    while start + 4 <= len(content):
        kind, size = content[start], int.from_bytes(content[start + 1 : start + 4])
        yield kind & 0x7F, content[start + 4 : start + 4 + size]
        if kind & 0x80:
            return
        start += 4 + size


def _commented(comments: bytes) -> str | None:
    """Our text in a list of Vorbis comments, whose first is ours or none is."""
    (vendor,) = struct.unpack_from("<I", comments)
    (size,) = struct.unpack_from("<I", comments, 8 + vendor)
    comment = comments[12 + vendor : 12 + vendor + size]
    return comment.removeprefix(_PREFIX).decode() if comment.startswith(_PREFIX) else None


def _unsafe(size: bytes) -> int:
    """What `syncsafe` made of a number."""
    number = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
    if syncsafe(number) != size:
        raise ValueError("no size of an ID3 tag")
    return number


def seconds_of(recording: bytes) -> float:
    """How long a recording lasts, or about as long as one of its size would."""
    try:
        seconds = _seconds_of(recording)
    except (struct.error, IndexError, ValueError):
        seconds = None
    return round(len(recording) / _BYTES_A_SECOND if seconds is None else seconds, 3)


def _seconds_of(recording: bytes) -> float | None:
    match recording[:4]:
        case b"RIFF":
            chunks = dict(_chunks(recording, 12))
            a_second: int = struct.unpack_from("<I", chunks.get(b"fmt ", b""), 8)[0]
            return len(chunks.get(b"data", b"")) / a_second if a_second else None
        case b"fLaC":
            about = int.from_bytes(next(_flac_blocks(recording), (0, b""))[1][10:18])
            return (about & ((1 << 36) - 1)) / (about >> 44) if about >> 44 else None
        case b"OggS" if b"OpusHead" in recording[:100]:
            granule: int = struct.unpack_from("<q", recording, recording.rfind(b"OggS") + 6)[0]
            return max(granule, 0) / 48_000
        case _ if recording[:3] == b"ID3":
            return _seconds_of_frames(recording[10 + _unsafe(recording[6:10]) :])
        case _ if text_in(recording) is not None:
            return len(recording) / 2 / RATE
        case _:
            return _seconds_of_frames(recording)


def _seconds_of_frames(frames: bytes) -> float | None:
    """Of MPEG audio, by the bit rate of its first frame; of AAC, by the number of its frames."""
    if re.match(rb"\xff[\xf0\xf1\xf8\xf9]", frames):
        count = start = 0
        while size := (int.from_bytes(frames[start + 3 : start + 6]) >> 5) & 0x1FFF:
            start, count = start + size, count + 1
        rate = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)[
            frames[2] >> 2 & 15
        ]
        return count * 1024 / rate
    if re.match(rb"\xff[\xf2\xf3\xfa\xfb]", frames):
        kbits = _MP3_KBITS[frames[1] >> 3 & 3][(frames[2] >> 4) - 1]
        return len(frames) * 8 / kbits / 1000
    return None
