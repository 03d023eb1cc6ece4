"""A running service for the models, and an environment in which nothing is traced."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ceyx.service import LocalService


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture(autouse=True)
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("LANGSMITH_", "LANGCHAIN_", "LC_")):
            monkeypatch.delenv(name)
