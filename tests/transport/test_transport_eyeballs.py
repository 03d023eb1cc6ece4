"""Hosts with several addresses: the first that answers is used."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ceyx.transport.eyeballs import connected, in_turns

V4, V6 = socket.AF_INET, socket.AF_INET6


def address(family: int, port: int) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]:
    return (family, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port) if family == V4 else ("::1", port, 0, 0))


@pytest.fixture
def silent() -> Iterator[int]:
    """A port of ::1 whose queue is full: who connects hears neither yes nor no."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(V6, socket.SOCK_STREAM))
        listener.bind(("::1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket(V6, socket.SOCK_STREAM))
            waiting.setblocking(False)
            waiting.connect_ex(("::1", listener.getsockname()[1]))
        yield int(listener.getsockname()[1])


@pytest.fixture
def answering() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def refusing() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def named(monkeypatch: pytest.MonkeyPatch, *addresses: object) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: list(addresses))


def test_one_that_is_silent_is_overtaken(silent, answering, monkeypatch):
    named(monkeypatch, address(V6, silent), address(V4, answering))
    started = time.monotonic()
    with connected("host.example", 80, 10, [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]) as made:
        assert made.getpeername() == ("127.0.0.1", answering)
        assert made.getblocking()
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert 0.2 < time.monotonic() - started < 5


def test_one_that_refuses_is_passed_at_once(answering, monkeypatch):
    named(monkeypatch, address(V4, refusing()), address(V4, answering))
    started = time.monotonic()
    with connected("host.example", 80, 10) as made:
        assert made.getpeername()[1] == answering
    assert time.monotonic() - started < 0.2


def test_all_refuse(monkeypatch):
    named(monkeypatch, address(V4, refusing()), address(V6, refusing()))
    with pytest.raises(ConnectionRefusedError):
        connected("host.example", 80, 10)


def test_all_are_silent(silent, monkeypatch):
    named(monkeypatch, address(V6, silent), address(V6, silent))
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no address of host\.example answered"):
        connected("host.example", 80, 0.6)
    assert 0.5 < time.monotonic() - started < 3


def test_families_take_turns():
    four, six = [(V4, str(place)) for place in range(3)], [(V6, str(place)) for place in range(1)]
    assert in_turns([*six, *four]) == [six[0], *four]  # type: ignore[list-item, comparison-overlap]
    assert in_turns([*four, *six]) == [four[0], six[0], *four[1:]]  # type: ignore[list-item, comparison-overlap]
