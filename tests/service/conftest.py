"""A running service, for all tests that need no settings of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from plain_http import Wire

from ceyx import OpenAI
from ceyx.service import LocalService
from ceyx.service.store import Store


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture(scope="session")
def wire(service: LocalService) -> Iterator[Wire]:
    wire = Wire(service)
    yield wire
    wire.pool.clear()


@pytest.fixture
def own() -> Iterator[tuple[OpenAI, Store]]:
    """A service that nobody else uses, and its store."""
    with LocalService() as service, OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client, store_of(service)


def store_of(service: LocalService) -> Store:
    assert service._server is not None
    store: Store = service._server._app.state.service.store
    return store
