"""Servers and readers that do not keep step: one talks before it is asked, another faster than anybody reads."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import pytest
from callers import OURS, Caller, aask, made
from raw_server import CHUNK, EVENTS, RawServer, answer

from ceyx import AsyncOpenAI, OpenAI, ProtocolError, Timeout

Make = Callable[..., Caller]
PIECE = b"x" * 65536


@pytest.mark.parametrize("kind", OURS)
def test_a_server_that_talks_first(kind: str, call: Make) -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")
        server.read(connection)
        time.sleep(1)

    with RawServer(speak) as server, pytest.raises(ProtocolError, match="not HTTP"):
        call(kind, server.url, timeout=5).ask()


def test_what_comes_while_nobody_asks_answers_nobody() -> None:
    """A second answer to the first request, in a packet of its own: the next request gets its own, on another connection."""
    asked = 0

    def speak(server: RawServer, connection: socket.socket) -> None:
        nonlocal asked
        while server.read(connection):
            asked += 1
            body = b'{"choices":[{"message":{"content":"%d"}}]}' % asked
            connection.sendall(answer(body))
            time.sleep(0.05)
            connection.sendall(answer(b'{"choices":[{"message":{"content":"of nobody"}}]}'))

    async def main(url: str) -> list[str]:
        async with made("aiohttp", url) as client:
            answers = []
            for _ in range(3):
                answers.append(await aask(client))
                await asyncio.sleep(0.2)
            return answers

    with RawServer(speak) as server:
        assert asyncio.run(main(server.url)) == ["1", "2", "3"]
        assert len(server._open) == 3


def test_a_server_waits_for_a_slow_reader() -> None:
    """What is not read stays on the wire: a body of 64 MB is not held by a client that looks at its beginning."""
    sent = 0

    def speak(server: RawServer, connection: socket.socket) -> None:
        nonlocal sent
        server.read(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (1024 * len(PIECE)))
        for _ in range(1024):
            connection.sendall(PIECE)
            sent += 1

    async def main(url: str) -> int:
        async with made("aiohttp", url) as client:
            opened = client.files.with_streaming_response.content("file-1")
            async with opened as response:
                pieces = response.iter_bytes()
                read = len(await anext(pieces))
                before = -1
                while sent != before:  # until the server can send no more
                    before = sent
                    await asyncio.sleep(0.3)
                assert sent < 512
                async for piece in pieces:
                    read += len(piece)
            return read

    with RawServer(speak) as server:
        assert asyncio.run(main(server.url)) == 1024 * len(PIECE)


@pytest.mark.parametrize("kind", OURS)
def test_the_end_comes_while_the_reader_is_at_work(kind: str, call: Make) -> None:
    """What came before it is not lost."""
    whole = CHUNK * 3 + b"data: [DONE]\n\n"

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(whole))
        for piece in (CHUNK, CHUNK, whole[2 * len(CHUNK) :]):
            connection.sendall(piece)
            time.sleep(0.05)

    async def main(url: str) -> int:
        async with made("aiohttp", url) as client:
            read = 0
            async with client.files.with_streaming_response.content("file-1") as response:
                async for piece in response.iter_bytes():
                    read += len(piece)
                    await asyncio.sleep(0.2)
            return read

    with RawServer(speak) as server:
        if kind == "aiohttp":
            assert asyncio.run(main(server.url)) == len(whole)
        else:
            with made(kind, server.url) as client, client.files.with_streaming_response.content("file-1") as response:
                assert sum(len(piece) + bool(time.sleep(0.2)) for piece in response.iter_bytes()) == len(whole)


def _slow(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    connection.sendall(EVENTS + CHUNK)
    time.sleep(0.4)
    connection.sendall(CHUNK + b"data: [DONE]\n\n")


@pytest.mark.parametrize("kind", OURS)
def test_the_time_that_a_reader_takes_is_no_pause_of_the_server(kind: str) -> None:
    """`timeout.read` bounds each wait; here 0.3 s pass between two, of 0.25 s at most."""
    options = {"api_key": "k", "max_retries": 0, "timeout": Timeout(5, read=0.25), "stream_end": "unchecked"}
    ask = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}

    def blocking(url: str) -> int:
        with OpenAI(base_url=url, **options) as client:
            stream = iter(client.chat.completions.create(**ask))
            next(stream)
            time.sleep(0.3)
            return 1 + len(list(stream))

    async def awaited(url: str) -> int:
        async with AsyncOpenAI(base_url=url, **options) as client:
            stream = await client.chat.completions.create(**ask)
            await anext(stream)
            await asyncio.sleep(0.3)
            return 1 + len([chunk async for chunk in stream])

    with RawServer(_slow) as server:
        assert (blocking(server.url) if kind == "urllib3" else asyncio.run(awaited(server.url))) == 2
