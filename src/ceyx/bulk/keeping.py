"""The ledger as the tasks of an event loop use it: what many hand in goes into one transaction, and one message wakes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ceyx.bulk.ledger import Item, Ledger, LedgerError, Written


class Keeper:
    """Keeps rows for the tasks of a loop. One transaction is under way at a time; what is handed in meanwhile is the next."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._loop = asyncio.get_running_loop()
        self._items: list[Item] = []
        self._told: list[Written] = []
        self._writing = False

    def hand_in(self, items: Sequence[Item], told: Written) -> None:
        """Has these rows kept. `told` is called in this loop once they are committed, with the LedgerError for why they are not,
        or None."""
        self._items += items
        self._told.append(told)
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._hand_over)  # with what other tasks hand in before it is their turn again

    async def keep(self, items: Sequence[Item] = ()) -> None:
        """Returns once these are committed, and all that was handed in before. Raises the LedgerError for why they are not."""
        committed: asyncio.Future[None] = self._loop.create_future()

        def told(error: LedgerError | None) -> None:
            if not committed.done():  # it may have been cancelled
                committed.set_result(None) if error is None else committed.set_exception(error)

        self.hand_in(items, told)
        await committed

    def flush(self) -> None:
        """Hand over what nobody may be there to wait for any more."""
        if self._items:
            self._hand_over()

    def _hand_over(self) -> None:
        items, told = self._items, self._told
        self._items, self._told = [], []

        def written(error: LedgerError | None) -> None:
            try:
                self._loop.call_soon_threadsafe(self._tell, told, error)
            except RuntimeError:  # the loop has ended, and with it who waited
                pass

        self._ledger.put_all(items, written)

    def _tell(self, told: list[Written], error: LedgerError | None) -> None:
        for each in told:
            each(error)
        if self._told:
            self._hand_over()
        else:
            self._writing = False
