"""A running service, for all tests that need no settings of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from plain_http import Wire

from ceyx.service import LocalService


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture(scope="session")
def wire(service: LocalService) -> Iterator[Wire]:
    wire = Wire(service)
    yield wire
    wire.pool.clear()
