"""Ctrl-C is obeyed at once and does no harm; a process ends quickly and silently, whatever it leaves open."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

import pytest
from callers import until
from loopback import Handler, Loopback, half_body, half_stream, stall, status

PRELUDE = """
import asyncio, os, sys, threading, time
from ceyx import AsyncOpenAI, OpenAI

bad, good = sys.argv[1:]

def client(url, kind=OpenAI, **options):
    return kind(base_url=url, api_key="sk-x", **options)

def ask(client, text, **options):
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], **options)

def tell(*words):
    print(*words, flush=True)
"""
INTERRUPTED = """
import warnings
warnings.simplefilter("error")
blocking = client(bad, max_retries=2)
working = blocking.copy(base_url=good)
{prepare}
assert ask(working, "warm").choices[0].message.content == "echo: warm"
try:
    {work}
    tell("not interrupted")
except KeyboardInterrupt:
    tell(time.monotonic())
for number in range(10):
    assert ask(working, f"call {{number}}").choices[0].message.content == f"echo: call {{number}}"
parts = [part.choices[0].delta.content for part in ask(working, "stream", stream=True)]
assert "".join(parts) == "echo: stream"
blocking.close()
tell("well")
"""
WHOLE = "ask(blocking, 'interrupted')"
STREAM = "list(ask(blocking, 'interrupted', stream=True))"


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", PRELUDE + script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("library", ["urllib3", "httpx2"])
@pytest.mark.parametrize(
    ("handler", "work"),
    [
        (stall, WHOLE),
        (half_body, WHOLE),
        (half_body, WHOLE.replace(")", ", deadline=30)")),
        (half_stream, STREAM),
        (status(503, retry_after="60"), WHOLE),
    ],
    ids=["headers", "body", "body-with-deadline", "stream", "retry"],
)
def test_interrupted(handler: Handler, work: str, library: str, server: Loopback) -> None:
    """KeyboardInterrupt comes within half a second, and the next answers are the right ones."""
    route = server.route(handler)
    given = "import httpx2; blocking = client(bad, http_client=httpx2.Client(), max_retries=2)"
    prepare = f"{given}; working = blocking.copy(base_url=good)" if library == "httpx2" else ""
    with started(INTERRUPTED.format(prepare=prepare, work=work), route.url, server.route().url) as process:
        assert until(lambda: len(route.requests) == 1, 10)
        time.sleep(0.03)  # for what was answered to arrive
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    interrupted, last = out.split()
    assert last == "well"
    assert float(interrupted) - sent < 0.5
    if handler in (stall, half_body, half_stream):
        assert route.gone == 1


def test_an_async_program_is_interrupted(server: Loopback) -> None:
    script = """
    async def main():
        awaiting = client(bad, AsyncOpenAI)
        await asyncio.gather(*(ask(awaiting, "x") for _ in range(5)))
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        tell(time.monotonic())
    """
    route = server.route(stall)
    with started(textwrap.dedent(script), route.url, route.url) as process:
        assert until(lambda: len(route.requests) == 5, 10)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert float(out) - sent < 0.5
    assert route.gone == 5


EXITS = {
    "an open stream": """
        blocking = client(bad)
        stream = ask(blocking, "x", stream=True)
        next(stream)
    """,
    "an unread stream": "stream = ask(client(bad), 'x', stream=True)",
    "a stream nobody holds": "next(ask(client(bad), 'x', stream=True))",
    "idle connections": "blocking = client(good); ask(blocking, 'x')",
    "daemon threads": """
        blocking = client(bad)
        seen = threading.Semaphore(0)
        def work():
            for _ in ask(blocking, "x", stream=True):
                seen.release()
        for _ in range(5):
            threading.Thread(target=work, daemon=True).start()
        for _ in range(5):
            seen.acquire()
    """,
    "daemon threads that wait": """
        blocking = client(bad)
        def work():
            seen.release()
            ask(blocking, "x")
        seen = threading.Semaphore(0)
        for _ in range(5):
            threading.Thread(target=work, daemon=True).start()
        for _ in range(5):
            seen.acquire()
        time.sleep(0.1)
    """,
    "open async streams": """
        awaiting = client(bad, AsyncOpenAI)
        async def main():
            global streams
            streams = [await ask(awaiting, "x", stream=True) for _ in range(10)]
            for stream in streams:
                await anext(stream)
        asyncio.run(main())
    """,
    "async streams nobody holds": """
        async def main():
            for _ in range(5):
                await anext(await ask(client(bad, AsyncOpenAI), "x", stream=True))
        asyncio.run(main())
    """,
    "unread async streams": """
        awaiting = client(bad, AsyncOpenAI)
        async def main():
            global streams
            streams = [await ask(awaiting, "x", stream=True) for _ in range(3)]
        asyncio.run(main())
    """,
    "tasks in the middle of calls": """
        awaiting = client(bad, AsyncOpenAI)
        async def main():
            global tasks
            tasks = [asyncio.create_task(ask(awaiting, "x")) for _ in range(10)]
            await asyncio.sleep(0.1)
        asyncio.run(main())
    """,
    "a loop that was never closed": """
        loop = asyncio.new_event_loop()
        awaiting = client(good, AsyncOpenAI)
        loop.run_until_complete(ask(awaiting, "x"))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    """,
    "sys.exit in a stream": """
        for part in ask(client(bad), "x", stream=True):
            sys.exit(0)
    """,
}


@pytest.mark.parametrize("left", EXITS)
def test_a_process_ends_quickly_and_silently(left: str, server: Loopback) -> None:
    script = textwrap.dedent(EXITS[left]) + "\ntell(time.monotonic())"
    if left.startswith("sys.exit"):
        script = "tell(time.monotonic())\n" + script
    with started(script, server.route(half_stream).url, server.route().url) as process:
        out, errors = process.communicate(timeout=10)
        ended = time.monotonic()
    assert (process.returncode, errors) == (0, "")
    assert ended - float(out) < 1
