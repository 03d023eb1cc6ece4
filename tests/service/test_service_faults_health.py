"""The service stays well whatever it is told to do: no log, no task, no memory, no delay for others or at its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from raw_wire import ASK, STREAM, address, ask, counters, request

import ceyx
from ceyx import AsyncOpenAI, OpenAI
from ceyx.service import LocalService, Settings, create_app
from ceyx.service.embedded import _Server
from ceyx.service.faults.catalogue import CATALOGUE

SMALL = {
    "gzip-bomb": "gzip-bomb;size=3MiB",
    "big-body": "big-body;size=3MiB",
    "stream-long-line": "stream-long-line;size=3MiB",
    "deep-json": "deep-json;depth=9000",
}
ENDLESS = [
    "stall",
    "stall;at=head",
    "stall;at=body",
    "drip",
    "drip;part=head",
    "stream-pings;seconds=0.01",
    "gzip-bomb;size=99GiB",
]


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is logged or printed, asyncio's warnings included."""
    caplog.set_level(logging.WARNING)
    yield
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def open_ones(service: LocalService) -> int:
    return int(counters(service)["open"])


def settled(service: LocalService) -> None:
    end = time.monotonic() + 5
    while open_ones(service):
        assert time.monotonic() < end, counters(service)
        time.sleep(0.01)


def test_every_fault_leaves_the_service_well(quiet: None) -> None:
    with LocalService() as service:
        for name in CATALOGUE:
            for body in (ASK, STREAM):
                ask(service, SMALL.get(name, name), body, seconds=0.15)
            assert ask(service, None).json["choices"], name
        settled(service)
        tasks = [task for server in running() for task in server.server_state.tasks]
        assert len(tasks) <= 1  # the one that answered last may not be forgotten yet


def running() -> list[Any]:
    return [each for each in gc.get_objects() if isinstance(each, _Server) and each.started and not each.should_exit]


@pytest.mark.parametrize("fault", ENDLESS)
def test_a_fault_ends_when_the_client_leaves(quiet: None, fault: str) -> None:
    with LocalService() as service:
        with socket.create_connection(address(service)) as connection:
            connection.sendall(request(STREAM, x_ceyx_fault=fault))
            deadline = time.monotonic() + 5
            while not open_ones(service):
                assert time.monotonic() < deadline
            assert ask(service, None).json["choices"]  # others have their turn meanwhile
        settled(service)


@pytest.mark.parametrize("fault", ENDLESS)
def test_a_fault_does_not_hold_up_the_end(quiet: None, fault: str) -> None:
    service = LocalService().start()
    with socket.create_connection(address(service)) as connection:
        connection.sendall(request(STREAM, x_ceyx_fault=fault))
        while not open_ones(service):
            time.sleep(0.01)
        started = time.perf_counter()
        service.close()
        assert time.perf_counter() - started < 1


def test_faults_at_once_do_not_touch_each_other(quiet: None) -> None:
    with LocalService() as service:
        texts: list[str] = []

        def answered() -> None:
            texts.extend(str(ask(service, None).json["choices"][0]["finish_reason"]) for _ in range(10))

        def broken() -> None:
            for fault in ("reset", "cut", "garbage", "reset;at=head", "hang-up", "bad-chunk"):
                ask(service, fault, STREAM)

        threads = [threading.Thread(target=each) for each in [answered, broken] * 5]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert texts == ["stop"] * 50
        seen = counters(service)
        assert seen["requests"] == 50 + 30 and seen["clean"] == {"200": 50} and sum(seen["faults"].values()) == 30


def test_a_bomb_takes_no_memory_here() -> None:
    program = (
        "import resource, socket, sys\n"
        "from ceyx.service import LocalService\n"
        "with LocalService() as service:\n"
        "    sys.path.insert(0, sys.argv[1])\n"
        "    from raw_wire import ask\n"
        "    ask(service, None)\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    raw = ask(service, 'gzip-bomb;size=300MiB', seconds=60)\n"
        "    assert raw.complete and raw.end == 'closed', raw.end\n"
        "    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    here = str(Path(__file__).parent)
    run = subprocess.run([sys.executable, "-c", program, here], capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 40  # MiB


def test_under_another_server_only_the_socket_is_out_of_reach() -> None:
    async def both() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(create_app(Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
            raw = await client.post("/v1/chat/completions", json=ASK, headers={"x-ceyx-fault": "reset"})
            plain = await client.post("/v1/chat/completions", json=ASK, headers={"x-ceyx-fault": "choices"})
            return raw, plain

    raw, plain = asyncio.run(both())
    assert (raw.status_code, raw.json()["error"]["code"]) == (501, "fault_needs_socket")
    assert plain.status_code == 200 and "choices" not in plain.json()


def test_our_clients_meet_them() -> None:
    with LocalService(Settings(faults={"gpt-4.1": "cut;events=5"})) as service:
        client = OpenAI(base_url=service.url, api_key="any", max_retries=2)
        hello: Any = ASK["messages"]
        busy = {"x-ceyx-fault": "status;code=429;retry-after-ms=5;times=2", "x-ceyx-request": "one"}
        assert client.chat.completions.create(model="gpt-4o", messages=hello, extra_headers=busy).choices
        text = ""
        with pytest.raises(ceyx.APIConnectionError):
            for chunk in client.chat.completions.create(model="gpt-4.1", messages=hello, stream=True):
                text += chunk.choices[0].delta.content or ""
        assert text == "This is ceyx'"
        client.close()

        async def asynchronous() -> None:
            async with AsyncOpenAI(base_url=service.url, api_key="any", max_retries=0) as other:
                with pytest.raises(ceyx.APIConnectionError):
                    await other.chat.completions.create(model="gpt-4o", messages=hello, extra_headers={"x-ceyx-fault": "hang-up"})

        asyncio.run(asynchronous())
        seen = counters(service)
        assert seen["calls"]["repeated"] == {"one": 3}
        assert seen["faults"] == {"status": 2, "cut": 1, "hang-up": 1}
