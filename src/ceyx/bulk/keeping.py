"""The ledger as the tasks of an event loop use it: what many hand in goes into one transaction, and one message wakes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ceyx.bulk.ledger import Item, Ledger, LedgerError


class Keeper:
    """Keeps rows for tasks that wait until that is done. One transaction is under way at a time; what is handed in meanwhile
    makes up the next."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._loop = asyncio.get_running_loop()
        self._items: list[Item] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._writing = False

    async def keep(self, items: Sequence[Item]) -> None:
        """Returns once these are committed. Raises the LedgerError for why they are not."""
        committed: asyncio.Future[None] = self._loop.create_future()
        self._items += items
        self._waiting.append(committed)
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._hand_over)  # with what other tasks hand in before it is their turn again
        await committed

    def flush(self) -> None:
        """Hand over what nobody may be there to wait for any more."""
        if self._items:
            self._hand_over()

    def _hand_over(self) -> None:
        items, waiting = self._items, self._waiting
        self._items, self._waiting = [], []

        def written(error: LedgerError | None) -> None:
            try:
                self._loop.call_soon_threadsafe(self._wake, waiting, error)
            except RuntimeError:  # the loop has ended, and with it who waited
                pass

        self._ledger.put_all(items, written)

    def _wake(self, waiting: list[asyncio.Future[None]], error: LedgerError | None) -> None:
        for committed in waiting:
            if committed.done():  # cancelled
                continue
            if error is None:
                committed.set_result(None)
            else:
                committed.set_exception(error)
        if self._items:
            self._hand_over()
        else:
            self._writing = False
