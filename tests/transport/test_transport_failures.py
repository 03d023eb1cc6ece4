"""What goes wrong on the way: typed errors with a cause, that name host and phase, and never the key."""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial

import httpx2
import pytest
from callers import ALL, AWAITING, KEY, OURS, Caller, made
from loopback import Exchange, Handler, Loopback, chunk, echo, half_body, half_stream, headed, stall, status

from ceyx import APIConnectionError, APIError, APIStatusError, APITimeoutError, ProtocolError, Timeout
from ceyx.errors import StreamTruncatedError

Make = Callable[..., Caller]


def failed(work: Callable[[], object], kind: type[APIError] = APIConnectionError, match: str = "127.0.0.1") -> APIError:
    with pytest.raises(kind, match=match) as caught:
        work()
    error = caught.value
    assert error.__cause__ is not None, "the library's own error"
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__) + repr(error.request.headers)
    assert KEY not in told
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return error


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that the next one waits."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = []
        for _ in range(4):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
            waiting.append(each)
        yield int(listener.getsockname()[1])
        for each in waiting:
            each.close()


def test_refused(kind: str, closed_port: int, call: Make) -> None:
    caller = call(kind, f"http://127.0.0.1:{closed_port}/v1")
    error = failed(caller.ask, match=f"cannot connect to http://127.0.0.1:{closed_port}: .*check the address")
    assert not isinstance(error, APITimeoutError)
    if kind in OURS:
        assert "Connection refused" in str(error)


def test_an_unknown_name(kind: str, call: Make) -> None:
    caller = call(kind, "http://nowhere.invalid/v1", timeout=10)
    error = failed(caller.ask, match="http://nowhere.invalid")
    if kind in OURS:
        assert "has no address" in str(error)
        assert "check base_url or azure_endpoint" in str(error)


def test_connect_timeout(kind: str, full_port: int, call: Make) -> None:
    caller = call(kind, f"http://127.0.0.1:{full_port}/v1", timeout=Timeout(10, connect=0.2))
    failed(caller.ask, APITimeoutError, rf"no connection to http://127.0.0.1:{full_port} within 0.2 s \(timeout.connect\)")


@pytest.mark.parametrize("handler", [stall, half_body])
def test_read_timeout(handler: Handler, kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url, timeout=Timeout(10, read=0.15))
    error = failed(caller.ask, APITimeoutError, r"no bytes from http://127.0.0.1:\d+ for 0.15 s \(timeout.read\)")
    assert type(error) is APITimeoutError


def test_read_timeout_between_events(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(half_stream).url, timeout=Timeout(10, read=0.15))
    failed(caller.stream, APITimeoutError, r"no bytes from http://127.0.0.1:\d+ for 0.15 s")


def test_pauses_shorter_than_the_timeout_are_fine(kind: str, server: Loopback, call: Make) -> None:
    async def dripping(exchange: Exchange) -> None:
        await exchange.start_events()
        for word in "abcd":
            await asyncio.sleep(0.1)
            await exchange.event(chunk(word))
        await exchange.end_events()

    assert call(kind, server.route(dripping).url, timeout=0.3).stream() == "abcd"


def test_each_call_on_a_connection_has_the_timeout_that_it_asks_for(kind: str, server: Loopback, call: Make) -> None:
    async def slow_or_silent(exchange: Exchange) -> None:
        if exchange.asked == "silent":
            await stall(exchange)
        await asyncio.sleep(0.25 if exchange.asked == "slow" else 0)
        await echo(exchange)

    caller = call(kind, server.route(slow_or_silent).url)
    for shorter in (0.15, 0.1):  # than that of the call before, which the connection is kept from
        assert caller.ask("slow", timeout=Timeout(10, read=5)) == "echo: slow"
        began = time.monotonic()
        failed(partial(caller.ask, "silent", timeout=Timeout(10, read=shorter)), APITimeoutError, rf"for {shorter} s")
        assert time.monotonic() - began < 2
        assert caller.ask("quick", timeout=Timeout(10, read=0.15)) == "echo: quick"
        time.sleep(0.2)  # longer than that: nothing was awaited
        assert caller.ask("slow", timeout=Timeout(10, read=5)) == "echo: slow"


async def closes_at_once(exchange: Exchange) -> None:
    exchange.keeps = False


async def resets_at_once(exchange: Exchange) -> None:
    exchange.cut()


async def resets_in_body(exchange: Exchange) -> None:
    await half(exchange)
    await asyncio.sleep(0.02)
    exchange.cut()


async def short_body(exchange: Exchange) -> None:
    exchange.keeps = False
    await half(exchange)


async def half(exchange: Exchange) -> None:
    await exchange.send(headed(200, {"content-type": "application/json", "content-length": "1000"}) + b" " * 500)


@pytest.mark.parametrize("handler", [closes_at_once, resets_at_once, resets_in_body, short_body])
@pytest.mark.parametrize("options", [{}, {"deadline": 5}])
def test_a_connection_that_breaks(handler: Handler, options: dict[str, float], kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url)
    error = failed(lambda: caller.ask(**options), match=r"http://127.0.0.1:\d+")
    assert type(error) is APIConnectionError
    assert "closed the connection" in str(error)
    if handler in (resets_in_body, short_body):
        assert "after 500 of 1,000 bytes of its answer" in str(error)
        assert "\n" not in str(error)
    caller.client = caller.client.copy(base_url=server.route().url)
    assert caller.ask("next") == "echo: next"


async def cut_stream(exchange: Exchange) -> None:
    exchange.keeps = False
    await exchange.start_events()
    await exchange.event(chunk("one"))


async def reset_stream(exchange: Exchange) -> None:
    await cut_stream(exchange)
    await asyncio.sleep(0.02)
    exchange.cut()


@pytest.mark.parametrize("handler", [cut_stream, reset_stream])
def test_a_stream_that_breaks(handler: Handler, kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url)
    error = failed(caller.stream, match=r"http://127.0.0.1:\d+ closed the connection after \d+ bytes")
    assert type(error) is StreamTruncatedError
    caller.client = caller.client.copy(base_url=server.route().url)
    assert caller.stream("next") == "echo: next"


async def garbage(exchange: Exchange) -> None:
    exchange.keeps = False
    await exchange.send("SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def bad_chunks(exchange: Exchange) -> None:
    exchange.keeps = False
    await exchange.send(headed(200, {"content-type": "application/json", "transfer-encoding": "chunked"}) + b"zz\r\nhello")


async def no_gzip(exchange: Exchange) -> None:
    await exchange.answer(b"this is not gzip", content_encoding="gzip")


def test_what_is_compressed_badly_is_not_called_no_http(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(no_gzip).url)
    failed(
        caller.ask, ProtocolError, r"the answer of http://127.0.0.1:\d+ cannot be read: its compressed body is broken \(.*check\)"
    )


@pytest.mark.parametrize("handler", [garbage, bad_chunks])
def test_what_is_not_http(handler: Handler, kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(handler).url)
    failed(caller.ask, ProtocolError, r"http://127.0.0.1:\d+ answered with something that is not HTTP")
    caller.client = caller.client.copy(base_url=server.route().url)
    assert caller.ask("next") == "echo: next"


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_redirects_are_not_followed(code: int, kind: str, server: Loopback, call: Make) -> None:
    target = server.route()
    caller = call(kind, server.route(status(code, location=f"{target.url}/chat/completions")).url)
    for work in (caller.ask, caller.stream):
        with pytest.raises(APIStatusError, match="redirects are not followed") as caught:
            work()
        assert caught.value.status_code == code
    assert target.requests == []


def test_errors_before_a_stream(kind: str, server: Loopback, call: Make) -> None:
    caller = call(kind, server.route(status(429, x_request_id="req-1")).url)
    with pytest.raises(APIStatusError) as caught:
        caller.stream()
    assert (caught.value.status_code, caught.value.request_id) == (429, "req-1")
    assert server.accepted == 1
    with pytest.raises(APIStatusError):
        caller.ask()
    assert server.accepted == 1  # its body was read, so the connection serves again


def test_an_error_in_a_stream(kind: str, server: Loopback, call: Make) -> None:
    async def failing(exchange: Exchange) -> None:
        await exchange.start_events()
        await exchange.event(chunk("one"))
        await exchange.event({"error": {"message": "overloaded", "code": "server_error"}})
        await asyncio.sleep(60)

    route = server.route(failing)
    caller = call(kind, route.url)
    with pytest.raises(APIError, match="overloaded"):
        caller.stream()


def test_a_retry_after_each_failure(kind: str, server: Loopback, call: Make) -> None:
    """A connection that breaks is tried again, on another connection, with the same body."""
    seen: list[str] = []

    async def third_time(exchange: Exchange) -> None:
        seen.append(exchange.asked)
        if len(seen) == 1:
            return await resets_at_once(exchange)
        if len(seen) == 2:
            return await status(503, retry_after_ms="10")(exchange)
        await exchange.answer(json.dumps({"id": "c", "choices": [{"index": 0, "message": {"content": "third"}}]}).encode())

    caller = call(kind, server.route(third_time).url, max_retries=2)
    assert caller.ask("again") == "third"
    assert seen == ["again"] * 3


@pytest.mark.parametrize("kind", ALL)
def test_an_http_client_of_the_other_kind_is_refused_at_once(kind: str) -> None:
    other = httpx2.Client if kind in AWAITING else httpx2.AsyncClient
    with pytest.raises(TypeError, match=r"http_client is an? \w+, which the (blocking|async) clients take"):
        made(kind, "http://127.0.0.1:9", http_client=other(trust_env=False, verify=False))
