"""The async clients under trio."""

from __future__ import annotations

import gc
import sys
import threading
from typing import Any

import pytest
import trio
from callers import aask, asking, astream, auntil, made
from loopback import Exchange, Loopback, completion, echo, half_stream, stall, status

from ceyx import DeadlineExceededError, OpenAIError


def test_whole_and_streamed(server: Loopback) -> None:
    async def main() -> None:
        async with made("aiohttp", server.route().url) as client:
            for number in range(5):
                assert await aask(client, str(number)) == f"echo: {number}"
                assert await astream(client, str(number)) == f"echo: {number}"
        assert server.accepted == 1

    trio.run(main)


def test_one_client_under_trio_and_asyncio(server: Loopback) -> None:
    """A client outlives its loops, of whatever library."""
    import asyncio

    client = made("aiohttp", server.route().url)

    async def under_trio() -> None:
        assert await aask(client) == "echo: hello"
        assert await astream(client) == "echo: hello"

    for _ in range(3):
        trio.run(under_trio)
        asyncio.run(aask(client))
    trio.run(client.close)


def test_many_at_once(server: Loopback) -> None:
    async def main() -> None:
        answers: dict[int, str] = {}

        async def ask(number: int) -> None:
            answers[number] = await aask(client, str(number))

        async with made("aiohttp", server.route().url) as client, trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(ask, number)
        assert answers == {number: f"echo: {number}" for number in range(100)}

    trio.run(main)


@pytest.mark.parametrize(("handler", "call"), [(stall, aask), (half_stream, astream)])
def test_cancelled(handler: Any, call: Any, server: Loopback) -> None:
    route, good = server.route(handler), server.route()

    async def main() -> None:
        async with made("aiohttp", route.url) as client:
            with trio.move_on_after(0.1) as scope:
                await call(client)
            assert scope.cancelled_caught
            assert await auntil(lambda: route.gone == 1, 1)
            assert await aask(client.copy(base_url=good.url)) == "echo: hello"

    trio.run(main)


def test_retries_wait(server: Loopback) -> None:
    async def second_time(exchange: Exchange) -> None:
        if len(route.requests) == 1:
            return await status(429, retry_after_ms="20")(exchange)
        await exchange.answer(completion("later"))

    route = server.route(second_time)

    async def main() -> None:
        async with made("aiohttp", route.url, max_retries=1) as client:
            assert await aask(client) == "later"

    trio.run(main)
    assert len(route.requests) == 2


def test_a_blocking_token_provider_runs_in_a_thread(server: Loopback) -> None:
    threads = []

    def provider() -> str:
        threads.append(threading.current_thread())
        return f"token-{len(threads)}"

    route = server.route()

    async def main() -> None:
        async with made("aiohttp", route.url, api_key=provider) as client:
            await aask(client)
            await aask(client)

    trio.run(main)
    assert threading.main_thread() not in threads
    assert [exchange.headers["authorization"] for exchange in route.requests] == ["Bearer token-1", "Bearer token-2"]


def test_deadlines(server: Loopback) -> None:
    async def main(url: str, call: Any) -> None:
        async with made("aiohttp", url) as client:
            with pytest.raises(DeadlineExceededError):
                await call(client, deadline=0.2)

    for handler, call in ((stall, aask), (half_stream, astream)):
        trio.run(main, server.route(handler).url, call)


def test_a_stream_left_early(server: Loopback) -> None:
    route = server.route(half_stream)

    async def main() -> None:
        async with made("aiohttp", route.url) as client:
            async with await asking(client, stream=True) as stream:
                await anext(stream)
            assert await auntil(lambda: route.gone == 1, 1)

    trio.run(main)


@pytest.mark.parametrize("stream", [True, False])
def test_what_nobody_reads_leaves_no_connection(stream: bool, server: Loopback) -> None:
    """The server hears of it at once, and the place in the pool is free when the next call is made."""
    route, good = server.route(half_stream), server.route()

    async def main() -> None:
        async with made("aiohttp", route.url) as client:
            for number in range(1, 4):
                if stream:
                    await asking(client, stream=True)
                else:
                    opened = client.chat.completions.with_streaming_response.create(
                        model="m", messages=[{"role": "user", "content": "x"}]
                    )
                    await opened._send()
                gc.collect()
                assert await auntil(lambda: route.gone == number, 1)  # noqa: B023  # asked in this round
            assert await aask(client.copy(base_url=good.url)) == "echo: hello"
            assert server.open == 1

    trio.run(main)


def test_without_httpx2_the_error_says_what_to_install(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)

    async def main() -> None:
        with pytest.raises(OpenAIError, match=r"pip install 'ceyx\[httpx\]'"):
            await aask(made("aiohttp", server.route(echo).url))

    trio.run(main)
