"""What programs do: event loops, forks, cancelling, and connections that were idle."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import httpx2
import openai
from cases import Case, gives
from drives import Drive, Outcome
from listening import chat

from ceyx.service import LocalService

AWAITED = ("aiohttp", "httpx2 async")

TIMES = 6

FORKING = """
import os, sys
from {library} import OpenAI
client = OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
ask = lambda text: client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": text}}])
text = lambda of: of.choices[0].message.content
assert "before" in text(ask("before"))
children = []
for i in range(4):
    child = os.fork()
    if not child:
        os._exit(0 if all(f"child {{i}}" in text(ask(f"child {{i}}")) for _ in range(10)) else 1)
    children.append(child)
assert all("parent" in text(ask("parent")) for _ in range(10))
print(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children), "of 4 children")
"""


def five_loops(drive: Drive) -> Outcome:
    outcome = Outcome()
    client = drive.client()

    async def one() -> Any:
        return await chat(client)

    try:
        for _ in range(5):
            asyncio.run(one())
        outcome.note = "5 answers"
        asyncio.run(client.close())
    except Exception as error:  # noqa: BLE001  # that is the question
        outcome.error = error
    return outcome


@contextmanager
def few_connections(drive: Drive, most: int) -> Iterator[dict[str, Any]]:
    """Options for an async client that has so many connections, and no more."""
    if not drive.ours:
        yield {"http_client": openai.DefaultAsyncHttpxClient(limits=type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=most))}
    elif drive.name == "aiohttp":
        with mock.patch("ceyx.transport.asyncio.MAX_CONNECTIONS", most):
            yield {}
    else:
        yield {"http_client": httpx2.AsyncClient(trust_env=False, limits=httpx2.Limits(max_connections=most))}


def cancelled(drive: Drive) -> Outcome:
    """20 calls that wait for an answer, and 20 that wait for a connection."""

    async def open_requests(expected: int) -> int:
        """How many the service counts, once it counts so many, or after 3 s."""
        for _ in range(150):
            if (there := fresh.counted("open")) == expected:
                break
            await asyncio.sleep(0.02)
        return there

    async def work(client: Any) -> str:
        tasks = [asyncio.ensure_future(chat(client, extra_headers={"x-ceyx-fault": "stall"})) for _ in range(40)]
        await open_requests(20)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        after = await asyncio.gather(*(chat(client) for _ in range(30)))
        still = await open_requests(0)
        kinds = {type(end).__name__ for end in ends}
        return (
            f"{', '.join(sorted(kinds))}; then {sum(bool(each.choices) for each in after)} of 30 answers; "
            f"{len(asyncio.all_tasks())} task, {still} open requests"
        )

    with LocalService() as service, few_connections(drive, 20) as options:
        fresh = Drive(drive.name, service)
        outcome = fresh.run(work, timeout=30, **options)
    outcome.note, outcome.text, outcome.requests = outcome.text, "", 0
    return outcome


def forked(drive: Drive) -> Outcome:
    program = FORKING.format(library="ceyx" if drive.ours else "openai")
    run = subprocess.run([sys.executable, "-c", program, drive.service.url], capture_output=True, text=True, timeout=60)
    return Outcome(note=run.stdout.strip() or run.stderr.strip().rpartition("\n")[2])


def says(text: str) -> Callable[[Outcome, Drive], None]:
    def check(outcome: Outcome, _: Drive) -> None:
        if outcome.error is not None:
            raise AssertionError from outcome.error
        assert outcome.note == text

    return check


def idle(drive: Drive) -> Outcome:
    def blocking(client: Any) -> str:
        chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=idle"})
        time.sleep(0.3)
        return str(chat(client).choices[0].message.content)

    async def awaited(client: Any) -> str:
        await chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=idle"})
        await asyncio.sleep(0.3)
        return str((await chat(client)).choices[0].message.content)

    return drive.run(awaited if drive.awaits else blocking)


def race(drive: Drive) -> Outcome:
    """Each second call meets a connection that closes just when it is used."""

    def blocking(client: Any) -> str:
        for _ in range(TIMES):
            chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=next"})
            chat(client)
        return f"{TIMES} answers"

    async def awaited(client: Any) -> str:
        for _ in range(TIMES):
            await chat(client, extra_headers={"x-ceyx-fault": "keep-alive;closes=next"})
            await chat(client)
        return f"{TIMES} answers"

    outcome = drive.run(awaited if drive.awaits else blocking, max_retries=1)
    outcome.note, outcome.text = outcome.text, ""
    return outcome


PROGRAMS = (
    Case("49", "one async client in five `asyncio.run`", "works", five_loops, says("5 answers"), ("aiohttp",)),
    Case(
        "50",
        "40 calls over 20 connections are cancelled",
        "CancelledError; nothing is left behind, here or at the server, and each connection may be used",
        cancelled,
        says("CancelledError; then 30 of 30 answers; 1 task, 0 open requests"),
        AWAITED,
    ),
    Case("51", "a client used after a fork", "connections of its own", forked, says("4 of 4 children"), ("urllib3",)),
    Case("52", "the server closed an idle connection", "another one, silently", idle, gives("Say hello", requests=2)),
    Case("53", "the server closes just when a request comes", "one retry: nothing was answered", race, says(f"{TIMES} answers")),
)
