"""An HTTP server on loopback that misbehaves as each test asks, and counts what clients do to its connections."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

Handler = Callable[["Exchange"], Awaitable[None]]
FOR_EVER = 3600.0


class Exchange:
    """One request, and the means to answer it, well or badly."""

    def __init__(self, head: bytes, body: bytes, writer: asyncio.StreamWriter, connection: int) -> None:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body
        self.writer = writer
        self.connection = connection
        self.keeps = True

    @property
    def asked(self) -> str:
        """The text of the last message."""
        return str(json.loads(self.body)["messages"][-1]["content"])

    async def send(self, raw: bytes | str) -> None:
        self.writer.write(raw.encode() if isinstance(raw, str) else raw)
        await self.writer.drain()

    async def answer(self, body: Any, status: int = 200, /, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"content-type": "application/json", "content-length": str(len(content))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        await self.send(headed(status, named) + content)

    async def start_events(self) -> None:
        await self.send(headed(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))

    async def event(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        piece = f"data: {text}\n\n"
        await self.send(f"{len(piece.encode()):x}\r\n{piece}\r\n")

    async def end_events(self) -> None:
        await self.event("[DONE]")
        await self.send("0\r\n\r\n")

    def cut(self) -> None:
        """Close with a reset, once this exchange is over."""
        self.keeps = False
        self.writer.transport.abort()


def headed(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def completion(text: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def chunk(text: str) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


async def echo(exchange: Exchange) -> None:
    """Answers with what was asked, in words where a stream was asked for."""
    if not json.loads(exchange.body).get("stream"):
        return await exchange.answer(completion(f"echo: {exchange.asked}"))
    await exchange.start_events()
    for word in ("echo: ", *exchange.asked):
        await exchange.event(chunk(word))
    await exchange.end_events()


async def stall(_: Exchange) -> None:
    """Takes the request, and says nothing."""
    await asyncio.sleep(FOR_EVER)


async def half_body(exchange: Exchange) -> None:
    """Sends half a body, then nothing."""
    await exchange.send(headed(200, {"content-type": "application/json", "content-length": "1000"}) + b" " * 500)
    await asyncio.sleep(FOR_EVER)


async def half_stream(exchange: Exchange) -> None:
    """Sends one event, then nothing."""
    await exchange.start_events()
    await exchange.event(chunk("one"))
    await asyncio.sleep(FOR_EVER)


def status(code: int, **headers: str) -> Handler:
    """Answers with this status, always."""

    async def handler(exchange: Exchange) -> None:
        await exchange.answer({"error": {"message": f"status {code}", "code": None}}, code, **headers)

    return handler


class Route:
    """One behaviour at an address of its own, and what was seen there."""

    def __init__(self, url: str, handler: Handler) -> None:
        self.url, self.handler = url, handler
        self.requests: list[Exchange] = []
        self.gone = 0
        """How many clients closed their connection before they were answered."""

    @property
    def connections(self) -> set[int]:
        """The connections on which requests came."""
        return {exchange.connection for exchange in self.requests}


class Loopback:
    """The server, in a thread of its own."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._routes: dict[str, Route] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.accepted = 0
        self.port = 0

    @property
    def open(self) -> int:
        """How many connections are open."""
        return len(self._writers)

    def route(self, handler: Handler = echo, host: str = "127.0.0.1") -> Route:
        name = f"r{len(self._routes)}"
        scheme = "http" if self._context is None else "https"
        self._routes[name] = route = Route(f"{scheme}://{host}:{self.port}/{name}", handler)
        return route

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *why: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def close_connections(self) -> None:
        """Close every connection, as a server does with idle ones."""
        self._loop.call_soon_threadsafe(lambda: [writer.close() for writer in list(self._writers)])

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda *_: None)  # clients that leave in the middle of a TLS handshake
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._context, backlog=2048, limit=2**25)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        number, task = self.accepted, asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer, number):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        first = await reader.readexactly(1)
        if not first.isalpha():  # as servers do when TLS is spoken to a plain port
            writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
            return False
        head = first + await reader.readuntil(b"\r\n\r\n")
        exchange = Exchange(head, b"", writer, number)
        exchange.body = await reader.readexactly(int(exchange.headers.get("content-length", 0)))
        path = exchange.target.partition("://")[2].partition("/")[2] or exchange.target[1:]  # proxies get the whole URL
        route = self._routes[path.partition("/")[0]]
        route.requests.append(exchange)
        answering = asyncio.ensure_future(route.handler(exchange))
        watching = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                assert watching.exception() or not watching.result(), "a second request before the first was answered"
                route.gone += 1
                return False
            with suppress(ConnectionError):
                answering.result()
            return exchange.keeps and not (watching.done() and not watching.cancelled())
        finally:
            answering.cancel()
            watching.cancel()
            await asyncio.gather(answering, watching, return_exceptions=True)
