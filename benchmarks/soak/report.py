"""What the run found, as rows, as a table, and as the page that a full run leaves behind. Measures nothing."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib import metadata
from typing import Final

from benchmarks.soak import calls
from benchmarks.soak.book import Book, Row
from benchmarks.soak.clients import MEASURED_FROM
from benchmarks.soak.figures import Figures
from ceyx.service.faults.catalogue import CATALOGUE

GROWTH: Final = 1.05
PACKAGES: Final = ("ceyx", "aiohttp", "urllib3", "msgspec", "uvicorn", "starlette")
COLUMNS: Final = ("", "found", "must be", "")
VERDICTS: Final = {True: "yes", False: "**no**", None: ""}


def ended(book: Book) -> Row:
    return Row(
        "calls that ended once, and as they must", f"{book.requests - len(book.failed):,}", f"{book.requests:,}", not book.failed
    )


def held(figures: Sequence[Figures], requests: int, at_once: int) -> list[Row]:
    """What the process holds: before there was a client, after each round, after it was closed."""
    start, warm, *later, closed = figures
    last, idle, judged = later[-1], (warm, *later), requests >= MEASURED_FROM
    rows: list[Row] = []
    if warm.rss is not None:
        memory = [each.trimmed or 0 for each in idle]
        flat = max(memory) <= memory[0] * GROWTH if judged else None
        rows.append(Row("memory (RSS) in MB", _series(memory), "never 5 % above the first", flat))
        rows.append(Row("with the allocator's reserves", _series([each.rss or 0 for each in idle]), "", None))
    flat = max(each.blocks for each in later) <= warm.blocks * GROWTH if judged else None
    rows.append(Row("blocks of memory in use", f"{warm.blocks:,}, at last {last.blocks:,}", "never 5 % above the first", flat))
    grown = +(last.ours - warm.ours)
    what = ", ".join(f"{count} {name}" for name, count in grown.items()) or "0"
    rows.append(Row("more objects of ceyx than when warm", what, "0", not grown if judged else None))
    if warm.connections is not None:
        most = max((each.connections or 0) - (start.connections or 0) for each in idle)
        rows.append(Row("connections at rest, at most", f"{most}", f"up to {at_once}, for the next calls", most <= at_once))
        same = closed.files == start.files and closed.connections == start.connections
        rows.append(Row("open files once the client is closed", f"{closed.files}", f"{start.files}, as before", same))
    threads = max(each.threads for each in figures)
    rows.append(Row("threads at rest", f"{threads}", f"{start.threads}, as before", threads == start.threads))
    for title, most in (
        ("tasks at rest", max(each.tasks for each in figures)),
        ("requests open at the service, at rest", max(each.open for each in figures)),
    ):
        rows.append(Row(title, f"{most}", "0", not most))
    return rows


def _series(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:.1f}" for number in numbers)


def table(rows: Iterable[Row]) -> str:
    """Markdown, its columns aligned."""
    lines = [COLUMNS, *((row.title, row.found, row.must, VERDICTS[row.holds]) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    rule = ["-" * width for width in widths]
    return "".join(_line(line, widths) for line in (lines[0], rule, *lines[1:]))


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |\n"


def endings(ends: Counter[str]) -> str:
    return ", ".join(f"{how} {count:,}" for how, count in ends.most_common())


def document(
    tables: Mapping[str, str], ends: Mapping[str, Counter[str]], *, requests: int, at_once: int, faults: float, seed: int
) -> str:
    """The page."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    system = f"{platform.system()} on {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    titles = {"async": "AsyncOpenAI, on aiohttp", "sync": "OpenAI, on urllib3"}
    parts = [f"## {titles[client]}\n\n{text}\nHow calls ended: {endings(ends[client])}.\n" for client, text in tables.items()]
    found = "\n".join(parts)
    left_out = ", ".join(
        f"`{name}`" for name in CATALOGUE if name not in {fault.name for fault in (*calls.WHOLE, *calls.STREAMED)}
    )
    return f"""# {requests:,} calls, and what became of each

Written by `make soak` on {date.today():%d %B %Y}. Nothing here is timed. What is counted must be right, or no page is written.

- Calls: {requests:,} chat completions with each client, {at_once} at once, whole and streamed by turns, seed {seed}.
- {faults:.0%} of them order a [fault](../docs/faults.md) for themselves, of {len(calls.WHOLE)} kinds for a whole answer and
  {len(calls.STREAMED)} for a stream: statuses with every way to say when to come back, resets, hang-ups, cut bodies and
  streams, half events, error events, HTML, broken JSON and gzip, stalls shorter and longer than the client waits, connections
  that are closed at the wrong moment.
- Of the others {calls.DEADLINE_SHARE:.0%} have a deadline that does not pass. With AsyncOpenAI {calls.CANCELLED_SHARE:.0%} are
  cancelled by their caller at any moment, and so are some of the stalled ones.
- Of the streams without a fault {calls.CLOSED_SHARE:.0%} are closed midway, or no longer read.
- Left out of the service's faults are {left_out}. `tool-*` are of calls with tools, and
  `surplus`, which urllib3 reads past, is an error to aiohttp.
- Every call has a prompt of its own, which the answer holds, and one right ending: just that answer, the error that its
  fault has to be, or that its caller left. What was given out before an error has to be the beginning of the answer.
- Each client has a process of its own, and so has its service. What that counted is compared with what the client sent, call
  by call.
- What the process holds is looked at ten times, when a tenth of the calls has ended and garbage was collected. "Warm" is the
  first of these. Memory is what the system counts (RSS) once the allocator was asked to give back what is free
  (`malloc_trim`). With what it keeps in reserve otherwise, it stands in the next row, which is not judged: that moves by more
  than 5 %, while what is in use does not. Threads share one heap (`MALLOC_ARENA_MAX=1`), as each has a reserve of its own.
  Blocks are `sys.getallocatedblocks()`.
- Machine: {os.cpu_count()} cores, {system}, {python}. Versions: {versions}.

{found}"""
