"""A proxy on loopback: plain requests in absolute form, and CONNECT tunnels. Keeps the head of every request it gets."""

from __future__ import annotations

import asyncio
import base64
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Forwarder:
    """The proxy, in a thread of its own; with `login` ("user:password") it answers 407 to those who do not give it."""

    def __init__(self, login: str | None = None) -> None:
        self._login = login and "Basic " + base64.b64encode(login.encode()).decode()
        self.heads: list[str] = []

    @property
    def lines(self) -> list[str]:
        """What was asked: the first line of each request."""
        return [head.partition("\r\n")[0] for head in self.heads]

    def url(self, login: str = "") -> str:
        return f"http://{login}{'@' if login else ''}127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *why: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = None
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            if self._login and f"proxy-authorization: {self._login}".lower() not in head.lower():
                writer.write(b"HTTP/1.1 407 Who Are You\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n")
            else:
                method, target, _ = head.split(" ", 2)
                host, _, port = (target if method == "CONNECT" else urlsplit(target).netloc).rpartition(":")
                ahead, upstream = await asyncio.open_connection(host, int(port))
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Through\r\n\r\n")
                else:
                    upstream.write(head.encode())
                await asyncio.wait(
                    [asyncio.ensure_future(pump(reader, upstream)), asyncio.ensure_future(pump(ahead, writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        for each in (writer, upstream):
            if each is not None:
                each.close()
                with suppress(OSError, asyncio.CancelledError):
                    await each.wait_closed()


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
