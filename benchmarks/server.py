"""The server of the benchmark: `python -m benchmarks.server` answers on loopback, plain and over TLS, until its parent ends.

Spends as little as it can on a request, since a slow server would only make its clients wait, and keeps off the
clients' processor. Not a model of the service: it checks nothing.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import trustme

from benchmarks import processors, replies

PACE: Final = 0.001


class Replies:
    """Everything the server can say, rendered at start."""

    def __init__(self) -> None:
        self.completion = replies.completion()
        self.call = replies.call()
        self.base64, self.floats = replies.embeddings(as_base64=True), replies.embeddings(as_base64=False)
        head, pieces = replies.stream(replies.BURST)
        self.burst = head + b"".join(pieces)
        self.paced = replies.stream(replies.PACED)


class Connection(asyncio.Protocol):
    """One client's connection. The first segment of the path names the case: `/chat/v1/chat/completions`."""

    transport: asyncio.Transport

    def __init__(self, say: Replies) -> None:
        self.say = say
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            length = _content_length(self.received[:end])
            if len(self.received) < end + 4 + length:
                return
            case = self.received[: self.received.index(b"\r\n")].split(b"/", 2)[1]
            body = self.received[end + 4 : end + 4 + length]
            self.received = self.received[end + 4 + length :]
            self.answer(case, body)

    def answer(self, case: bytes, body: bytes) -> None:
        if case == b"chat":
            self.transport.write(self.say.completion)
        elif case == b"burst":
            self.transport.write(self.say.burst)
        elif case == b"paced":
            head, pieces = self.say.paced
            self.transport.write(head)
            self.send_on(iter(pieces))
        elif case == b"tools":
            self.transport.write(self.say.call)
        elif case == b"embeddings":
            self.transport.write(self.say.base64 if b'"base64"' in body else self.say.floats)
        else:
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def send_on(self, pieces: Iterator[bytes]) -> None:
        piece = next(pieces, None)
        if piece is not None and not self.transport.is_closing():
            self.transport.write(piece)
            asyncio.get_running_loop().call_later(PACE, self.send_on, pieces)


def _content_length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0


async def serve(folder: Path) -> None:
    """Prints where it listens, one JSON line, then answers until standard input closes."""
    loop = asyncio.get_running_loop()
    say = Replies()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    plain = await loop.create_server(lambda: Connection(say), "127.0.0.1", backlog=1024)
    secure = await loop.create_server(lambda: Connection(say), "127.0.0.1", ssl=context, backlog=1024)
    where = {
        "plain": f"http://127.0.0.1:{plain.sockets[0].getsockname()[1]}",
        "tls": f"https://127.0.0.1:{secure.sockets[0].getsockname()[1]}",
        "authority": str(folder / "authority.pem"),
    }
    sys.stdout.write(json.dumps(where) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    plain.close()
    secure.close()


def main() -> None:
    processors.take(-1)
    with tempfile.TemporaryDirectory(prefix="ceyx-bench-") as folder:
        asyncio.run(serve(Path(folder)))


if __name__ == "__main__":
    main()
