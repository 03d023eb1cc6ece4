"""Large requests: each pause of a server that takes them may be as long as `timeout.write`, and no longer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
from callers import OURS, Caller
from raw_server import RawServer, answer

from ceyx import APITimeoutError, DeadlineExceededError, Timeout

Make = Callable[..., Caller]


def takes_slowly(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    received = connection.recv(65536)
    while not received.endswith(b"}"):
        time.sleep(0.01)
        received = connection.recv(65536)
    connection.sendall(answer())


def takes_nothing(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    time.sleep(3)


@pytest.mark.parametrize("kind", OURS)
def test_an_upload_may_take_longer_than_connecting_and_than_each_pause(kind: str, call: Make) -> None:
    """`timeout.connect` is 5 s by default: a large image over a slow line takes longer than that."""
    with RawServer(takes_slowly) as server:
        started = time.monotonic()
        assert call(kind, server.url, timeout=Timeout(30, connect=0.3, write=0.5)).ask("x" * 10_000_000) == "hi"
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize("kind", OURS)
def test_a_server_that_takes_no_body_is_not_waited_for(kind: str, call: Make) -> None:
    with RawServer(takes_nothing) as server:
        started = time.monotonic()
        with pytest.raises(APITimeoutError, match=r"did not take the request within 0.3 s \(timeout.write\)"):
            call(kind, server.url, timeout=Timeout(30, write=0.3)).ask("x" * 30_000_000)
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", OURS)
def test_a_deadline_bounds_an_upload(kind: str, call: Make) -> None:
    with RawServer(takes_nothing) as server:
        started = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            call(kind, server.url).ask("x" * 30_000_000, deadline=0.3)
        assert time.monotonic() - started < 2
