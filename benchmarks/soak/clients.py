"""The calls made: by AsyncOpenAI in tasks, or by OpenAI in threads, so many at once."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.soak.book import Book
from benchmarks.soak.calls import ANSWER, CANCELLED, CLOSED, OPTIONS, Call, Ended
from benchmarks.soak.figures import Figures, counters
from ceyx import AsyncOpenAI, OpenAI

PATIENCE: Final = 120.0  # seconds after which a call counts as one that does not end
MEASURED_FROM: Final = 10_000
"""So many requests warm everything up in a tenth of them. Of fewer, what grows is not judged."""


class Stuck(Exception):
    """Calls in threads do not end, and cannot be made to."""


def rounds(book: Book) -> Iterator[Iterator[int]]:
    """The numbers of all calls, in rounds after which figures are taken; the workers of a round share its iterator."""
    count = 10 if book.requests >= MEASURED_FROM else 2
    for turn in range(count):
        yield iter(range(book.requests * turn // count, book.requests * (turn + 1) // count))


def entered(book: Book, call: Call, ended: Ended) -> None:
    book.close(call, ended)
    done = book.ends.total()
    if sys.stderr.isatty() and (done % 100 == 0 or done == book.requests):
        line = f"{done:,} of {book.requests:,} calls, {len(book.failed)} wrong"
        sys.stderr.write(f"\r\033[K{line if done < book.requests else ''}")


# ---- awaited


async def made(client: AsyncOpenAI, call: Call) -> Ended:
    """Makes a call in a task of its own, so that it can be cancelled."""
    given: list[str] = []
    task = asyncio.ensure_future(_made(client, call, given))
    timer = asyncio.get_running_loop().call_later(call.after, task.cancel) if call.leaves == "cancels" else None
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if timer is not None:
        timer.cancel()
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        return Ended(f"nothing within {PATIENCE:g} s", "".join(given))
    if task.cancelled():
        return Ended(CANCELLED, "".join(given))
    if (error := task.exception()) is not None:
        return Ended(type(error).__name__, "".join(given), error)
    return Ended(task.result(), "".join(given))


async def _made(client: AsyncOpenAI, call: Call, given: list[str]) -> str:
    if call.max_retries is not None:
        client = client.with_options(max_retries=call.max_retries)
    if not call.streams:
        completion = await client.chat.completions.create(**call.parameters)
        given.append(completion.choices[0].message.content or "")
        return ANSWER
    stream = await client.chat.completions.create(**call.parameters)
    chunks = 0
    async for chunk in stream:
        given.extend(choice.delta.content or "" for choice in chunk.choices)
        chunks += 1
        if call.leaves in ("closes", "drops") and chunks >= call.after:
            if call.leaves == "closes":
                await stream.close()
            return CLOSED
    return ANSWER


async def soak_async(book: Book, url: str, at_once: int, note: Callable[[Figures], None]) -> None:
    """Makes every call of the book. `note` gets figures before there is a client, after each round, and after it was closed."""
    asyncio.get_running_loop().set_exception_handler(lambda _, context: book.aside.append(str(context)))

    def figures() -> Figures:
        return Figures.now(url, len(asyncio.all_tasks()) - 1)

    async def work(client: AsyncOpenAI, numbers: Iterator[int]) -> None:
        for number in numbers:
            call = book.call(number)
            entered(book, call, await made(client, call))

    note(figures())
    async with AsyncOpenAI(base_url=url, http_logging=book, **OPTIONS) as client:
        for numbers in rounds(book):
            await asyncio.gather(*(work(client, numbers) for _ in range(at_once)))
            for _ in range(50):  # streams that were dropped are closed by tasks of their own, and the service has to see it
                await asyncio.sleep(0.1)
                if not counters(url)["open"]:
                    break
            note(figures())
    await asyncio.sleep(0.1)
    note(figures())


# ---- in threads


def made_blocking(client: OpenAI, call: Call) -> Ended:
    """As `made`; nobody cancels."""
    given: list[str] = []
    try:
        return Ended(_made_blocking(client, call, given), "".join(given))
    except Exception as error:  # noqa: BLE001  whatever it is, it is how the call ended
        return Ended(type(error).__name__, "".join(given), error)


def _made_blocking(client: OpenAI, call: Call, given: list[str]) -> str:
    if call.max_retries is not None:
        client = client.with_options(max_retries=call.max_retries)
    if not call.streams:
        completion = client.chat.completions.create(**call.parameters)
        given.append(completion.choices[0].message.content or "")
        return ANSWER
    stream = client.chat.completions.create(**call.parameters)
    for chunks, chunk in enumerate(stream, 1):
        given.extend(choice.delta.content or "" for choice in chunk.choices)
        if call.leaves in ("closes", "drops") and chunks >= call.after:
            if call.leaves == "closes":
                stream.close()
            return CLOSED
    return ANSWER


def soak_sync(book: Book, url: str, at_once: int, note: Callable[[Figures], None]) -> None:
    """As `soak_async`. Raises Stuck where no call ends any more."""
    writing = threading.Lock()

    def work(client: OpenAI, numbers: Iterator[int]) -> None:
        for number in numbers:
            call = book.call(number)
            ended = made_blocking(client, call)
            with writing:
                entered(book, call, ended)

    note(Figures.now(url))
    with OpenAI(base_url=url, http_logging=book, **OPTIONS) as client:
        for numbers in rounds(book):
            threads = [threading.Thread(target=work, args=(client, numbers), daemon=True) for _ in range(at_once)]
            for thread in threads:
                thread.start()
            _join(threads, book)
            for _ in range(50):
                if not counters(url)["open"]:
                    break
                time.sleep(0.1)
            note(Figures.now(url))
    note(Figures.now(url))


def _join(threads: list[threading.Thread], book: Book) -> None:
    done, since = -1, time.monotonic()
    while running := [thread for thread in threads if thread.is_alive()]:
        running[0].join(1)
        if book.ends.total() != done:
            done, since = book.ends.total(), time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise Stuck
