"""`deadline` bounds a whole call, whatever the server does: no later than half a second after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from callers import Caller
from loopback import Exchange, Handler, Loopback, chunk, headed, stall, status

from ceyx import APIError, DeadlineExceededError, InternalServerError

Make = Callable[..., Caller]
DEADLINE, GRACE = 0.25, 0.5


async def drips_headers(exchange: Exchange) -> None:
    for character in "HTTP/1.1 200 OK\r\nx-slow: " + "x" * 1000:
        await exchange.send(character)
        await asyncio.sleep(0.05)


async def drips_body(exchange: Exchange) -> None:
    await exchange.send(headed(200, {"content-type": "application/json", "content-length": "1000"}))
    for _ in range(1000):
        await exchange.send(" ")
        await asyncio.sleep(0.05)


async def drips_chunks(exchange: Exchange) -> None:
    await exchange.send(headed(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    for _ in range(1000):
        await exchange.send("1\r\n \r\n")
        await asyncio.sleep(0.05)


async def late_then_nothing(exchange: Exchange) -> None:
    """Nearly all of the time goes into the headers; the body then never comes."""
    await asyncio.sleep(DEADLINE * 0.8)
    await exchange.send(headed(200, {"content-type": "application/json", "content-length": "1000"}) + b" ")
    await asyncio.sleep(60)


async def drips_events(exchange: Exchange) -> None:
    await exchange.start_events()
    for _ in range(1000):
        await exchange.event(chunk("x"))
        await asyncio.sleep(0.05)


async def one_event(exchange: Exchange) -> None:
    await exchange.start_events()
    await exchange.event(chunk("x"))
    await asyncio.sleep(60)


async def drips_comments(exchange: Exchange) -> None:
    await exchange.start_events()
    for _ in range(1000):
        await exchange.send("3\r\n:\n\n\r\n")
        await asyncio.sleep(0.05)


def ended_in_time(work: Callable[[], object], expected: type[APIError] = DeadlineExceededError) -> APIError:
    started = time.monotonic()
    with pytest.raises(expected) as caught:
        work()
    took = time.monotonic() - started
    assert took < DEADLINE + GRACE, f"it took {took:.2f} s"
    return caught.value


@pytest.mark.parametrize("handler", [stall, drips_body, drips_chunks, late_then_nothing])
def test_whole(handler: Handler, kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url, timeout=20)
    error = ended_in_time(lambda: caller.ask(deadline=DEADLINE))
    assert "was not done by the deadline" in str(error)
    assert error.__cause__ is None or not isinstance(error.__cause__, APIError)
    caller.client = caller.client.copy(base_url=server.route().url)
    assert caller.ask("next") == "echo: next"


def test_headers_that_drip(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(drips_headers).url, timeout=20)
    ended_in_time(lambda: caller.ask(deadline=DEADLINE))


@pytest.mark.parametrize("handler", [stall, drips_events, one_event, drips_comments])
def test_streamed(handler: Handler, kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url, timeout=20)
    ended_in_time(lambda: caller.stream(deadline=DEADLINE))
    caller.client = caller.client.copy(base_url=server.route().url)
    assert caller.stream("next") == "echo: next"


def test_of_the_client(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(stall).url, deadline=DEADLINE)
    ended_in_time(caller.ask)


def test_retries_end_with_the_last_error(kind: str, server: Loopback, call: Make) -> None:
    """No wait is begun that would end after the deadline."""
    route = server.route(status(503, retry_after_ms="300"))
    caller = call(kind, route.url, max_retries=100)
    error = ended_in_time(lambda: caller.ask(deadline=0.5), InternalServerError)
    assert "would pass the deadline of the call" in str(error)
    assert len(route.requests) == 2


def test_a_retry_that_stalls(kind: str, server: Loopback, call: Make) -> None:
    async def second_stalls(exchange: Exchange) -> None:
        if len(route.requests) == 1:
            return await status(503, retry_after_ms="20")(exchange)
        await stall(exchange)

    route = server.route(second_stalls)
    caller = call(kind, route.url, max_retries=100)
    error = ended_in_time(lambda: caller.ask(deadline=DEADLINE))
    assert "tried 2 times" in str(error)


def test_a_call_well_within_it(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route().url)
    for _ in range(5):
        assert caller.ask(deadline=10) == "echo: hello"
        assert caller.stream(deadline=10) == "echo: hello"
    assert server.accepted == 1
