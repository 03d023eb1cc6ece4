"""What the commands are run against: the local service, and a server that misbehaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_server import FakeServer, fake_server

from ceyx.service import LocalService


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server
