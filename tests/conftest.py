"""A clean environment for every test: no variable of the machine decides what a client does."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ceyx import logs


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> pytest.MonkeyPatch:
    """The environment without our variables; set in it what a test needs. What is kept of jobs goes where no user looks."""
    for name in os.environ:
        if name.startswith(("OPENAI_", "AZURE_", "CEYX_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CEYX_STATE", str(tmp_path_factory.getbasetemp() / "state"))
    return monkeypatch


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of blocking clients, which then take no time."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Puts back what a test changes of the logging that all clients share."""
    level, handlers = logs.logger.level, list(logs.logger.handlers)
    yield
    logs.set_listener(None)
    logs.set_events()
    logs.logger.setLevel(level)
    logs.logger.handlers[:] = handlers
