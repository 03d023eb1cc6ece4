"""Nothing that a call leaves behind waits for the garbage collector: neither a caller's variables after an error, nor a stream.

A traceback holds the variables of all who called. An error that is part of a cycle keeps them, a stream that its caller dropped
among them; the collector may then end the socket of that stream before the stream could close it.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import weakref
from collections.abc import Callable, Iterator

import pytest
from callers import ALL, Caller, asking, until
from loopback import Exchange, Handler, Loopback, chunk, half_stream, headed, stall, status

from ceyx import OpenAIError, Timeout
from ceyx.wire import retry

Make = Callable[..., Caller]


@pytest.fixture(autouse=True)
def no_collections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(retry, "FIRST_BACKOFF", 0.001)
    gc.disable()
    yield
    gc.enable()


class Held:
    """Something that a caller has at hand while it calls."""


async def reset(exchange: Exchange) -> None:
    exchange.cut()


async def half_head(exchange: Exchange) -> None:
    await exchange.send("HTTP/1.1 200 OK\r\ncontent-le")
    exchange.cut()


async def no_http(exchange: Exchange) -> None:
    await exchange.send("SSH-2.0-none\r\n\r\n")
    exchange.keeps = False


async def cut_body(exchange: Exchange) -> None:
    await exchange.send(headed(200, {"content-type": "application/json", "content-length": "1000"}) + b" " * 500)
    exchange.keeps = False


async def cut_stream(exchange: Exchange) -> None:
    await exchange.start_events()
    await exchange.event(chunk("one"))
    exchange.keeps = False


async def error_in_stream(exchange: Exchange) -> None:
    await exchange.start_events()
    await exchange.event(chunk("one"))
    await exchange.event({"error": {"message": "no more"}})
    await exchange.end_events()


def forgotten(caller: Caller, streams: bool) -> bool:
    """Whether nothing holds the variables of a caller whose call failed, once it is over."""
    kept: list[weakref.ref[Held]] = []

    def fails() -> None:
        held = Held()
        kept.append(weakref.ref(held))
        try:
            (caller.stream if streams else caller.ask)()
        except OpenAIError:
            return
        pytest.fail("it was answered")

    async def afails() -> None:
        held = Held()
        kept.append(weakref.ref(held))
        try:
            answer = await asking(caller.client, stream=streams)
            if streams:
                async for _ in answer:
                    pass
        except OpenAIError:
            return
        pytest.fail("it was answered")

    if caller.runner is not None:
        caller.runner.run(afails())
        caller.runner.run(asyncio.sleep(0))
    else:
        fails()
    return kept[0]() is None


FAILS: dict[str, Handler] = {
    "status": status(400),
    "a status that is tried again": status(500, retry_after_ms="1"),
    "reset": reset,
    "half a head": half_head,
    "no HTTP": no_http,
    "half a body": cut_body,
    "half a stream": cut_stream,
    "an error in a stream": error_in_stream,
    "silence": stall,
}


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("how", FAILS)
def test_an_error_keeps_nothing(kind: str, how: str, server: Loopback, call: Make) -> None:
    streams = "stream" in how
    if how == "no HTTP" and kind in ("httpx2", "httpx"):
        pytest.skip("what is below these keeps such an error in a cycle of its own")
    caller = call(kind, server.route(FAILS[how]).url, max_retries=1, timeout=Timeout(5, read=0.02))
    assert forgotten(caller, streams)


@pytest.mark.parametrize("kind", ALL)
def test_a_refused_connection_keeps_nothing(kind: str, call: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert forgotten(call(kind, f"http://127.0.0.1:{port}/v1"), streams=False)


def test_a_stream_that_is_dropped_after_a_retry_is_closed_at_once(server: Loopback, call: Make) -> None:
    async def second_time(exchange: Exchange) -> None:
        await (reset if len(route.requests) == 1 else half_stream)(exchange)

    def drops() -> str:
        stream = asking(caller.client, stream=True)
        return str(next(stream).choices[0].delta.content)

    route = server.route(second_time)
    caller = call("urllib3", route.url, max_retries=1)
    assert drops() == "one"
    assert until(lambda: route.gone == 1)


def test_a_whole_answer_leaves_no_garbage(server: Loopback, call: Make) -> None:
    caller = call("urllib3", server.route().url)
    for ask in (caller.ask, caller.stream):
        ask()
        gc.collect()
        ask()
        assert gc.collect() == 0
