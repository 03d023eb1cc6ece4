"""Cancellation at any point aborts the request, and leaves no connection checked out."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from callers import AWAITING, aask, asking, astream, auntil, made
from loopback import Exchange, Handler, Loopback, chunk, completion, echo, half_body, half_stream, stall, status

pytestmark = pytest.mark.parametrize("kind", AWAITING)


async def works(client: Any, server: Loopback, url: str) -> None:
    """The next 50 calls are answered, and over few connections."""
    before = server.accepted
    usable = client.copy(base_url=url, timeout=5)
    answers = await asyncio.gather(*(aask(usable, str(number)) for number in range(50)))
    assert answers == [f"echo: {number}" for number in range(50)]
    assert server.accepted - before <= 50
    for number in range(5):
        assert await astream(usable, str(number)) == f"echo: {number}"
    assert server.open <= 50


@pytest.mark.parametrize(("handler", "streamed"), [(stall, False), (stall, True), (half_body, False), (half_stream, True)])
def test_while_waiting(handler: Handler, streamed: bool, kind: str, server: Loopback) -> None:
    """For the headers, in a body, in a stream: the server sees the connection close at once."""
    route, good = server.route(handler), server.route()

    async def main() -> None:
        async with made(kind, route.url) as client:
            tasks = [asyncio.ensure_future((astream if streamed else aask)(client)) for _ in range(20)]
            assert await auntil(lambda: len(route.requests) == 20)
            await asyncio.sleep(0.02)  # for the headers to arrive
            for task in tasks:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in done] == [asyncio.CancelledError] * 20
            assert await auntil(lambda: route.gone == 20, 1), f"the server saw {route.gone} of 20 connections close"
            await works(client, server, good.url)

    asyncio.run(main())


def test_after_any_number_of_steps(kind: str, server: Loopback) -> None:
    """Cancelled after 0, 1, 2, ... turns of the loop, until calls are done before that."""

    async def slowly(exchange: Exchange) -> None:
        await exchange.start_events()
        for word in "abc":
            await exchange.event(chunk(word))
            await asyncio.sleep(0.002)
        await exchange.end_events()

    whole, parts, good = server.route(), server.route(slowly), server.route()

    async def cancelled_after(turns: int, work: Any) -> bool:
        task = asyncio.ensure_future(work)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return True
        return False

    async def main() -> None:
        async with made(kind, whole.url) as client:
            streaming = client.copy(base_url=parts.url)
            outcomes = set()
            for turns in (*range(60), *range(60, 600, 30)):
                outcomes.add(await cancelled_after(turns, aask(client)))
                outcomes.add(await cancelled_after(turns, astream(streaming)))
            assert True in outcomes
            await asyncio.sleep(0.1)  # in which the server accepts what nobody waits for any more
            await works(client, server, good.url)

    asyncio.run(main())


def test_in_the_wait_before_a_retry(kind: str, server: Loopback) -> None:
    route, good = server.route(status(503, retry_after="60")), server.route()

    async def main() -> None:
        async with made(kind, route.url, max_retries=5) as client:
            tasks = [asyncio.ensure_future(aask(client)) for _ in range(10)]
            assert await auntil(lambda: len(route.requests) == 10)
            await asyncio.sleep(0.02)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)
            assert all(task.cancelled() for task in tasks)
            await works(client, server, good.url)

    asyncio.run(main())
    assert len(route.requests) == 10


def test_while_a_token_is_asked_for(kind: str, server: Loopback) -> None:
    """One caller that gives up keeps no lock that the others wait for."""
    good = server.route()
    asked, answer = threading.Event(), threading.Event()

    def provider() -> str:
        asked.set()
        answer.wait(10)
        return "token"

    async def main() -> None:
        async with made(kind, good.url, api_key=provider) as client:
            first, second = (asyncio.ensure_future(aask(client)) for _ in range(2))
            assert await auntil(asked.is_set)
            first.cancel()
            await asyncio.wait([first], timeout=1)
            assert first.cancelled()  # the thread goes on; nobody waits for it
            answer.set()
            assert await second == "echo: hello"
            await works(client, server, good.url)

    asyncio.run(main())


def test_by_a_timeout_of_asyncio(kind: str, server: Loopback) -> None:
    route, good = server.route(half_stream), server.route()

    async def main() -> None:
        async with made(kind, route.url) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await astream(client)
            assert await auntil(lambda: route.gone == 1, 1)
            await works(client, server, good.url)

    asyncio.run(main())


def test_a_stream_closed_while_another_task_reads(kind: str, server: Loopback) -> None:
    """A producer is cancelled, its stream closed by the context manager around it."""
    route = server.route(half_stream)

    async def main() -> None:
        async with made(kind, route.url) as client:

            async def read() -> None:
                async with await asking(client, stream=True) as stream:
                    async for _ in stream:
                        pass

            task = asyncio.ensure_future(read())
            assert await auntil(lambda: len(route.requests) == 1)
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await auntil(lambda: route.gone == 1, 1)

    asyncio.run(main())


def test_slow_answers_are_not_cut_by_those_cancelled(kind: str, server: Loopback) -> None:
    async def slow(exchange: Exchange) -> None:
        if exchange.asked == "slow":
            await asyncio.sleep(0.1)
            return await exchange.answer(completion("slow"))
        await stall(exchange)

    route = server.route(slow)

    async def main() -> None:
        async with made(kind, route.url) as client:
            tasks = [asyncio.ensure_future(aask(client, "slow" if number % 2 else "stall")) for number in range(20)]
            assert await auntil(lambda: len(route.requests) == 20)
            for task in tasks[::2]:
                task.cancel()
            assert await asyncio.gather(*tasks[1::2]) == ["slow"] * 10
            assert await aask(client.copy(base_url=server.route(echo).url)) == "echo: hello"

    asyncio.run(main())
