"""One client for many: threads, event loops one after another and at the same time, a thousand calls at once."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from callers import AWAITING, BLOCKING, aask, asking, astream, auntil, made, said, until
from loopback import Exchange, Loopback, completion, half_stream
from raw_server import CHUNK, EVENTS, RawServer

from ceyx import APIConnectionError


@pytest.mark.parametrize("kind", BLOCKING)
def test_threads_share_a_client(kind: str, server: Loopback) -> None:
    """32 threads, 50 calls each, whole and streamed: everyone gets their own answer."""
    route = server.route()

    def work(number: int) -> None:
        for turn in range(50):
            text = f"{number}/{turn}"
            if turn % 10:
                assert said(asking(client, text)) == f"echo: {text}"
            else:
                parts = [part.choices[0].delta.content for part in asking(client, text, stream=True)]
                assert "".join(parts) == f"echo: {text}"

    with made(kind, route.url) as client, ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))
    assert len(route.requests) == 1600
    if kind == "urllib3":  # httpx keeps 20 idle connections, unless its user asks for more
        assert server.accepted <= 32 + 160  # on a busy machine, the end of a stream may come too late to be waited for


@pytest.mark.parametrize("kind", AWAITING)
def test_a_thousand_calls_at_once(kind: str, server: Loopback) -> None:
    count = 1000 if kind == "aiohttp" else 200  # httpx takes ten times as long

    async def all_at_once() -> None:
        async with made(kind, server.route().url, timeout=60) as client:
            answers = await asyncio.gather(*(aask(client, str(number)) for number in range(count)))
        assert answers == [f"echo: {number}" for number in range(count)]

    asyncio.run(all_at_once())
    assert server.accepted <= count


async def whole(client: Any) -> None:
    assert await aask(client, "whole") == "echo: whole"


async def streamed(client: Any) -> None:
    assert await astream(client, "streamed") == "echo: streamed"


async def half_read(client: Any) -> None:
    stream = await asking(client, "half", stream=True)
    assert (await anext(stream)).choices[0].delta.content == "echo: "


async def half_read_by_for(client: Any) -> None:
    async for _ in await asking(client, "half", stream=True):
        break


async def unread(client: Any) -> None:
    await asking(client, "unread", stream=True)


USES = (whole, streamed, half_read, half_read_by_for, unread)


@pytest.mark.parametrize("use", USES)
def test_many_event_loops_one_after_another(use: Callable[[Any], Any], server: Loopback) -> None:
    """Nobody closes the client, and nothing is left: see the fixture that counts sockets, and warnings that are errors."""
    client = made("aiohttp", server.route().url)
    for _ in range(5):
        asyncio.run(use(client))
        assert until(lambda: server.open == 0)
    assert server.accepted == 5


def test_a_stream_that_waits_is_left_behind(server: Loopback) -> None:
    """The loop ends while the server is still sending."""
    route = server.route(half_stream)
    client = made("aiohttp", route.url)
    for number in range(1, 4):
        asyncio.run(unread(client))
        assert until(lambda number=number: route.gone == number)


def test_runners_and_mixed_uses(server: Loopback) -> None:
    client = made("aiohttp", server.route().url)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        for use in USES * 3:
            first.run(use(client))
            second.run(use(client))
    assert until(lambda: server.open == 0)


def test_loops_in_several_threads_at_the_same_time(server: Loopback) -> None:
    route = server.route()
    client = made("aiohttp", route.url)
    together = threading.Barrier(8, timeout=20)

    async def work(number: int) -> None:
        for turn in range(10):
            together.wait()  # so that the calls do meet
            texts = [f"{number}/{turn}/{n}" for n in range(3)]
            assert await asyncio.gather(*(aask(client, text) for text in texts)) == [f"echo: {text}" for text in texts]
            assert await astream(client, texts[0]) == f"echo: {texts[0]}"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: asyncio.run(work(number)), range(8)))
    assert len(route.requests) == 8 * 10 * 4
    assert until(lambda: server.open == 0)


def test_a_client_closed_by_another_loop(server: Loopback) -> None:
    """Closing reaches the connections of a loop that runs in another thread."""
    client = made("aiohttp", server.route().url)
    called, may_end = threading.Event(), threading.Event()

    async def other() -> None:
        await aask(client)
        called.set()
        await auntil(may_end.is_set, 10)

    thread = threading.Thread(target=asyncio.run, args=(other(),))
    thread.start()
    assert called.wait(5)
    asyncio.run(client.close())
    try:
        assert until(lambda: server.open == 0)
    finally:
        may_end.set()
        thread.join()


@pytest.mark.parametrize("use", USES)
def test_clients_dropped_while_the_loop_runs(use: Callable[[Any], Any], server: Loopback) -> None:
    async def many() -> None:
        for _ in range(5):
            await use(made("aiohttp", server.route().url))
        gc.collect()
        assert await auntil(lambda: server.open == 0), f"{server.open} connections of dropped clients are open"

    asyncio.run(many())


def test_blocking_clients_dropped(server: Loopback) -> None:
    def use() -> None:
        client = made("urllib3", server.route().url)
        assert said(asking(client)) == "echo: hello"

    for _ in range(5):
        use()
        gc.collect()
    assert until(lambda: server.open == 0)


@pytest.mark.parametrize("kind", BLOCKING)
@pytest.mark.parametrize("read", [False, True])
def test_blocking_streams_dropped(read: bool, kind: str, server: Loopback) -> None:
    route = server.route(half_stream)
    with made(kind, route.url) as client:
        for number in range(1, 6):
            stream = asking(client, stream=True)
            if read:
                next(stream)
            del stream
            gc.collect()
            assert until(lambda number=number: route.gone == number)


@pytest.mark.parametrize("read", [False, True])
def test_async_streams_dropped(read: bool, server: Loopback) -> None:
    """As soon as nobody holds them: no collection of cycles is needed."""
    route = server.route(half_stream)

    async def main() -> None:
        async with made("aiohttp", route.url) as client:
            for number in range(1, 6):
                stream = await asking(client, stream=True)
                if read:
                    await anext(stream)
                del stream
                assert await auntil(lambda number=number: route.gone == number, 1)

    asyncio.run(main())


def test_loops_that_ended_are_forgotten(server: Loopback) -> None:
    """A client that serves a new loop for every request, as some frameworks have it, does not grow."""
    client = made("aiohttp", server.route().url)
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def use() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await aask(client)

    for _ in range(5):
        asyncio.run(use())
    gc.collect()
    assert sum(loop() is not None for loop in loops) <= 1


def endless(server: RawServer, connection: socket.socket) -> None:
    """A stream whose end is that of the connection."""
    server.read(connection)
    connection.sendall(EVENTS)
    while True:
        connection.sendall(CHUNK)
        time.sleep(0.05)


@pytest.mark.parametrize("kind", BLOCKING)
@pytest.mark.parametrize("speaks", [False, True], ids=["silent", "speaking"])
def test_a_stream_can_be_closed_from_another_thread(speaks: bool, kind: str, server: Loopback) -> None:
    raised: list[BaseException | None] = []

    def read(stream: Any) -> None:
        try:
            for _ in stream:
                reading.set()
            raised.append(None)
        except APIConnectionError as error:
            raised.append(error)

    with RawServer(endless) as other, made(kind, other.url if speaks else server.route(half_stream).url) as client:
        reading = threading.Event()
        stream = asking(client, stream=True)
        thread = threading.Thread(target=read, args=(stream,), daemon=True)
        thread.start()
        assert reading.wait(2)
        time.sleep(0.02)
        stream.close()
        thread.join(1)
        assert raised, "the thread was not woken"
        between_items = speaks and raised == [None]  # the thread was not waiting at that moment
        assert between_items or "was closed while it was read" in str(raised[0])


@pytest.mark.parametrize("kind", AWAITING)
def test_a_stream_can_be_closed_from_another_task(kind: str, server: Loopback) -> None:
    async def read(stream: Any, reading: asyncio.Event) -> None:
        async for _ in stream:
            reading.set()

    async def both() -> None:
        async with made(kind, server.route(half_stream).url) as client:
            stream, reading = await asking(client, stream=True), asyncio.Event()
            task = asyncio.create_task(read(stream, reading))
            await reading.wait()
            await asyncio.sleep(0)
            await stream.close()
            with pytest.raises(APIConnectionError, match="was closed while it was read"):
                await asyncio.wait_for(task, 1)

    asyncio.run(both())


# Of a cycle, Python finalises the socket before what would close it, and warns.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stream_dropped_by_the_garbage_collector_waits_for_no_lock(server: Loopback) -> None:
    """A collection can run in any thread at any time: also in the one that holds the lock of a queue of connections."""
    with made("urllib3", server.route(half_stream).url) as client:
        cycle: dict[str, Any] = {"stream": asking(client, stream=True)}
        cycle["cycle"] = cycle
        (pool, _) = next(iter(client._transport.pools._pools.values()))
        lock, done = getattr(pool.pool, "mutex", nullcontext()), threading.Event()

        def collect() -> None:
            with lock:
                gc.collect()
            done.set()

        gc.collect()  # what earlier tests left
        del cycle
        threading.Thread(target=collect, daemon=True).start()
        finished = done.wait(2)
        if not finished:
            lock.release()  # so that the thread ends
        assert finished, "deadlock"


def test_many_threads_at_once_make_no_warnings(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    """Each thread has a connection; to keep no more than a hundred of them is nothing to warn of."""
    arrived, all_there = 0, asyncio.Event()

    async def together(exchange: Exchange) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 120:
            all_there.set()
        await all_there.wait()
        await exchange.answer(completion("hi"))

    with made("urllib3", server.route(together).url) as client:
        threads = [threading.Thread(target=asking, args=(client,), daemon=True) for _ in range(120)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert until(lambda: server.open == 100)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_lock_of_the_tokens_keeps_no_event_loop(server: Loopback) -> None:
    async def several() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await asyncio.gather(*(aask(client) for _ in range(4)))

    async def provider() -> str:
        await asyncio.sleep(0.001)
        return "opaque"

    client = made("aiohttp", server.route().url, api_key=provider)
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []
    for _ in range(5):
        asyncio.run(several())
    gc.collect()
    assert sum(loop() is not None for loop in loops) <= 1
