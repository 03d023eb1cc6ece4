"""The rows that are still to be asked, in groups of those that share a request, read by a thread, a little ahead."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterable

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.ledger import Ledger
from ceyx.bulk.pending import Task, pending
from ceyx.bulk.progress import Progress
from ceyx.bulk.rows import Row

AHEAD = 2  # requests for each worker
MOST_TOKENS = 240_000  # of a request about several rows: providers take 300,000, and a count may be an estimate


Group = list[Task]
"""Rows to be asked about in one request."""


class Feed:
    """Gives one group after another, None after the last; raises what reading the input raised.

    The thread wakes the loop only where somebody waits, and is itself woken when half of what it may read ahead is gone.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        job: AnyJob,
        ledger: Ledger,
        progress: Progress,
        workers: int,
        repeat: bool,
        counted: bool = True,
    ) -> None:
        self._tasks = pending(rows, job, ledger, progress, repeat, counted)
        self._job = job
        self._loop = asyncio.get_running_loop()
        self._ahead = AHEAD * workers
        self._ready: deque[Group] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._wanted = False
        """Whether the thread is to wake the loop."""
        self._room = threading.Event()
        self._ended = self._closed = False
        self._error: BaseException | None = None
        # A daemon, as it may be waiting for what nobody types.
        threading.Thread(target=self._read, name="ceyx-rows", daemon=True).start()

    async def next(self) -> Group | None:
        while True:
            if self._ready:
                group = self._ready.popleft()
                if len(self._ready) <= self._ahead // 2 and not self._room.is_set():
                    self._room.set()
                return group
            if self._ended and not self._ready:  # looked at again, as the last may have come in between
                if self._error is not None:
                    raise self._error
                return None
            waiting = self._loop.create_future()
            self._waiting.append(waiting)
            self._wanted = True
            if self._ready or self._ended:  # since it was looked at
                self._wake()
            await waiting

    def close(self) -> None:
        """Read no further."""
        self._closed = True
        self._room.set()

    def _wake(self) -> None:
        """As many as there are groups for; at the end, all."""
        self._wanted = True  # by those who are left; what is added from here on wakes them
        count = len(self._waiting) if self._ended else len(self._ready)
        while count and self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():  # it may have been cancelled
                waiting.set_result(None)
                count -= 1
        if not self._waiting:
            self._wanted = False

    # -- the thread

    def _read(self) -> None:
        try:
            self._group()
        except BaseException as error:  # noqa: BLE001  it is raised where somebody waits for it
            self._error = error
        self._ended = True
        self._tell()

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the loop has ended, and the run with it
            self._closed = True

    def _group(self) -> None:
        tokens = 0
        group: Group = []
        for task in self._tasks:
            if self._closed:
                return
            if task is None:
                continue
            if group and tokens + task.tokens > MOST_TOKENS:
                self._hand_out(group)
                group, tokens = [], 0
            group.append(task)
            tokens += task.tokens
            if len(group) == self._job.rows_per_request:
                self._hand_out(group)
                group, tokens = [], 0
        if group:
            self._hand_out(group)

    def _hand_out(self, group: Group) -> None:
        """Once there is room for it."""
        while len(self._ready) >= self._ahead and not self._closed:
            self._room.clear()
            if len(self._ready) >= self._ahead and not self._closed:
                self._room.wait()
        if not self._closed:
            self._ready.append(group)
            if self._wanted:
                self._wanted = False
                self._tell()
