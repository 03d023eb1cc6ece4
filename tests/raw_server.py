"""A server on loopback that speaks bytes: each connection is handed to a function, which may answer as badly as it likes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

BODY = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m",'
    b'"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}]}'
)
ASK = [{"role": "user", "content": "hi"}]
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
CHUNK = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'


def answer(body: bytes = BODY, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"content-length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class RawServer:
    """Hands each connection to `speak`, in a thread of its own; `seen` keeps the heads and bodies of the requests it read."""

    def __init__(self, speak: Callable[[RawServer, socket.socket], None]) -> None:
        self._speak = speak
        self.seen: list[tuple[bytes, bytes]] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.url = f"{self.origin}/v1"
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *why: object) -> None:
        self._listening.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError):
            self._speak(self, connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def read(self, connection: socket.socket) -> bytes:
        """The body of the next request; its head is kept, too."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < (int(lengths[-1]) if lengths else 0):
            body += _some(connection)
        self.seen.append((head, body))
        return body


def _some(connection: socket.socket) -> bytes:
    if not (data := connection.recv(65536)):
        raise EOFError
    return data


def always(reply: bytes) -> Callable[[RawServer, socket.socket], None]:
    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            connection.sendall(reply)

    return speak
