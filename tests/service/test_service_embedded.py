"""Starting and stopping: quick, quiet, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import http.client
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plain_http import Wire, said

from ceyx.service import LocalService, Settings, serve
from ceyx.service.streams import TOGETHER, EventStream


def sockets() -> int:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("this system does not list descriptors")
    gc.collect()
    return sum(str(target).startswith("socket:") for target in map(_target, descriptors.iterdir()))


def _target(descriptor: Path) -> Path | None:
    try:
        return descriptor.readlink()
    except FileNotFoundError:  # the descriptor of this very listing
        return None


def test_twenty_times_leaves_nothing() -> None:
    with LocalService() as service:
        Wire(service).chat()
    threads, open_sockets = threading.active_count(), sockets()
    for _ in range(20):
        started = time.perf_counter()
        with LocalService() as service:
            wire = Wire(service)
            assert wire.chat()["choices"]
            wire.pool.clear()
        assert time.perf_counter() - started < 1
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(service_address(wire), timeout=1)
    assert (threading.active_count(), sockets()) == (threads, open_sockets)


def service_address(wire: Wire) -> tuple[str, int]:
    host, port = wire.service._address.removeprefix("http://").split(":")
    return host, int(port)


def test_stops_quietly_under_an_unread_stream(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.WARNING)
    service = LocalService().start()
    connection = http.client.HTTPConnection(*service_address(Wire(service)))
    body = msgspec.json.encode({"model": "gpt-4o", "messages": said("word " * 50), "n": 128, "stream": True})
    connection.request("POST", "/v1/chat/completions", body)
    answer = connection.getresponse()
    assert answer.readline().startswith(b"data: ")
    idle = socket.create_connection(service_address(Wire(service)))
    started = time.perf_counter()
    service.close()
    assert time.perf_counter() - started < 1
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    connection.close()
    idle.close()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_reader_that_leaves_stops_the_stream() -> None:
    made: list[int] = []
    closed: list[bool] = []

    def endless() -> Any:
        try:
            while True:
                made.append(1)
                yield {"choices": []}
        finally:
            closed.append(True)

    async def read() -> None:
        sent = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await sent.wait()
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            if made:
                sent.set()

        await asyncio.wait_for(EventStream(endless(), "openai", {})({"type": "http"}, receive, send), 5)

    asyncio.run(read())
    assert 0 < len(made) < 5 * TOGETHER
    assert closed == [True]


def test_a_stream_that_fails_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> Any:
        yield {"choices": []}
        raise RuntimeError("secret detail")

    first, error = EventStream(failing(), "openai", {}).events()
    assert b"choices" in first
    assert b'"server_error"' in error and b"secret" not in error
    assert "secret detail" in caplog.text


def test_other_requests_have_their_turn_during_a_stream(wire: Wire) -> None:
    def stream() -> None:
        wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("word " * 50), "n": 128, "stream": True})

    streaming = threading.Thread(target=stream)
    streaming.start()
    wire.chat()
    assert streaming.is_alive()
    streaming.join()


def test_small_answers_are_not_held_back(wire: Wire) -> None:
    wire.chat()
    started = time.perf_counter()
    for _ in range(20):
        wire.chat()
    assert time.perf_counter() - started < 0.5  # with TCP's delays, 0.8 s


def test_answers_in_a_fresh_process() -> None:
    program = (
        "from ceyx.service import LocalService\n"
        "import urllib.request\n"
        "service = LocalService().start()\n"
        "print(urllib.request.urlopen(service.url + '/models').status)\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=30)
    assert (run.stdout, run.stderr, run.returncode) == ("200\n", "", 0)


def test_importing_the_package_imports_no_server() -> None:
    program = "import ceyx.service, sys; print([m for m in ('starlette', 'uvicorn', 'asyncio') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert run.stdout == "[]\n"


def test_the_service_imports_no_client() -> None:
    program = (
        "import ceyx.service.embedded, sys; "
        "print([m for m in sys.modules if m.startswith(('ceyx.client', 'ceyx.resources', 'ceyx.transport'))])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert run.stdout == "[]\n"


def test_a_missing_extra_is_named() -> None:
    program = "import sys; sys.modules['uvicorn'] = None\nfrom ceyx.service import LocalService"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert "pip install 'ceyx[service]'" in run.stderr


def test_what_a_service_that_does_not_run_says() -> None:
    service = LocalService()
    assert "not running" in repr(service)
    with pytest.raises(RuntimeError, match="start"):
        _ = service.url
    service.close()
    with service:
        with pytest.raises(RuntimeError, match="running already"):
            service.start()
        with service:
            assert service.url.endswith("/v1")
    service.close()


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named(taken: int) -> None:
    with pytest.raises(OSError, match=f"port {taken} of 127.0.0.1 is already in use"):
        serve(port=taken)
    with pytest.raises(OSError, match=f"port {taken} "):
        LocalService(port=taken).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_remote_hosts_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match="allow_remote=True"):
        serve(Settings(), host, 0)


def test_remote_hosts_need_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="set keys"):
        serve(Settings(), "0.0.0.0", 0, allow_remote=True)
    allowed: list[bool] = []

    def listening(_host: str, _port: int, *, allow_remote: bool) -> socket.socket:
        allowed.append(allow_remote)
        raise OSError("not here")

    monkeypatch.setattr("ceyx.service.embedded.listening", listening)
    for given in (True, False):
        with pytest.raises(OSError, match="not here"):
            serve(Settings(keys=frozenset({"one"})), "0.0.0.0", 0, allow_remote=given)
    assert allowed == [True, False]


def test_serve_until_interrupted() -> None:
    program = (
        "from ceyx.service import serve, Settings\n"
        "serve(Settings.of(['prod=gpt-4o']), port=0, ready=lambda url: print(url, flush=True))\n"
        "print('stopped')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        host, port = process.stdout.readline().strip().removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.request("GET", "/v1/models/prod")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
    assert (out, err, process.returncode) == ("stopped\n", "", 0)
