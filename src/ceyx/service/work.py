"""Work that goes on after the answer: the jobs of batches, fine-tuning and vector stores, each a task of the service's loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger("ceyx.service")


class Work:
    """The tasks under way, by the id of what they work on. They end with the loop, and can be started again after a restart."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, id: str, work: Coroutine[Any, Any, None]) -> None:
        """Begins, unless something works on `id` already."""
        if self.goes_on(id):
            work.close()
            return
        self._tasks[id] = asyncio.get_running_loop().create_task(_logged(id, work))
        self._tasks[id].add_done_callback(lambda task: self._tasks.pop(id, None) if self._tasks.get(id) is task else None)

    def goes_on(self, id: str) -> bool:
        """Whether something works on `id`. (A task of a loop that has ended does not.)"""
        task = self._tasks.get(id)
        return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()

    def stop(self, id: str) -> None:
        """Cancels the work on `id`; it may be started anew at once."""
        if self.goes_on(id):
            self._tasks.pop(id).cancel()

    def close(self) -> None:
        """Cancels all work; called in the service's loop."""
        for id in list(self._tasks):
            self.stop(id)


async def _logged(id: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001  nobody awaits it, so the log has to have it
        _log.exception("the work on %s broke off", id)
