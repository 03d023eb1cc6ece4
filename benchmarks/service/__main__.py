"""`python -m benchmarks.service`: what an answer costs ceyx's local service, beside other simulators, and how much it can hold.

Each simulator has a processor to itself, and the client another, so it needs Linux and two of them. What is counted is the CPU
time of the simulator's process, and its memory, as the system tells them; it is asked nothing else. The simulators take turns in
each round. A full run writes its page beside the others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import processors
from benchmarks.__main__ import environment
from benchmarks.service import load
from benchmarks.service.simulators import MODEL, SIMULATORS, Missing, Simulator
from benchmarks.tables import machine, markdown

FOLDER: Final = Path(__file__).parents[2] / ".benchmarks"
PAGE: Final = Path(__file__).parents[1] / "results-service.md"
FIRST: Final = min(os.sched_getaffinity(0)) if processors.choosable() else 0
"""The processor of those that are measured."""
AT_ONCE: Final = 20
OPEN: Final = 1000
PAUSE: Final = 200
"""Milliseconds between the chunks of the streams that are held open."""
SHORT: Final = "Paris is the capital of France; about two million people live there."
LONG: Final = "The quick brown fox jumps over the lazy dog, and then goes on to the next thing that it has to do. " * 20


@dataclass(frozen=True)
class Row:
    """One figure, and what is promised of it."""

    title: str
    unit: str
    figure: str
    most: float | None = None


ROWS: Final = (
    Row("a chat request", "us of CPU", "request_us", most=660),
    Row("chat requests of one core", "a second", "requests"),
    Row("a chunk of a stream", "us of CPU", "chunk_us", most=20),
    Row("chunks of one core", "a second", "chunks"),
    Row("from its start to the first answer", "s", "start_s", most=1),
    Row("memory, after that", "MB", "first_mb"),
    Row(f"memory, with {OPEN:,} streams open", "MB", "open_mb", most=200),
)


class Process:
    """A simulator that runs, on the first processor."""

    def __init__(self, simulator: Simulator, text: str, pause: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = simulator.command(FOLDER / simulator.name, text, port, pause)
        quiet: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.url = f"http://127.0.0.1:{port}/v1/chat/completions"
        began = time.perf_counter()
        self._process = subprocess.Popen(command, env=environment(), **quiet)
        os.sched_setaffinity(self._process.pid, {FIRST})  # it has no threads yet, which this would not be for
        try:
            self._until_it_listens(port, began + 30)
            if not pause:  # else a whole answer takes long
                self.asked(asking(SHORT), 1, 0)
        except BaseException:
            self.stop()
            raise
        self.started = time.perf_counter() - began

    def _until_it_listens(self, port: int, deadline: float) -> None:
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"it ended with status {self._process.returncode}")
            try:
                return socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.002)
        raise RuntimeError("it did not begin to listen within 30 seconds")

    def asked(self, body: bytes, at_once: int, seconds: float) -> load.Done:
        """What came back. Raises RuntimeError where anything but answers did."""
        done = asyncio.run(load.asked(self.url, body, at_once, seconds))
        if done.failed:
            raise RuntimeError(done.failed[0])
        return done

    @property
    def cpu(self) -> float:
        """Seconds of processor time, of all its threads, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Megabytes that it has in memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def running(simulator: Simulator, text: str, pause: int = 0) -> Iterator[Process]:
    process = Process(simulator, text, pause)
    try:
        yield process
    finally:
        process.stop()


def asking(text: str, *, stream: bool = False) -> bytes:
    """A chat whose last message is what is to be said: one of the simulators can say nothing else."""
    messages = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": text}]
    return json.dumps({"model": MODEL, "messages": messages, "stream": stream}).encode()


def measured(simulator: Simulator, seconds: float) -> dict[str, float]:
    """The figures of one round. Raises RuntimeError where something failed, with what did."""
    figures: dict[str, float] = {}
    with running(simulator, SHORT) as process:
        figures["start_s"], figures["first_mb"] = process.started, process.memory
        figures["request_us"] = cost(process, asking(SHORT), seconds, lambda done: done.answers)
    with running(simulator, LONG) as process:
        figures["chunk_us"] = cost(process, asking(LONG, stream=True), seconds, lambda done: done.events)
    figures["requests"], figures["chunks"] = 1e6 / figures["request_us"], 1e6 / figures["chunk_us"]
    with running(simulator, LONG, PAUSE) as process:
        figures["open_mb"] = asyncio.run(held(process))
    return figures


def cost(process: Process, body: bytes, seconds: float, units: Callable[[load.Done], int]) -> float:
    """Microseconds of CPU for a unit, after warming up."""
    process.asked(body, AT_ONCE, seconds / 2)
    before = process.cpu
    done = process.asked(body, AT_ONCE, seconds)
    return (process.cpu - before) / units(done) * 1e6


async def held(process: Process) -> float:
    """Its memory while the streams are open."""
    async with load.streams_open(process.url, asking(LONG, stream=True), OPEN):
        await asyncio.sleep(1)
        return process.memory


def table(names: list[str], results: dict[str, list[dict[str, float]]]) -> str:
    """The rows as a Markdown table with aligned columns: medians of the rounds."""
    lines = [("", "unit", *names, "promised of ceyx")]
    for row in ROWS:
        medians = {name: statistics.median(each[row.figure] for each in rounds) for name, rounds in results.items() if rounds}
        own = medians.get("ceyx")
        met = "" if row.most is None or own is None else "met" if own <= row.most else "**missed**"
        promised = f"at most {row.most:g}: {met}" if met else ""
        lines.append((row.title, row.unit, *(_number(medians.get(name)) for name in names), promised))
    return markdown(lines, range(2, 2 + len(names))) + "\n"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def page(table: str, versions: dict[str, str], reasons: dict[str, str], rounds: int) -> str:
    told = "\n".join(f"  - {each.name} {versions[each.name]}: {each.says};" for each in SIMULATORS if each.name in versions)
    missing = "\n".join(f"- {name} was not measured: {reason}" for name, reason in reasons.items())
    return f"""# What an answer costs the local service

Written by `python -m benchmarks.service`: all figures come from one run on one machine. Other machines give other figures;
ratios travel better.

- Machine: {machine()}.
- Each simulator runs alone on one core, in a process of its own, and the client on another; shown are medians of {rounds}
  rounds, in which they take turns. CPU time is that of the whole process, user and system, for {AT_ONCE} connections with a
  request each at any time; a core's requests and chunks a second are what that time allows.
- All are made to say the same text, of {len(SHORT)} characters in whole answers and of {len(LONG):,} in streams; each cuts it
  into chunks of about four:
{told}
- Streams are sent as fast as they go; those that are held open have {PAUSE} ms between two chunks.
- 1 MB is a million bytes; memory is what of the process is in memory (RSS).
{missing}

{table}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: %(default)s)")
    names = [each.name for each in SIMULATORS]
    parser.add_argument("--only", action="append", choices=names, help="who is measured (default: all)")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that everything runs, not to quote")
    asked = parser.parse_args()
    if not processors.choosable() or not Path("/proc/self/statm").exists():
        raise SystemExit("this needs Linux, and two processors: the figures are those of a process that has one to itself")
    rounds, seconds = (1, 0.5) if asked.quick else (asked.rounds, 3.0)
    versions, reasons = dict[str, str](), dict[str, str]()
    for simulator in SIMULATORS:
        if asked.only and simulator.name not in asked.only:
            continue
        try:
            versions[simulator.name] = simulator.installed(FOLDER / simulator.name)
        except Missing as missing:
            reasons[simulator.name] = str(missing)
    processors.take(-1)
    results: dict[str, list[dict[str, float]]] = {name: [] for name in versions}
    for _ in range(rounds):
        for simulator in SIMULATORS:
            if simulator.name in versions and simulator.name not in reasons:
                try:
                    results[simulator.name].append(measured(simulator, seconds))
                except (RuntimeError, TimeoutError) as error:
                    reasons[simulator.name] = str(error) or "it did not answer in time"
                    results[simulator.name].clear()
    text = table(list(versions), results)
    sys.stdout.write(text + "".join(f"{name} was not measured: {reason}\n" for name, reason in reasons.items()))
    if "ceyx" in reasons:
        raise SystemExit(1)
    if not asked.only and not asked.quick:
        PAGE.write_text(page(text, versions, reasons, rounds), encoding="utf-8")
        sys.stdout.write(f"written to {PAGE}\n")


if __name__ == "__main__":
    main()
