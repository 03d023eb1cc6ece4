"""The cases, what one unit of each is, and what ceyx promises for it: data, read by the runner, the clients and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Does = Literal["request", "stream", "embed", "keep", "snippet"]


@dataclass(frozen=True)
class Row:
    """One figure of a case, a line of the table, and the promises about it."""

    title: str
    unit: str
    figure: str = "cpu_us_per_unit"
    ratio: float | None = None
    """At least this many times less than `openai`."""
    most: float | None = None
    """At most this much."""
    added: float | None = None
    """At most this much more than the floor."""


@dataclass(frozen=True)
class Case:
    """One thing to do, and the figures it gives."""

    name: str
    rows: tuple[Row, ...]
    does: Does
    replies: str = "chat"
    """Which replies to ask the server for: the first segment of the path."""
    at_once: int | None = None
    """How many requests are under way at any moment in one event loop; None is a blocking client."""
    secure: bool = False
    repeats: bool = True
    """Whether another round can give another figure: memory kept does not depend on what else the machine does."""


REQUEST: Final = "us a request"
CHUNK: Final = "us a chunk"


def _request(name: str, title: str, at_once: int | None, ratio: float | None = None, *, secure: bool = False) -> Case:
    return Case(name, (Row(title, REQUEST, ratio=ratio, added=30),), "request", at_once=at_once, secure=secure)


def _stream(name: str, title: str, replies: str, at_once: int | None, ratio: float, added: float | None = None) -> Case:
    return Case(name, (Row(title, CHUNK, ratio=ratio, added=added),), "stream", replies, at_once)


def _first(name: str, title: str, memory: float) -> Case:
    cpu = Row(f"whole process with one request, {title}", "ms", "cpu_ms")
    return Case(name, (cpu, Row(f"its peak memory, {title}", "MB", "peak_mb", most=memory)), "snippet")


CASES: Final = (
    _request("sync", "request, sync", None, 5),
    _request("async-1", "request, async, 1 at once", 1),
    _request("async-50", "request, async, 50 at once", 50, 11),
    _request("async-200", "request, async, 200 at once", 200, 10),
    _request("tls-sync", "request over TLS, sync", None, secure=True),
    _request("tls-async-50", "request over TLS, async, 50 at once", 50, secure=True),
    _stream("burst-sync", "stream in a burst, sync", "burst", None, 17, 2.5),
    _stream("burst-async", "stream in a burst, async", "burst", 1, 17, 2.5),
    # What one wake-up of the process costs drowns a difference of 2.5 us here, so no promise about the floor.
    _stream("paced-sync", "stream, 1 ms between chunks, sync", "paced", None, 3.5),
    _stream("paced-async", "stream, 1 ms between chunks, async", "paced", 1, 2.5),
    Case("embeddings", (Row("embeddings, 100 of 1,536 numbers, sync", "ms a call", "cpu_ms_per_unit"),), "embed", "embeddings"),
    Case("bare", (Row("Python itself", "ms", "cpu_ms"),), "snippet"),
    Case("construct-sync", (Row("import and construct, sync", "ms", "cpu_ms", ratio=7, most=70),), "snippet"),
    Case("construct-async", (Row("import and construct, async", "ms", "cpu_ms", ratio=7, most=70),), "snippet"),
    _first("first-sync", "sync", 32),
    _first("first-async", "async", 42),
    Case("retained", (Row("a completion kept", "KiB", "kib_per_unit", most=2.6),), "keep", repeats=False),
)
BY_NAME: Final = {case.name: case for case in CASES}
