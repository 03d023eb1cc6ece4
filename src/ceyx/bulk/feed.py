"""The rows that are still to be asked: the input beside what the ledger knows of it, read by a thread, a little ahead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from ceyx.bulk.budget import tokens_of
from ceyx.bulk.job import Job, RowError, identity_of
from ceyx.bulk.ledger import Item, Ledger, OtherJobError, State
from ceyx.bulk.progress import Progress
from ceyx.bulk.rows import Row

AHEAD = 2  # rows for each worker


class Task(NamedTuple):
    """A row to be asked."""

    item: Item
    request: dict[str, Any]
    tokens: int
    """Of the request, about."""


class Feed:
    """Gives one task after another, None after the last; raises what reading the input raised."""

    def __init__(self, rows: Iterable[Row], job: Job, ledger: Ledger, progress: Progress, workers: int, repeat: bool) -> None:
        self._rows, self._job, self._ledger, self._progress, self._repeat = rows, job, ledger, progress, repeat
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Task | BaseException | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD * workers)
        self._closed = False
        # A daemon, as it may be waiting for what nobody types.
        threading.Thread(target=self._read, name="ceyx-rows", daemon=True).start()

    async def next(self) -> Task | None:
        task = await self._queue.get()
        if isinstance(task, Task):
            self._room.release()
            return task
        self._queue.put_nowait(None if task is None else task)  # for the others who ask
        if task is not None:
            raise task
        return None

    def close(self) -> None:
        """Read no further."""
        self._closed = True
        self._room.release()

    def _read(self) -> None:
        end: BaseException | None = None
        try:
            self._compare()
        except BaseException as error:  # noqa: BLE001  it is raised where somebody waits for it
            end = error
        self._give(end)

    def _give(self, task: Task | BaseException | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, task)
        except RuntimeError:  # the loop has ended, and the run with it
            self._closed = True

    def _compare(self) -> None:
        known = self._ledger.items()
        next_known = next(known, None)
        position = 0
        for position, row in enumerate(self._rows, 1):
            if self._closed:
                return
            before = next_known if next_known is not None and next_known.position == position else None
            if before is not None:
                next_known = next(known, None)
            task = self._task(position, row, before)
            self._progress.read += 1
            if task is None:
                continue
            self._room.acquire()
            if self._closed:
                return
            self._give(task)
        if lost := self._ledger.beyond(position):
            raise self._changed(f"the input ends after {position} rows, and {lost} beyond that were asked")
        self._progress.whole = True

    def _task(self, position: int, row: Row, before: Item | None) -> Task | None:
        error, request = row.error, {}
        if error is None:
            try:
                request = self._job.request(row.values)
            except RowError as failure:
                error = str(failure)
        identity = identity_of({"row": row.values, "error": error} if error else request)
        if before is not None and before.identity != identity:
            if not before.attempts:  # it could not be asked, and somebody has mended it
                return self._new(Item(position, identity, "failed", row=msgspec.json.encode(row.values)), request, error)
            raise self._changed(f"row {position} of the input is not the one that was asked")
        state: State | None = None if before is None else before.state
        if before is not None and (state in ("done", "poison", "unknown") or (state == "sent" and not self._repeat)):
            if state == "sent":
                state = "unknown"
                self._ledger.put(before._replace(state=state))
            self._progress.known(state)
            return None
        item = Item(position, identity, "failed", row=msgspec.json.encode(row.values))
        if before is not None:
            item = item._replace(attempts=before.attempts, nanodollars=before.nanodollars)
        return self._new(item, request, error)

    def _new(self, item: Item, request: dict[str, Any], error: str | None) -> Task | None:
        if error is not None:
            self._ledger.put(item._replace(state="poison", result=msgspec.json.encode({"error": error})))
            self._progress.fail(item.position, error, "bad row")
            return None
        return Task(item, request, tokens_of(request))

    def _changed(self, what: str) -> OtherJobError:
        return OtherJobError(f"{what} by the run that {self._ledger.path} is of")
