"""What the process of the client holds, and the service, in a process of its own, with what it counts."""

from __future__ import annotations

import ctypes
import gc
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.__main__ import environment

CONNECTIONS: Final = ("Handler", "HTTPConnection")
"""Our types that are a connection, aiohttp's and urllib3's; some stay open."""


@contextmanager
def service() -> Iterator[str]:
    """The URL of a service that runs until the context ends."""
    command = [sys.executable, "-m", "ceyx", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise SystemExit("the service did not start; what it said is above")
        try:
            yield json.loads(line)["url"]
        finally:
            process.send_signal(signal.SIGINT)


def counters(url: str, *, every_call: bool = False) -> dict[str, Any]:
    """What the service counted."""
    address = f"{url.removesuffix('/v1')}/_ceyx/counters{'?calls=all' if every_call else ''}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        counted: dict[str, Any] = json.load(answer)
    return counted


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is at a moment when no call is on its way. None where the system does not tell."""

    rss: float | None
    """Memory of this process, in MB."""
    trimmed: float | None
    """The same once the allocator gave back what it keeps in reserve, where it can be asked to."""
    blocks: int
    """Of memory that Python's objects take, after a collection of garbage."""
    ours: Counter[str]
    """Objects of ceyx by their type, connections apart."""
    files: int | None
    connections: int | None
    threads: int
    tasks: int
    open: int
    """Requests that the service is answering."""

    @classmethod
    def now(cls, url: str, tasks: int = 0) -> Figures:
        open = counters(url)["open"]
        gc.collect()
        blocks = sys.getallocatedblocks()
        kinds = Counter(type(each) for each in gc.get_objects())
        ours = Counter[str]()
        for kind, count in kinds.items():
            if str(kind.__module__).startswith("ceyx.") and kind.__name__ not in CONNECTIONS:
                ours[kind.__name__] += count
        rss = _rss()
        _trim()
        return cls(rss, _rss(), blocks, ours, *_files(), threading.active_count(), tasks, open)


def _rss() -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def _trim() -> None:
    """Has the C library return what is free to the system. How much of that glibc keeps is no matter of what is in use."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _files() -> tuple[int | None, int | None]:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        return None, None
    targets: list[str] = []
    for each in list(folder.iterdir()):
        try:
            targets.append(str(each.readlink()))
        except FileNotFoundError:  # the one by which the folder was read
            continue
    return len(targets), sum(target.startswith("socket:") for target in targets)
