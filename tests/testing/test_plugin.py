"""The plugin in runs of pytest of their own: what it costs, what it sets, how its failures read, several processes, the guard."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytest_plugins = ("pytester",)

ENVIRONMENT = """
import os
import threading

import ceyx

def test_environment(ceyx_service):
    assert os.environ["OPENAI_BASE_URL"] == ceyx_service.url
    assert os.environ["AZURE_OPENAI_ENDPOINT"] == ceyx_service.azure_endpoint
    assert "OPENAI_ORG_ID" not in os.environ
    assert "127.0.0.1" in os.environ["NO_PROXY"]
    ceyx_service.reply("Hi")
    with ceyx.OpenAI() as client:
        answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "a"}])
    assert answer.choices[0].message.content == "Hi"

def test_the_environment_is_put_back():
    assert os.environ["OPENAI_ORG_ID"] == "org-of-mine"
    assert "OPENAI_BASE_URL" not in os.environ
"""
FAILING = """
def test_it_fails(ceyx_service):
    ceyx_service.client.models.list()
    ceyx_service.assert_called("chat/completions", times=2)
"""
ASYNC = """
import asyncio

import pytest

@pytest.fixture
async def answer(ceyx_service):
    ceyx_service.reply("Hi")
    yield await ceyx_service.async_client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "a"}])

async def test_awaited(answer, ceyx_service):
    assert answer.choices[0].message.content == "Hi"
    assert len((await ceyx_service.async_azure.models.list()).data) > 1

def test_in_a_loop_of_its_own(ceyx_service):
    async def ask():
        await ceyx_service.async_client.models.list()
    asyncio.run(ask())
    ceyx_service.assert_called_once("models")
"""
LEAKS = """
import gc
import threading

def pytest_sessionfinish(session):
    gc.collect()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("ceyx-service")]
    print("left:", left)
"""
PARALLEL = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_each_worker_has_its_own(ceyx_service, number, worker_id):
    ceyx_service.reply(f"{worker_id} {number}")
    answer = ceyx_service.client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "a"}])
    assert answer.choices[0].message.content == f"{worker_id} {number}"
    ceyx_service.assert_called_once()
    with open(f"{worker_id}.address", "w") as file:
        file.write(ceyx_service.url)
"""
BLOCKED = """
import asyncio
import socket

import pytest
from ceyx.testing import NetworkBlockedError

def test_blocked(ceyx_service):
    ceyx_service.client.models.list()
    with pytest.raises(NetworkBlockedError, match="wanted to reach api.openai.com"):
        socket.create_connection(("api.openai.com", 443))
    with pytest.raises(NetworkBlockedError, match="192.0.2.1"), socket.socket() as one:
        one.connect(("192.0.2.1", 9))

async def test_blocked_for_asyncio():
    with pytest.raises(NetworkBlockedError, match="192.0.2.1"):
        await asyncio.open_connection("192.0.2.1", 9)
"""


@pytest.fixture
def run(pytester: pytest.Pytester, environment: pytest.MonkeyPatch):
    """Runs pytest with the plugin, by its module, so that it need not be installed as one."""
    environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*options: str) -> pytest.RunResult:
        given = ("-p", "ceyx.testing.plugin", "-p", "no:cacheprovider", "-W", "error", "-o", "asyncio_mode=auto")
        if find_spec("pytest_asyncio"):
            given = (*given, "-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function")
        return pytester.runpytest_subprocess(*given, *options, timeout=60)

    return run


def test_it_is_a_plugin_of_pytest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"ceyx": "ceyx.testing.plugin"}


def test_pytest_loads_next_to_nothing_of_it() -> None:
    program = (
        "import pytest, sys; before = set(sys.modules); import ceyx.testing.plugin; print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name not in sys.stdlib_module_names} <= {
        "ceyx",
        "ceyx.testing",
        "ceyx.testing.plugin",
        "ceyx.version",
    }


def test_a_run(pytester: pytest.Pytester, environment: pytest.MonkeyPatch, run) -> None:
    environment.setenv("OPENAI_ORG_ID", "org-of-mine")
    pytester.makeconftest(LEAKS)
    pytester.makepyfile(test_environment=ENVIRONMENT, test_async=ASYNC, test_failing=FAILING)
    result = run("-s")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: expected 2 requests to chat/completions, got 0*",
            "*- Requests to ceyx_service -*",
            "*1. <GET /v1/models -> 200>",
        ]
    )
    assert "left: []" in result.stdout.str()
    assert "double.py" not in result.stdout.str()  # the traceback ends in the test


def test_the_network_can_be_forbidden(pytester: pytest.Pytester, run) -> None:
    pytester.makepyfile(BLOCKED)
    run("--ceyx-no-network").assert_outcomes(passed=2)


def test_each_process_has_a_service_of_its_own(pytester: pytest.Pytester, run) -> None:
    pytester.makepyfile(PARALLEL)
    run("-p", "xdist", "-n", "2").assert_outcomes(passed=8)
    addresses = [path.read_text() for path in pytester.path.glob("*.address")]
    assert len(addresses) == len(set(addresses)) == 2


def test_the_page_about_it(pytester: pytest.Pytester, run) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "testing.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(snippets) == 5
    pytester.makepyfile("\n".join(snippets))
    run().assert_outcomes(passed=7)
