"""Requests over a bare socket, and every byte that came back: what HTTP libraries would hide, tests of faults must see."""

from __future__ import annotations

import json
import socket
import time
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from ceyx.service import LocalService

CHAT = "/v1/chat/completions"
ASK: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
STREAM: dict[str, Any] = {**ASK, "stream": True, "stream_options": {"include_usage": True}}


@dataclass
class Raw:
    """Bytes of an answer, and how they ended: closed, reset, or not within the time."""

    data: bytes
    end: Literal["closed", "reset", "open"]
    seconds: float

    @property
    def status(self) -> int:
        return int(self.data[9:12])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def rest(self) -> bytes:
        """What follows the head, as it came."""
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def chunks(self) -> tuple[list[bytes], bytes]:
        """Complete chunks, and what came after them: nothing but the end, if all is well."""
        left, found = self.rest, list[bytes]()
        while True:
            line, _, after = left.partition(b"\r\n")
            try:
                size = int(line, 16)
            except ValueError:
                return found, left
            if size == 0 or len(after) < size + 2:
                return found, left
            found.append(after[:size])
            left = after[size + 2 :]

    @property
    def complete(self) -> bool:
        """Whether the answer is framed well: HTTP has nothing to complain about."""
        if "content-length" in self.headers:
            return len(self.rest) == int(self.headers["content-length"])
        return self.chunks[1] == b"0\r\n\r\n"

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks[0]) if self.headers.get("transfer-encoding") == "chunked" else self.rest

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of the events, decoded where it is JSON."""
        blocks = [block for block in self.body.decode().split("\n\n") if "data: " in block]
        said = [block.partition("data: ")[2] for block in blocks]
        return [json.loads(each) if each[:1] in "{n" and each[-1:] in "}l" else each for each in said]

    @property
    def text(self) -> str:
        """The text of a stream's chunks."""
        choices = [choice for each in self.events if isinstance(each, dict) for choice in each.get("choices") or ()]
        return "".join((choice.get("delta") or {}).get("content") or "" for choice in choices)


def address(service: LocalService) -> tuple[str, int]:
    host, port = service.azure_endpoint.removeprefix("http://").split(":")
    return host, int(port)


def request(body: dict[str, Any] | None, path: str = CHAT, /, **headers: str) -> bytes:
    raw = b"" if body is None else json.dumps(body).encode()
    head = {
        "host": "localhost",
        "content-length": str(len(raw)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + raw


def ask(
    service: LocalService,
    fault: str | None,
    body: dict[str, Any] | None = ASK,
    path: str = CHAT,
    /,
    seconds: float = 10.0,
    **headers: str,
) -> Raw:
    """One request on a connection of its own, which the server is asked to close."""
    if fault is not None:
        headers["x_ceyx_fault"] = fault
    with socket.create_connection(address(service), timeout=seconds) as connection:
        connection.sendall(request(body, path, connection="close", **headers))
        return received(connection, seconds)


def received(connection: socket.socket, seconds: float) -> Raw:
    started = time.monotonic()
    data = bytearray()
    end: Literal["closed", "reset", "open"] = "open"
    while (left := started + seconds - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(1 << 16)
        except TimeoutError:
            break
        except ConnectionResetError:
            end = "reset"
            break
        if not piece:
            end = "closed"
            break
        data += piece
    return Raw(bytes(data), end, time.monotonic() - started)


def counters(service: LocalService, how: str = "") -> Any:
    return ask(service, None, None, f"/_ceyx/counters{how}").json


def unpacked(data: bytes) -> bytes:
    return zlib.decompress(data, 47)
