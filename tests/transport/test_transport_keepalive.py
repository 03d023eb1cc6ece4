"""Connections are used again, survive being closed by the server, and are closed when a stream is left early."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable

import pytest
from callers import AWAITING, OURS, Caller, aask, auntil, made, until
from loopback import Exchange, Loopback, chunk, completion, half_stream

from ceyx import OpenAIError

Make = Callable[..., Caller]


def test_a_connection_is_used_again(kind: str, server: Loopback, call: Make) -> None:
    route = server.route()
    caller = call(kind, route.url)
    for number in range(10):
        assert caller.ask(f"call {number}") == f"echo: call {number}"
        assert caller.stream(f"stream {number}") == f"echo: stream {number}"
    assert (len(route.requests), server.accepted) == (20, 1)


def test_a_connection_that_the_server_closed_while_idle_is_replaced(kind: str, server: Loopback, call: Make) -> None:
    route = server.route()
    caller = call(kind, route.url, max_retries=1)  # where the loop was paused, the end may be noticed only after sending
    for number in range(5):
        assert caller.ask(f"call {number}") == f"echo: call {number}"
        server.close_connections()
        assert until(lambda: server.open == 0)
    assert (len(route.requests), server.accepted) == (5, 5)


@pytest.mark.parametrize("kind", AWAITING)
def test_one_that_it_closed_while_the_loop_ran_is_replaced(kind: str, server: Loopback) -> None:
    async def main() -> None:
        async with made(kind, server.route().url) as client:
            for number in range(5):
                assert await aask(client, f"call {number}") == f"echo: call {number}"
                server.close_connections()
                assert await auntil(lambda: server.open == 0)
                await asyncio.sleep(0.01)  # in which the loop learns of it

    asyncio.run(main())
    assert server.accepted == 5


def test_a_server_that_says_close_is_believed(kind: str, server: Loopback, call: Make) -> None:
    async def closing(exchange: Exchange) -> None:
        exchange.keeps = False
        await exchange.answer(completion("bye"), connection="close")

    caller = call(kind, server.route(closing).url)
    assert [caller.ask() for _ in range(5)] == ["bye"] * 5
    assert server.accepted == 5


def test_a_stream_left_early_closes_its_connection(kind: str, server: Loopback, call: Make) -> None:
    route, other = server.route(half_stream), server.route()
    caller = call(kind, route.url)
    for number in range(1, 4):
        assert caller.first_part() == "one"
        assert until(lambda number=number: route.gone == number)
    caller.client = caller.client.copy(base_url=other.url)
    assert caller.ask("next") == "echo: next"


def test_a_connection_is_given_back_when_the_end_comes_late(kind: str, server: Loopback, call: Make) -> None:
    """Some servers send [DONE], and the end of the body in a packet of its own."""

    async def late(exchange: Exchange) -> None:
        await exchange.start_events()
        await exchange.event(chunk("x"))
        await exchange.event("[DONE]")
        await asyncio.sleep(0.02)
        await exchange.send("0\r\n\r\n")

    caller = call(kind, server.route(late).url)
    assert [caller.stream() for _ in range(5)] == ["x"] * 5
    assert server.accepted == 1


@pytest.mark.parametrize("deadline", [None, 20])
def test_an_end_that_never_comes_is_not_waited_for(deadline: float | None, kind: str, server: Loopback, call: Make) -> None:
    async def never(exchange: Exchange) -> None:
        await exchange.start_events()
        await exchange.event(chunk("x"))
        await exchange.event("[DONE]")
        await asyncio.sleep(60)

    route = server.route(never)
    started = time.monotonic()
    assert call(kind, route.url, timeout=5).stream(deadline=deadline) == "x"
    assert time.monotonic() - started < 1
    assert until(lambda: route.gone == 1)


@pytest.mark.parametrize("kind", OURS)
def test_idle_connections_close_with_the_client(kind: str, server: Loopback) -> None:
    with Caller(kind, server.route().url) as caller:
        caller.ask()
        assert server.open == 1
    assert until(lambda: server.open == 0)


def test_a_closed_client_says_so(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route().url)
    caller.ask()
    assert not caller.client.is_closed()
    copied = caller.client.with_options(timeout=3)
    caller.close_client()
    assert caller.client.is_closed()
    for client in (caller.client, copied):
        caller.client = client
        with pytest.raises(OpenAIError, match="was closed, so it cannot send"):
            caller.ask()


@pytest.mark.parametrize("kind", OURS)
def test_a_client_closed_before_its_first_call_says_so(kind: str, server: Loopback) -> None:
    with Caller(kind, server.route().url) as caller, pytest.raises(OpenAIError, match="was closed, so it cannot send"):
        caller.close_client()
        caller.ask()
    assert server.accepted == 0


def test_large_bodies(kind: str, server: Loopback, call: Make) -> None:
    """20 MB up, and as much down."""

    async def count(exchange: Exchange) -> None:
        await exchange.answer(completion(exchange.asked[:10] * 2_000_000))

    answer = call(kind, server.route(count).url).ask("0123456789" * 2_000_000)
    assert len(answer) == 20_000_000
    assert answer.startswith("01234567890") and answer.endswith("6789")


def test_compressed_answers(kind: str, server: Loopback, call: Make) -> None:
    async def packed(exchange: Exchange) -> None:
        assert "gzip" in exchange.headers["accept-encoding"]
        if json.loads(exchange.body).get("stream"):
            event = f"data: {json.dumps(chunk('packed'))}\n\ndata: [DONE]\n\n".encode()
            return await exchange.answer(gzip.compress(event), content_type="text/event-stream", content_encoding="gzip")
        await exchange.answer(gzip.compress(json.dumps(completion("packed")).encode()), content_encoding="gzip")

    caller = call(kind, server.route(packed).url)
    for _ in range(3):
        assert caller.ask() == "packed"
        assert caller.ask(deadline=10) == "packed"
        assert caller.stream() == "packed"
    assert server.accepted == 1
