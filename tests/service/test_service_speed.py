"""The benchmark of the service counts what came, and says what did not; whether promises hold is what it is for, and no test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from plain_http import Wire, said

from ceyx.service import LocalService

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # the benchmarks are no part of the package

from benchmarks.service import load  # noqa: E402
from benchmarks.service.__main__ import asking  # noqa: E402


def test_answers_and_events_are_counted(service: LocalService, wire: Wire) -> None:
    url = f"{service.url}/chat/completions"
    whole = asyncio.run(load.asked(url, asking("Hello"), 3, 0))
    assert (whole.answers, whole.events, whole.failed) == (3, 0, [])
    streamed = asyncio.run(load.asked(url, asking("Hello", stream=True), 2, 0))
    system = {"role": "system", "content": "You are a helpful assistant."}
    events = wire.events("/v1/chat/completions", {"model": "gpt-4o", "messages": [system, *said("Hello")], "stream": True})
    assert (streamed.answers, streamed.events) == (2, 2 * len(events))


def test_what_is_no_answer_is_told(service: LocalService) -> None:
    (reason,) = asyncio.run(load.asked(f"{service.url}/nothing", b"{}", 1, 0)).failed
    assert reason.startswith("HTTP/1.1 404")
    with pytest.raises(RuntimeError, match=r"HTTP/1\.1 404"):
        asyncio.run(opened(f"{service.url}/nothing"))


async def opened(url: str) -> None:
    async with load.streams_open(url, asking("Hello", stream=True), 1):
        pass


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="it needs Linux")
def test_a_quick_run() -> None:
    command = [sys.executable, "-m", "benchmarks.service", "--quick", "--only", "ceyx"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "streams open" in done.stdout
