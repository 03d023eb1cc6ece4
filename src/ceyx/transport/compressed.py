"""Content codings, without I/O: compressed bytes in, pieces of bounded size out.

Every transport has its library leave bodies as they are, since those unpack a whole read at once: 64 KB become 64 MB.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

from ceyx.errors import ProtocolError

PIECE_BYTES = 128 * 1024
GZIP_STARTS = b"\x1f\x8b"
GZIP, ZLIB, RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def decoder(encoding: str | None) -> Decoder | None:
    """For the value of a `content-encoding` header; None where the body is as it is."""
    if not encoding:
        return None
    names = (name.strip(' \t"') for name in encoding.lower().split(","))
    codings = [name for name in names if not _no_coding(name)]
    return Decoder(", ".join(codings)) if codings else None


# Many servers name no coding, or the charset of the body.
_no_coding = re.compile(r"(|identity|none|utf-?(8|16|32)([bl]e)?|(us-)?ascii|iso-?8859-\d+|latin-?1|windows-125\d)").fullmatch


class Decoder:
    """Decodes one body. Raises ProtocolError for what is broken, cut, or of a coding that was not asked for."""

    __slots__ = ("_encoding", "_held", "_inflating", "_over", "_seen")

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inflating: Any = None
        self._held = b""
        self._seen = False  # whether something was decoded to its end
        self._over = False  # whether what still comes is of no concern

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more:
            if self._inflating is None and not (data := self._begin(data)):
                return
            inflating: Any = self._inflating
            try:
                piece = inflating.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise ProtocolError(f"its compressed body is broken ({error})") from error
            if piece:
                yield piece
            if inflating.eof:
                data, self._inflating, self._seen = inflating.unused_data, None, True
                more = bool(data)
            else:
                data = inflating.unconsumed_tail
                more = bool(data) or len(piece) == PIECE_BYTES  # a full piece may leave something that zlib holds

    def finish(self) -> None:
        """For the end of the body."""
        if self._inflating is not None or self._held:
            raise ProtocolError("its compressed body was cut")

    def _begin(self, data: bytes) -> bytes:
        """Begins with the first member, or the next: gzip may have several (RFC 1952, 2.2).

        Zeros may stand between them. Other bytes after a member, a line end mostly, are passed over, as `gzip -d` does.
        """
        if self._encoding in ("gzip", "x-gzip"):
            if self._over:
                return b""
            if self._seen:
                data, self._held = (self._held + data).lstrip(b"\0"), b""
                if len(data) < 2 and GZIP_STARTS.startswith(data):
                    self._held = data
                    return b""
                if not data.startswith(GZIP_STARTS):
                    self._over = True
                    return b""
            self._inflating = zlib.decompressobj(GZIP)
            return data
        if self._encoding != "deflate":
            raise ProtocolError(f"its body is compressed as {self._encoding[:40]!r}, which was not asked for")
        if self._seen:
            raise ProtocolError("its compressed body goes on after its end")
        self._held += data
        if len(self._held) < 2:
            return b""
        # "deflate" is the zlib format; some servers leave its header out (RFC 9110, 8.4.1.2).
        first, second = self._held[0], self._held[1]
        has_header = first & 15 == zlib.DEFLATED and (first << 8 | second) % 31 == 0
        self._inflating = zlib.decompressobj(ZLIB if has_header else RAW)
        data, self._held = self._held, b""
        return data
