"""HTTP/1.1 as bytes, without sockets: a request out, a response in. llhttp (through httptools) does the parsing.

The standard library's parser reads headers as e-mail, which alone costs more than the rest of a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httptools

from ceyx.errors import ProtocolError
from ceyx.transport.base import MAX_HEAD_BYTES
from ceyx.transport.compressed import Decoder, decoder
from ceyx.transport.failures import NotHTTP
from ceyx.wire.message import Request, redacted

STEP_BYTES = 65536
_printable = "".join(map(chr, range(0x21, 0x7F)))
_unsendable = re.compile(r"[^!\"$-~]").search  # a fragment is not sent


class Headers(Mapping[str, str]):
    """Headers as they came, decoded when asked for. Repeated ones are joined with a comma (RFC 9110, 5.3)."""

    __slots__ = ("_raw",)

    def __init__(self, lines: Sequence[tuple[bytes, bytes]] = ()) -> None:
        raw = {name.lower(): value for name, value in lines}
        if len(raw) != len(lines):
            joined: dict[bytes, list[bytes]] = {name: [] for name in raw}
            for name, value in lines:
                joined[name.lower()].append(value.rstrip(b" \t"))
            raw = {name: b", ".join(values) for name, values in joined.items()}
        self._raw = raw

    def get(self, name: str, default: Any = None) -> Any:
        value = self._raw.get(name.lower().encode("latin-1"))
        return default if value is None else _text(value)

    def __getitem__(self, name: str) -> str:
        return _text(self._raw[name.lower().encode("latin-1")])

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __repr__(self) -> str:
        return f"Headers({redacted(self)})"


def _text(value: bytes) -> str:
    return value.decode("latin-1").rstrip(" \t")  # which the parser leaves there


def head(request: Request, method: str, target: str, more: Mapping[str, str] | None) -> bytes:
    """The request line and headers, to be followed by the body. That headers can be sent was checked when they were given."""
    headers = request.headers
    if _unsendable(target):
        target = quote(target.partition("#")[0], safe=_printable)
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    if "host" not in headers:
        lines.append(f"host: {request.origin.partition('://')[2]}\r\n")
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    if more:
        lines += [f"{name}: {value}\r\n" for name, value in more.items()]
    if (content := request.content) is not None:
        size = len(content) if isinstance(content, bytes) else content.size
        lines.append("transfer-encoding: chunked\r\n" if size is None else f"content-length: {size}\r\n")
    elif method not in ("GET", "DELETE"):
        lines.append("content-length: 0\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


def framed(content: Any) -> Iterator[bytes]:
    """The pieces of a body, as they follow a head: each a chunk where it is not known how long they are together."""
    if isinstance(content, bytes):
        yield content
    elif content.size is not None:
        yield from content
    else:
        for piece in content:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"


class Incoming:
    """One response: `feed` it bytes until `headed`, then until `done`; `take` gives what has come of the body, for `decoder`.

    One `without_body` answers a HEAD: its headers are those of the body there would be.
    """

    __slots__ = (
        "_beginning",
        "_lines",
        "_parser",
        "_pieces",
        "_received",
        "_without_body",
        "came",
        "decoder",
        "done",
        "headed",
        "headers",
        "reusable",
        "status",
    )

    def __init__(self, without_body: bool = False) -> None:
        self._without_body = without_body
        self.headers = Headers()
        self._lines: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.headed = self.done = self.reusable = self._beginning = False
        self._pieces: list[bytes] = []
        self.decoder: Decoder | None = None
        self.came = 0  # of the body
        self._received = 0
        self._parser: Any = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Raises ProtocolError for what is not HTTP. No bytes mean that the server closed the connection."""
        if not data:
            self._closed()
            return
        if len(data) > STEP_BYTES and not self.headed:
            for start in range(0, len(data), STEP_BYTES):  # a head without end must be seen before its end
                self.feed(data[start : start + STEP_BYTES])
            return
        self._received += len(data)
        if self.done:
            self.reusable = False
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise NotHTTP("it switched to another protocol") from None
        except httptools.HttpParserError as error:
            if not self.done:  # what follows a whole answer is of no concern, but for the connection
                raise NotHTTP(str(error.__context__ or error)) from error
            self.reusable = False
        if not self.headed and self._received > MAX_HEAD_BYTES:
            raise ProtocolError(f"its headers are longer than {MAX_HEAD_BYTES:,} bytes")

    def take(self) -> bytes:
        """The part of the body that has come since the last time."""
        pieces = self._pieces
        if not pieces:
            return b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return data

    @property
    def begun(self) -> bool:
        """Whether anything of the answer has come, interim responses aside."""
        return self.headed or (self._beginning and not str(self._parser.get_status_code()).startswith("1"))

    def _closed(self) -> None:
        if self.headed and not self._framed():
            self._end()  # the end of the connection is the end of the body (RFC 9112, 6.3)
            return
        if self.headed:
            raise ConnectionAbortedError("the body was cut")
        raise ConnectionAbortedError("no answer" if not self._received else "the headers were cut")

    def _end(self) -> None:
        self.done = True
        self._parser = None  # it holds what it calls, so that only the garbage collector would free the two

    def _framed(self) -> bool:
        return "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()

    # -- what the parser calls

    def on_message_begin(self) -> None:
        self._beginning = True
        if self.done:  # bytes that nobody asked for
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:  # what follows the body is no header, and may be without end
            self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        lines, self._lines = self._lines, []
        if self.done:
            return
        status = self._parser.get_status_code()
        if status < 200:  # an interim response; the real one follows
            self._beginning = False
            return
        self.headers, self.status, self.headed = Headers(lines), status, True
        if self._without_body:
            self.reusable = self._parser.should_keep_alive()
            self._end()
            return
        self.decoder = decoder(self.headers.get("content-encoding"))

    def on_body(self, body: bytes) -> None:
        if not self.done:
            self.came += len(body)
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self.headed and not self.done:
            self.reusable = self._parser.should_keep_alive()
            self._end()
