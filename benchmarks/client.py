"""One measurement in a process of its own: `python -m benchmarks.client SUBJECT CASE URL` prints its figures as JSON.

Counts the CPU time, user and system, of all threads of this process, per unit of work, after warming up. The garbage
collector stays on, as it does for users.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import ssl
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks import processors
from benchmarks.cases import BY_NAME, Case
from benchmarks.subjects import HOMES, Asyncio, Blocking

KEPT = 2000


class Meter:
    """Starts when built; `figures` is what was spent since, per unit."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def figures(self, units: int) -> dict[str, float]:
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        per_unit = cpu / units * 1e6
        return {
            "cpu_us_per_unit": per_unit,
            "cpu_ms_per_unit": per_unit / 1e3,
            "wall_us_per_unit": wall / units * 1e6,
            "units": units,
        }


def measure(subject: str, case: Case, url: str, context: ssl.SSLContext | None, seconds: float) -> dict[str, float]:
    """The figures of a case, from about this many seconds of work."""
    subjects: Any = importlib.import_module(f"benchmarks.subjects.{HOMES[subject]}")
    if case.at_once is not None:
        return asyncio.run(_measure_asyncio(subjects.asyncio(subject, url, context), case, case.at_once, seconds))
    with subjects.blocking(subject, url, context) as client:
        if case.does == "keep":
            return _kept(client)
        work = _work(client, case)
        _repeat(work, seconds / 3)
        meter = Meter()
        return meter.figures(_repeat(work, seconds))


def _work(client: Blocking, case: Case) -> Callable[[], int]:
    """What to repeat; it returns the units done."""
    if case.does == "stream":
        return client.stream
    do: Callable[[], Any] = getattr(client, case.does)  # `tools` is only for LangChain's

    def once() -> int:
        do()
        return 1

    return once


def _repeat(work: Callable[[], int], seconds: float) -> int:
    until = time.perf_counter() + seconds
    units = work()
    while time.perf_counter() < until:
        units += work()
    return units


async def _measure_asyncio(opened: Any, case: Case, at_once: int, seconds: float) -> dict[str, float]:
    async with opened as opened_client:
        client: Asyncio = opened_client
        work: Callable[[], Awaitable[Any]] = client.stream if case.does == "stream" else client.request

        async def repeat(until: float) -> int:
            units = 0
            while not units or time.perf_counter() < until:
                done = await work()
                units += done if case.does == "stream" else 1
            return units

        async def all_at_once(seconds: float) -> int:
            until = time.perf_counter() + seconds
            return sum(await asyncio.gather(*(repeat(until) for _ in range(at_once))))

        await all_at_once(seconds / 3)
        meter = Meter()
        return meter.figures(await all_at_once(seconds))


def _kept(client: Blocking) -> dict[str, float]:
    """KiB of Python memory for each completion that stays alive."""
    for _ in range(20):
        client.request()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [client.request() for _ in range(KEPT)]
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    return {"kib_per_unit": (after - before) / 1024 / len(kept), "units": len(kept)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client", description=__doc__)
    parser.add_argument("subject", choices=HOMES)
    parser.add_argument("case", choices=[case.name for case in BY_NAME.values() if case.does != "snippet"])
    parser.add_argument("url", help="the server, for example http://127.0.0.1:8000")
    parser.add_argument("--authority", help="PEM file of the authority that signed an https server's certificate")
    parser.add_argument("--seconds", type=float, default=0.8, help="how long to measure (default: %(default)s)")
    asked = parser.parse_args()
    processors.take(0)
    case = BY_NAME[asked.case]
    context = ssl.create_default_context(cafile=asked.authority) if asked.url.startswith("https:") else None
    figures = measure(asked.subject, case, f"{asked.url}/{case.replies}/v1", context, asked.seconds)
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
