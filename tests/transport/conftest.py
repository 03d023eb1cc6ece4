"""A server for each test, clients of every kind, and the proof that a test leaves no socket and no proxy setting behind."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from authorities import Authority
from callers import ALL, Caller, until
from loopback import Loopback


def sockets() -> int:
    """How many sockets this process holds."""
    held = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            held += str(descriptor.readlink()).startswith("socket:")
        except OSError:
            pass
    return held


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def quick_collections() -> Iterator[None]:
    """Collections after each test look at what tests make, not at every module that is loaded."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left(server: Loopback) -> Iterator[None]:
    """Fails a test after which more sockets are open than before, on either side."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("counts open sockets in /proc")
    before = sockets()
    yield
    gc.collect()
    left = until(lambda: sockets() <= before)
    assert left, f"{sockets() - before} sockets more than before the test; the server has {server.open} open"


@pytest.fixture
def call() -> Iterator[Callable[..., Caller]]:
    """Makes callers, which are closed at the end of the test."""
    callers: list[Caller] = []

    def make(kind: str, url: str, **options: Any) -> Caller:
        callers.append(Caller(kind, url, **options))
        return callers[-1]

    yield make
    for caller in callers:
        caller.close()


@pytest.fixture(params=ALL)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)
