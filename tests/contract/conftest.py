"""The local service, and every kind of client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drivers import KEY, KINDS, Driver

from ceyx.service import LocalService, Settings


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(keys=frozenset({KEY}))) as service:
        yield service


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def driver(kind: str, service: LocalService) -> Iterator[Driver]:
    with Driver(kind, service) as driver:
        yield driver
