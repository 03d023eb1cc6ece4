"""Server-sent events (WHATWG HTML, section 9.2), both ways: bytes to events for clients, events to bytes for the service."""

from __future__ import annotations

from ceyx.errors import ProtocolError

Event = tuple[bytes, bytes]
"""The event's name (empty: an unnamed message) and its data."""

DONE = b"[DONE]"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_EVENT_BYTES = 64 * 1024 * 1024  # larger than any event a provider sends (an image in base64 is about 10 MB)


class Decoder:
    """Bytes in, in pieces of any size; events out, as soon as their last byte is in."""

    __slots__ = ("_after_cr", "_limit", "_parts", "_size", "_started")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._limit = limit
        self._after_cr = self._started = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that `piece` completes. Raises ProtocolError for one above the limit."""
        if b"\r" in piece or self._after_cr:
            piece = self._with_line_feeds(piece)
        if not piece:
            return []
        parts = self._parts
        if parts:
            # Only the seam and the new piece can hold an end; joining on every piece would copy a long event again and again.
            if b"\n\n" not in piece and not (piece[:1] == b"\n" and parts[-1][-1:] == b"\n"):
                self._keep(piece)
                return []
            parts.append(piece)
            piece = b"".join(parts)
            parts.clear()
            self._size = 0
        *blocks, rest = piece.split(b"\n\n")
        if rest:
            self._keep(rest)
        if not self._started and blocks:  # not before: the mark, too, may lie across two pieces
            self._started = True
            blocks[0] = blocks[0].removeprefix(BYTE_ORDER_MARK)
        events: list[Event] = []
        for block in blocks:
            if block[:6] == b"data: " and b"\n" not in block:  # nearly every one
                events.append((b"", block[6:]))
            elif event := read(block):
                events.append(event)
        return events

    @property
    def pending(self) -> bool:
        """Whether an event has begun and not ended: a comment is none, nor is a line that may still become anything."""
        return any(part.startswith(b"data:") or b"\ndata:" in part for part in self._parts[:2])

    def finish(self) -> Event | None:
        """The last event, when the stream ended without the blank line that should follow it."""
        block = b"".join(self._parts)
        self._parts.clear()
        return read(block if self._started else block.removeprefix(BYTE_ORDER_MARK))

    def _keep(self, piece: bytes) -> None:
        self._parts.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ProtocolError(f"the server sent an event of more than {self._limit:,} bytes; the stream was closed")

    def _with_line_feeds(self, piece: bytes) -> bytes:
        """`piece` with every CRLF and CR as LF; one CRLF may lie across two pieces."""
        if self._after_cr and piece[:1] == b"\n":
            piece = piece[1:]
            if not piece:
                self._after_cr = False
                return piece
        self._after_cr = piece[-1:] == b"\r"
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def read(block: bytes) -> Event | None:
    """The event whose lines are `block`; None for one without data, such as a comment."""
    name, data = b"", []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return (name, b"\n".join(data)) if data else None


def encoded(data: bytes, name: str = "") -> bytes:
    """An event as it goes over the wire. `data` is JSON, so it holds no line end."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data) if name else b"data: %b\n\n" % data
