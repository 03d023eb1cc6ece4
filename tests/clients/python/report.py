"""Says what came of each capability, a line each: `ok   chat: …`, `FAIL tools: why`, `n/a  tls: why`."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.request import Request, urlopen

Scenario = Callable[[Any], Awaitable[str]]


class NotThere(Exception):
    """What this client has no call for."""


def report(scenarios: Mapping[str, Scenario], subjects: Mapping[str, Any]) -> None:
    """Plays each scenario with each of `subjects`, by the names of these; a line has what the last of them saw.

    Ends the program, with status 1 after a FAIL.
    """
    sys.exit(asyncio.run(_played(scenarios, subjects)))


async def _played(scenarios: Mapping[str, Scenario], subjects: Mapping[str, Any]) -> int:
    failed = 0
    for capability, scenario in scenarios.items():
        note, played, missing, failures = "", [], [], []
        for name, subject in subjects.items():
            try:
                note = await scenario(subject)
                played.append(name)
            except NotThere as reason:
                missing.append(f"{name}: {reason}")
            except Exception as error:  # noqa: BLE001  whatever it is, the other scenarios are still to be seen
                failures.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        if failures:
            failed += 1
            print(f"FAIL {capability}: {'; '.join(failures)}", flush=True)
        elif played:
            print(f"ok   {capability}: {note} [{', '.join(played)}]", flush=True)
        else:
            print(f"n/a  {capability}: {'; '.join(missing)}", flush=True)
    return 1 if failed else 0


async def settled(value: Any) -> Any:
    """What a call gave, of blocking clients and of those to be awaited."""
    return await value if inspect.isawaitable(value) else value


async def each(stream: Any) -> AsyncIterator[Any]:
    """The parts of a stream, of either kind."""
    if hasattr(stream, "__aiter__"):
        async for part in stream:
            yield part
    else:
        for part in stream:
            yield part


async def refused(expected: type[BaseException], call: Callable[[], Any]) -> Any:
    """The error that a call must end with."""
    try:
        answer = await settled(call())
    except expected as error:
        return error
    raise AssertionError(f"no {expected.__name__}, but {answer!r:.100}")


def fetched(address: str) -> bytes:
    """What is at an address, which has to answer HEAD, too."""
    with urlopen(Request(address, method="HEAD")) as head:
        assert head.status == 200, head.status
    with urlopen(address) as got:
        return bytes(got.read())
