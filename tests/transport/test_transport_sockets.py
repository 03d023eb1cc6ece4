"""What is set on the sockets of connections: they are kept alive, or what was asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx2
import pytest
import trio
from callers import KEY, OURS, Caller, aask, made
from loopback import Loopback
from open_sockets import options_of

from ceyx import AsyncOpenAI, OpenAI, OpenAIError
from ceyx.transport import sockets

Make = Callable[..., Caller]
pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="the system has another name for it")


def idle_of(origin: str) -> list[int]:
    """After how many seconds the peers of our connections are probed; 0 is never."""
    wanted = (socket.SOL_SOCKET, socket.SO_KEEPALIVE), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    nagle = (socket.IPPROTO_TCP, socket.TCP_NODELAY)
    found = options_of(origin, *wanted, nagle)
    assert all(off for *_, off in found)
    return [idle if alive else 0 for alive, idle, _ in found]


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize(
    ("given", "idle"),
    [
        ({}, 60),
        ({"socket_options": ()}, 0),
        ({"socket_options": [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)]}, 5),
    ],
)
def test_options(kind: str, given: dict[str, object], idle: int, server: Loopback, call: Make) -> None:
    route = server.route()
    assert call(kind, route.url, **given).ask("hello") == "echo: hello"
    assert idle_of(route.url) == [idle]


def test_under_trio(server: Loopback) -> None:
    url = server.route().url

    async def main() -> None:
        async with made("aiohttp", url) as client:
            assert await aask(client, "hello") == "echo: hello"
            assert idle_of(url) == [60]

    trio.run(main)


@pytest.mark.parametrize("kind", OURS)
def test_what_a_socket_does_not_take(kind: str, server: Loopback, call: Make) -> None:
    with pytest.raises(OpenAIError, match="connect"):
        call(kind, server.route().url, socket_options=[(socket.IPPROTO_TCP, 9999, 1)]).ask("hello")


def test_a_system_that_knows_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TCP_USER_TIMEOUT", 9999, raising=False)
    sockets._is_known.cache_clear()
    assert (socket.IPPROTO_TCP, 9999, 120_000) not in sockets.kept_alive()
    assert (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60) in sockets.kept_alive()


@pytest.mark.parametrize(
    "given", [{"proxy": "http://127.0.0.1:1"}, {"cert": "mine.pem"}, {"verify": False}, {"socket_options": ()}]
)
def test_beside_a_client_they_would_have_no_effect(given: dict[str, object]) -> None:
    with httpx2.Client() as theirs:
        name = next(iter(given))
        with pytest.raises(OpenAIError, match=f"{name} has no effect beside http_client"):
            OpenAI(api_key=KEY, http_client=theirs, **given)  # type: ignore[arg-type]
        with pytest.raises(OpenAIError, match=f"{name} has no effect beside http_client"):
            OpenAI(api_key=KEY, http_client=theirs).copy(**given)  # type: ignore[arg-type]
        OpenAI(api_key=KEY, **given).copy(http_client=theirs)  # type: ignore[arg-type]
    assert AsyncOpenAI(api_key=KEY, verify=True)
