"""The tasks of a run, and how they end: of themselves, when asked to, or as one of them met what ends the job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ceyx.bulk.keeping import Keeper
from ceyx.bulk.pending import Task
from ceyx.bulk.progress import Progress


class Workers:
    """Tasks that take one piece of work after another until there is none, or they are to end."""

    _keeper: Keeper

    def __init__(self) -> None:
        self.progress = Progress()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        """Those that have nothing on its way: they may be cancelled at no cost."""
        self._ending = False
        self._error: Exception | None = None

    def drain(self, why: str = "interrupted") -> None:
        """Send nothing more, and end when what is on its way is answered."""
        if not self._ending:
            self._ending = True
            self.progress.stopped = why
            for task in self._idle:
                task.cancel()

    def abort(self) -> None:
        """End at once. What is on its way may be paid for, and the ledger says so."""
        self.drain()
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def _at_work(self) -> Iterator[asyncio.Task[Any]]:
        """A task works; an error that it meets ends the job, and is to be raised by who waits for all."""
        me: Any = asyncio.current_task()
        try:
            yield me
        except Exception as error:  # noqa: BLE001  whatever it was
            self._error = self._error or self._told(error)
            self.drain(str(error))
        finally:
            self._idle.discard(me)

    async def _skip(self, group: Sequence[Task]) -> None:
        """There is no money for these rows; the output has them all the same. What is known of those that were asked before
        stays known."""
        await self._keeper.keep([task.item._replace(state="skipped") for task in group if not task.item.attempts])
        self.progress.skipped += len(group)

    def _told(self, error: Exception) -> Exception:
        return error
