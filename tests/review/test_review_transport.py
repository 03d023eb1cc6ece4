"""What a review found in the network: limits, connections, and what travels on them."""

from __future__ import annotations

import asyncio
import gc
import gzip
import logging
import socket
import threading
import time
from contextlib import nullcontext
from typing import Any

import httpx2
import pytest
from raw_server import ASK, CHUNK, EVENTS, RawServer, always, answer

import ceyx
from ceyx import AsyncAzureOpenAI, AsyncOpenAI, OpenAI, Timeout


def client(server: RawServer, **options: Any) -> OpenAI:
    return OpenAI(**{"api_key": "sk-secret-0123456789", "base_url": server.url, "max_retries": 0, **options})


def chat(server: RawServer, **options: Any) -> Any:
    with client(server, **options) as blocking:
        return blocking.chat.completions.create(model="m", messages=ASK)


async def achat(server: RawServer, **options: Any) -> Any:
    made: Any = {"api_key": "k", "base_url": server.url, "max_retries": 0, **options}
    async with AsyncOpenAI(**made) as awaited:
        return await awaited.chat.completions.create(model="m", messages=ASK)


def takes_slowly(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    received = connection.recv(65536)
    while not received.endswith(b"}"):
        time.sleep(0.01)
        received = connection.recv(65536)
    connection.sendall(answer())


def test_an_upload_may_take_longer_than_connecting() -> None:
    """`timeout.connect` is 5 s by default: a large image over a slow line takes longer than that."""
    with RawServer(takes_slowly) as server, client(server, timeout=Timeout(30, connect=0.3)) as blocking:
        message: Any = [{"role": "user", "content": "x" * 10_000_000}]
        assert blocking.chat.completions.create(model="m", messages=message).id == "c"


def test_a_server_that_takes_no_body_does_not_hold_an_async_call_for_ever() -> None:
    def takes_nothing(server: RawServer, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        time.sleep(3)

    async def call() -> None:
        async with AsyncOpenAI(api_key="k", base_url=server.url, max_retries=0, timeout=0.5) as awaited:
            message: Any = [{"role": "user", "content": "x" * 30_000_000}]
            await awaited.chat.completions.create(model="m", messages=message)

    with RawServer(takes_nothing) as server:
        started = time.monotonic()
        with pytest.raises(ceyx.APITimeoutError):
            asyncio.run(asyncio.wait_for(call(), 5))
        assert time.monotonic() - started < 2


# Of a cycle, Python finalises the socket before what would close it, and warns.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_reply_dropped_by_the_garbage_collector_never_waits_for_the_lock_of_the_pool() -> None:
    """A collection can run in any thread at any time: also in the one that holds the lock of the queue of connections."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(EVENTS)
        time.sleep(2)

    with RawServer(speak) as server, client(server) as blocking:
        cycle: dict[str, Any] = {"stream": blocking.chat.completions.create(model="m", messages=ASK, stream=True)}
        cycle["cycle"] = cycle
        (pool, _) = next(iter(blocking._transport.pools._pools.values()))  # type: ignore[attr-defined]
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


def streams(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    connection.sendall(EVENTS)
    for _ in range(40):
        connection.sendall(CHUNK)
        time.sleep(0.1)


def test_a_stream_can_be_closed_from_another_thread() -> None:
    ended = threading.Event()

    def read(stream: Any) -> None:
        try:
            for _ in stream:
                pass
        except ceyx.APIConnectionError:
            pass
        ended.set()

    with RawServer(streams) as server, client(server) as blocking:
        stream = blocking.chat.completions.create(model="m", messages=ASK, stream=True)
        threading.Thread(target=read, args=(stream,), daemon=True).start()
        time.sleep(0.25)
        stream.close()
        assert ended.wait(1)


def test_a_stream_can_be_closed_from_another_task() -> None:
    async def read(stream: Any) -> None:
        async for _ in stream:
            pass

    async def both() -> None:
        async with AsyncOpenAI(api_key="k", base_url=server.url) as awaited:
            stream = await awaited.chat.completions.create(model="m", messages=ASK, stream=True)
            reading = asyncio.create_task(read(stream))
            await asyncio.sleep(0.25)
            await stream.close()
            await asyncio.wait([reading], timeout=1)
            assert reading.done()
            reading.exception()

    with RawServer(streams) as server:
        asyncio.run(both())


def test_a_host_header_replaces_ours() -> None:
    with RawServer(always(answer())) as server, client(server) as blocking:
        blocking.chat.completions.create(model="m", messages=ASK, extra_headers={"Host": "gateway"})
    hosts = [line for line in server.seen[0][0].lower().split(b"\r\n") if line.startswith(b"host:")]
    assert hosts == [b"host: gateway"]


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding"])
def test_a_header_cannot_change_where_the_body_ends(name: str) -> None:
    """A proxy that believes the other one of two lengths reads a second request out of the body (RFC 9112, 11.2)."""
    value = "3" if name == "Content-Length" else "chunked"
    with RawServer(always(answer())) as server, client(server) as blocking:
        try:
            blocking.chat.completions.create(model="m", messages=ASK, extra_headers={name: value})
        except ValueError:
            return
    lines = server.seen[0][0].lower().split(b"\r\n")
    assert sum(line.startswith((b"content-length:", b"transfer-encoding:")) for line in lines) == 1


def test_a_header_that_is_not_latin_1_is_refused_without_telling_the_key() -> None:
    made = OpenAI(api_key="sk-secret-0123456789", base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(ValueError, match="x-user") as caught:
        made.chat.completions.create(model="m", messages=ASK, extra_headers={"x-user": "☃"})
    assert "sk-secret" not in repr(caught.value)


def test_urllib3_logs_no_keys_of_the_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(always(answer())) as server:
        chat(server, default_query={"subscription-key": "query-secret"})
    assert "query-secret" not in caplog.text


def test_many_threads_at_once_make_no_warnings(caplog: pytest.LogCaptureFixture) -> None:
    """Each thread has a connection; to keep no more than a hundred of them is nothing to warn of."""
    together = threading.Barrier(120)

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        together.wait(10)
        connection.sendall(answer())
        server.read(connection)

    with RawServer(speak) as server, client(server) as blocking:
        ask = lambda: blocking.chat.completions.create(model="m", messages=ASK)  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(120)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_white_space_after_the_value_of_a_header_is_no_part_of_it() -> None:
    """RFC 9110, 5.5."""
    body = gzip.compress(answer().partition(b"\r\n\r\n")[2])
    with RawServer(always(answer(body, b"content-encoding: gzip "))) as server:
        assert chat(server).id == "c"


def test_async_clients_take_headers_as_long_as_blocking_ones() -> None:
    with RawServer(always(answer(answer().partition(b"\r\n\r\n")[2], b"content-security-policy: " + b"a" * 20_000))) as server:
        assert chat(server).id == "c"
        assert asyncio.run(achat(server)).id == "c"


def test_a_head_request_does_not_wait_for_a_body() -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n")
        server.read(connection)

    with RawServer(speak) as server, client(server, timeout=0.5) as blocking:
        assert blocking.request("HEAD", "/models", cast_to=bytes) == b""


def test_waiting_callers_share_a_token_even_if_it_does_not_tell_when_it_expires() -> None:
    asked = 0

    async def provider() -> str:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return "opaque"

    async def many() -> None:
        async with AsyncAzureOpenAI(azure_endpoint=server.origin, api_version="v", azure_ad_token_provider=provider) as awaited:
            await asyncio.gather(*(awaited.chat.completions.create(model="m", messages=ASK) for _ in range(40)))

    with RawServer(always(answer())) as server:
        started = time.monotonic()
        asyncio.run(many())
        assert asked <= 3
        assert time.monotonic() - started < 1


def test_a_deadline_bounds_the_wait_for_a_token() -> None:
    async def provider() -> str:
        await asyncio.sleep(2)
        return "opaque"

    async def call() -> None:
        async with AsyncOpenAI(api_key=provider, base_url=server.url, max_retries=0) as awaited:
            await awaited.models.list(deadline=0.3)

    with RawServer(always(answer())) as server:
        started = time.monotonic()
        with pytest.raises(ceyx.DeadlineExceededError):
            asyncio.run(call())
        assert time.monotonic() - started < 1


def loops() -> int:
    gc.collect()
    return sum(isinstance(thing, asyncio.AbstractEventLoop) for thing in gc.get_objects())


def test_event_loops_are_not_kept_by_the_lock_of_the_tokens() -> None:
    async def several(awaited: AsyncAzureOpenAI) -> None:
        await asyncio.gather(*(awaited.chat.completions.create(model="m", messages=ASK) for _ in range(4)))

    before = loops()
    with RawServer(always(answer())) as server:
        awaited = AsyncAzureOpenAI(azure_endpoint=server.origin, api_version="v", azure_ad_token_provider=lambda: "opaque")
        for _ in range(5):
            asyncio.run(several(awaited))
        assert loops() <= before + 1


def test_an_http_client_of_the_other_kind_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="http_client"):
        OpenAI(api_key="k", http_client=httpx2.AsyncClient())
