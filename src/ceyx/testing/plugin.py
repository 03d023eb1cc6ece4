"""What pytest loads of ceyx: fixtures and an option, and nothing of ceyx itself until a test uses them.

The service of `ceyx_service` listens once for all tests of a process, so clients that a program keeps stay good; what it
remembers, says and records is each test's own.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ceyx.service import Settings
    from ceyx.testing.double import CeyxService, Stage

_SHOWN = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ceyx")
    group.addoption(
        "--ceyx-no-network",
        action="store_true",
        help="Let tests connect to this machine only: any other host fails the test that wanted it.",
    )
    parser.addini("ceyx_no_network", "Whether tests may connect to this machine only.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--ceyx-no-network") or config.getini("ceyx_no_network"):
        from ceyx.testing.network import guard

        config.add_cleanup(guard())


@pytest.fixture(scope="session")
def _ceyx_stage() -> Iterator[Stage]:
    from ceyx.testing.double import Stage

    with Stage() as stage:
        yield stage


@pytest.fixture
def ceyx_settings() -> Settings | None:
    """The settings of a test's service: define a fixture of this name to have deployments, limits, keys or faults."""
    return None


@pytest.fixture
def ceyx_service(_ceyx_stage: Stage, ceyx_settings: Settings | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[CeyxService]:
    """A local OpenAI and Azure OpenAI of this test's own, which the environment names to every client made meanwhile."""
    with _ceyx_stage.service(ceyx_settings) as service:
        service.enter(monkeypatch)
        yield service


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    used: dict[str, Any] = getattr(item, "funcargs", {})
    if report.when == "call" and report.failed and (service := used.get("ceyx_service")) is not None:
        report.sections.append(("Requests to ceyx_service", service.told(_SHOWN)))
    return report
