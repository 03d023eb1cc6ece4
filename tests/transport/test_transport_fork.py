"""A forked child may use the client that its parent used, and neither ever reads the other's answers."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from callers import BLOCKING, aask, asking, made, said
from loopback import Loopback

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),  # the server runs in a thread
]


def in_child(work: Callable[[], object]) -> int:
    """Forks; the child's exit code is 0 if `work` went well there."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001  # the parent learns by the exit code
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def ended_well(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def asks(client: Any, who: str, times: int = 20) -> None:
    for number in range(times):
        assert said(asking(client, f"{who} {number}")) == f"echo: {who} {number}"


@pytest.mark.parametrize("kind", ["urllib3"])
def test_children_and_parent_call_at_the_same_time(kind: str, server: Loopback) -> None:
    with made(kind, server.route().url) as client:
        asks(client, "before")
        children = [in_child(lambda number=number: asks(client, f"child {number}")) for number in range(4)]
        asks(client, "parent")
        ended = [ended_well(child) for child in children]
        assert all(ended)
        asks(client, "after")
    assert server.accepted == 5  # one for each process


def test_a_parent_in_the_middle_of_a_stream(server: Loopback) -> None:
    """The child calls and ends, and the parent's stream goes on as if nothing had been."""
    with made("urllib3", server.route().url) as client:
        stream = asking(client, "0123456789" * 20, stream=True)
        parts = [next(stream)]
        child = in_child(lambda: asks(client, "child"))
        assert ended_well(child)
        parts += stream
        assert "".join(part.choices[0].delta.content for part in parts) == "echo: " + "0123456789" * 20
        asks(client, "parent")


def test_a_child_that_drops_the_stream_of_its_parent(server: Loopback) -> None:
    with made("urllib3", server.route().url) as client:
        stream = asking(client, "0123456789" * 20, stream=True)
        parts = [next(stream)]

        def child() -> None:
            stream.close()
            asks(client, "child", 3)
            client.close()

        assert ended_well(in_child(child))
        parts += stream
        assert len(parts) == 201


def test_a_client_closed_in_the_child_is_open_in_the_parent(server: Loopback) -> None:
    with made("urllib3", server.route().url) as client:
        asks(client, "before", 1)
        assert ended_well(in_child(client.close))
        asks(client, "after", 1)
    assert server.accepted == 1


@pytest.mark.parametrize("kind", BLOCKING)
def test_multiprocessing(kind: str, server: Loopback) -> None:
    with made(kind, server.route().url) as client:
        if kind == "urllib3":  # httpx clients are not made to be used on both sides
            asks(client, "before", 1)
        process = multiprocessing.get_context("fork").Process(target=asks, args=(client, "child"))
        process.start()
        process.join(10)
        assert process.exitcode == 0
        asks(client, "after", 1)


def test_an_async_client_used_before_the_fork(server: Loopback) -> None:
    client = made("aiohttp", server.route().url)

    async def ask(who: str) -> None:
        answers = await asyncio.gather(*(aask(client, f"{who} {number}") for number in range(5)))
        assert answers == [f"echo: {who} {number}" for number in range(5)]

    asyncio.run(ask("parent"))
    assert ended_well(in_child(lambda: asyncio.run(ask("child"))))
    asyncio.run(ask("parent again"))


def test_an_async_client_in_use_at_the_fork(server: Loopback) -> None:
    """A child of a running loop: what web servers that fork workers late do."""
    client = made("aiohttp", server.route().url)

    def child() -> None:
        asyncio.events._set_running_loop(None)
        asyncio.run(ask("child"))

    async def ask(who: str) -> None:
        assert await aask(client, who) == f"echo: {who}"

    async def main() -> None:
        await ask("parent")
        assert ended_well(in_child(child))
        await ask("parent again")
        await client.close()

    asyncio.run(main())
    assert server.accepted == 2
