"""What the commands are run against: the local service, and a server that misbehaves."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from fake_server import FakeServer, fake_server

from ceyx.service import LocalService


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Tests that run in the background ignore Ctrl-C, and the commands they start would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server
