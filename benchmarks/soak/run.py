"""One run of one client: the calls of a book, made against a service of their own, and all that was looked at."""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Literal

from benchmarks.soak import report
from benchmarks.soak.book import Book, Row, reconciled
from benchmarks.soak.calls import OPTIONS, Ended
from benchmarks.soak.clients import Stuck, made, made_blocking, soak_async, soak_sync
from benchmarks.soak.figures import Figures, counters, service
from ceyx import AsyncOpenAI, OpenAI

Client = Literal["async", "sync"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a run says of itself."""

    rows: list[Row]
    ends: Counter[str]
    complaints: list[str]

    @property
    def right(self) -> bool:
        return not self.complaints and all(row.holds is not False for row in self.rows)


def in_a_fresh_process(client: Client, *of: Any) -> Found:
    """`soaked` in a process of its own, whose threads share one heap: each that the C library gave them would keep a reserve."""
    os.environ["MALLOC_ARENA_MAX"] = "1"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(soaked, client, *of).result()


def soaked(client: Client, seed: int, faults: float, requests: int, at_once: int) -> Found:
    """Makes the calls; everything that was looked at."""
    book = Book(seed, faults, requests, client == "async")
    figures: list[Figures] = []

    def complained(message: Any, *_: Any, **__: Any) -> None:
        book.aside.append(str(message))

    unraisable = sys.unraisablehook
    with service() as url, warnings.catch_warnings():
        warnings.simplefilter("always", ResourceWarning)
        warnings.showwarning = complained
        sys.unraisablehook = lambda given: complained(f"{given.exc_value!r} in {given.object!r}")
        try:
            if client == "async":
                asyncio.run(soak_async(book, url, at_once, figures.append))
            else:
                soak_sync(book, url, at_once, figures.append)
        except Stuck:
            book.once()
            return Found([report.ended(book)], book.ends, book.failures)
        finally:
            sys.unraisablehook = unraisable
        book.once()
        matched = reconciled(book, counters(url, every_call=True))
    quiet = Row("complaints of Python", f"{len(book.aside)}", "0", not book.aside)
    rows = [report.ended(book), *matched, *report.held(figures, book.requests, at_once), quiet]
    return Found(rows, book.ends, [*book.failures, *book.aside])


def repeated(client: Client, book: Book, number: int) -> str:
    """One call alone, and what came of it."""
    call = book.call(number)

    async def awaited(url: str) -> Ended:
        async with AsyncOpenAI(base_url=url, http_logging=book, **OPTIONS) as asking:
            return await made(asking, call)

    with service() as url:
        if client == "async":
            ended = asyncio.run(awaited(url))
        else:
            with OpenAI(base_url=url, http_logging=book, **OPTIONS) as asking:
                ended = made_blocking(asking, call)
        arrived = counters(url)["requests"]
    book.close(call, ended)
    came = f"{ended.how}: {ended.error if ended.error is not None else ended.text!r}"
    return f"{call}\n  sent {book.tries[number]} times, arrived {arrived} times\n  {came}\n"
