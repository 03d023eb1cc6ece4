"""The rows that are still to be asked: those of the input, compared with what the ledger knows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from ceyx.bulk.any_job import AnyJob, identity_of
from ceyx.bulk.ledger import Item, Ledger, OtherJobError, State
from ceyx.bulk.progress import Progress
from ceyx.bulk.rows import Row
from ceyx.bulk.template import RowError


class Task(NamedTuple):
    """A row to be asked."""

    item: Item
    request: dict[str, Any]
    tokens: int
    """Of the request, about."""


def pending(
    rows: Iterable[Row], job: AnyJob, ledger: Ledger, progress: Progress, repeat: bool, counted: bool = True
) -> Iterator[Task | None]:
    """For each row the task, or None where there is nothing to ask: it is settled, it is bad, or it is in a batch.

    `repeat` says whether rows are asked again that were sent and not answered; `counted`, whether tokens are counted, as a budget
    needs it, or guessed. Raises OtherJobError for another input.
    """
    known = ledger.items()
    next_known = next(known, None)
    compare = _Comparing(job, ledger, progress, repeat, job.tokens if counted else job.guess)
    position = 0
    for position, row in enumerate(rows, 1):
        before = next_known if next_known is not None and next_known.position == position else None
        if before is not None:
            next_known = next(known, None)
        task = compare.task(position, row, before)
        progress.read += 1
        yield task
    if lost := ledger.beyond(position):
        raise compare.changed(f"the input ends after {position} rows, and {lost} beyond that were asked")
    progress.whole = True


class _Comparing:
    def __init__(
        self, job: AnyJob, ledger: Ledger, progress: Progress, repeat: bool, tokens: Callable[[dict[str, Any]], int]
    ) -> None:
        self._job, self._ledger, self._progress, self._repeat, self._tokens = job, ledger, progress, repeat, tokens

    def task(self, position: int, row: Row, before: Item | None) -> Task | None:
        error, request = row.error, {}
        if error is None:
            try:
                request = self._job.request(row.values)
            except RowError as failure:
                error = str(failure)
        identity = identity_of({"row": row.values, "error": error} if error else request)
        if before is not None and before.identity != identity:
            if not before.attempts and before.state != "batched":  # it could not be asked, and somebody has mended it
                return self._new(Item(position, identity, "failed", row=msgspec.json.encode(row.values)), request, error)
            raise self.changed(f"row {position} of the input is not the one that was asked")
        state: State | None = None if before is None else before.state
        if state == "batched":
            return None
        if before is not None and (state in ("done", "poison", "unknown") or (state == "sent" and not self._repeat)):
            if state == "sent":
                state = "unknown"
                self._ledger.put(before._replace(state=state))
            self._progress.known(state)
            return None
        item = Item(position, identity, "failed", row=msgspec.json.encode(row.values))
        if before is not None:
            item = item._replace(attempts=before.attempts, nanodollars=before.nanodollars, result=before.result)
        return self._new(item, request, error)

    def _new(self, item: Item, request: dict[str, Any], error: str | None) -> Task | None:
        if error is not None:
            self._ledger.put(item._replace(state="poison", result=msgspec.json.encode({"error": error})))
            self._progress.fail(item.position, error, "bad row")
            return None
        return Task(item, request, self._tokens(request))

    def changed(self, what: str) -> OtherJobError:
        return OtherJobError(f"{what} by the run that {self._ledger.path} is of")
