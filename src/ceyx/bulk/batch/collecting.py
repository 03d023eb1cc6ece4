"""What came of a batch, taken over into the ledger: each row once, whatever the files repeat, leave out or add."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.batch.lines import Answer, answers_in, position_in, refusal
from ceyx.bulk.batch.parts import Mark, Part, Parts
from ceyx.bulk.budget import Pricing
from ceyx.bulk.ledger import Item, Ledger, State
from ceyx.bulk.outcome import of_error, verdict
from ceyx.bulk.progress import Progress

CHUNK = 500  # lines that are looked up at once
AGAIN = ("limited", "again")
EXPIRED, CANCELLED = "batch_expired", "batch_cancelled"


class Left(NamedTuple):
    """Why a row of a batch that ended has no answer."""

    error: str
    kind: str
    again: bool
    """Whether another batch may do better."""
    paid: bool = False
    """Whether it may have been paid for."""
    final: bool = False
    """Whether it is the row that is wrong, so that nobody is to ask again."""
    tried: bool = True
    """Whether the provider had begun with it."""


class Collector:
    """Settles the rows of a job's batches. `rounds` is how many batches a row may be in before it stays an error."""

    def __init__(
        self, job: AnyJob, ledger: Ledger, parts: Parts, pricing: Pricing, progress: Progress, rounds: int, origin: str
    ) -> None:
        self._job, self._ledger, self._parts, self._pricing, self.rounds = job, ledger, parts, pricing, rounds
        self._progress, self._origin = progress, origin
        self.strangers = self.duplicates = self.unreadable = 0
        """Lines that are of no row of their batch, of one that had a line already, and that are no JSON."""

    def lines(self, part: Part) -> int:
        """How many lines there are in the files of a part."""
        files = self._parts.answers_file(part), self._parts.errors_file(part)
        return sum(answer is not None and bool(answer.custom_id) for file in files for answer in answers_in(file))

    def take(self, part: Part) -> None:
        """Settle the rows that the files of a part have lines for."""
        seen: set[int] = set()
        for path in (self._parts.answers_file(part), self._parts.errors_file(part)):
            for answers in _chunks(path):
                self._take(part, answers, seen)

    def _take(self, part: Part, answers: list[Answer | None], seen: set[int]) -> None:
        found: dict[int, Answer] = {}
        for answer in answers:
            position = None if answer is None else position_in(answer.custom_id, self._ledger.id)
            if answer is None:
                self.unreadable += 1
            elif position is None:
                self.strangers += 1
            elif position in seen:
                self.duplicates += 1
            else:
                found[position] = answer
                seen.add(position)
        known = self._ledger.at(list(found))
        self.strangers += len(found) - len(known)
        self._put(
            self._settled(item, mark, found[position])
            for position, item in known.items()
            if item.state == "batched" and (mark := msgspec.json.decode(item.result, type=Mark)).part == part.number
        )

    def leave(self, part: Part, why: Left, only: dict[str, Left] | None = None) -> None:
        """Settle the rows of a part that have no line: for this reason, or for one of their own, by `custom_id`."""
        prefix = f"{self._ledger.id}-"
        self._put(
            self._left(item, mark, (only or {}).get(f"{prefix}{item.position}", why))
            for item, mark in self._parts.rows(part.number)
        )

    def give_up(self, item: Item) -> None:
        """A row that is in no batch, and is not to be in another now."""
        result: dict[str, Any] = msgspec.json.decode(item.result)
        result.pop("again", None)
        error = result.setdefault("error", "it was not sent: the job was cancelled")
        self._progress.fail(item.position, error, result.setdefault("kind", CANCELLED))
        self._ledger.put(item._replace(state="failed", result=msgspec.json.encode(result)))

    def _put(self, items: Iterable[Item]) -> None:
        last = None
        for item in items:
            last = self._ledger.put(item)
        if last is not None:
            last.result()

    # -- one row

    def _settled(self, item: Item, mark: Mark, answer: Answer) -> Item:
        if answer.response is None or not answer.status:
            error = answer.error or {}
            code, said = str(error.get("code") or "batch_error"), str(error.get("message") or "the line has no response")
            return self._left(item, mark, Left(f"{said} ({code})", code, code != CANCELLED))
        if answer.status >= 300:
            return self._refused(item, mark, answer)
        try:
            found = self._job.read(answer.body)
        except (TypeError, ValueError) as error:
            return self._left(
                item, mark, Left(f"the answer is not what the API promises: {error}", "unfit answer", False, paid=True)
            )
        state, result = self._job.outcome(found)
        used = self._job.used(found)
        priced = self._pricing.cost(used, result.get("model"), tier="batch")
        progress = self._progress
        if used is not None:
            progress.input_tokens += used.input
            progress.output_tokens += used.output
        progress.nanodollars += priced or 0
        progress.unpriced += priced is None
        result |= {"request_id": answer.request_id, "priced": priced is not None, "tier": "batch"}
        cost = mark.reserved if priced is None else priced
        if state == "done":
            progress.done += 1
        else:
            progress.fail(item.position, result["error"], result.get("kind", "unfit answer"))
        return self._as(item, mark, state, result, cost)

    def _refused(self, item: Item, mark: Mark, answer: Answer) -> Item:
        error = refusal(answer, self._origin, self._job.endpoint)
        meant = verdict(error)
        said = of_error(error)
        return self._left(
            item, mark, Left(said["error"], said["kind"], meant in AGAIN, final=meant == "poison"), answer.request_id
        )

    def _left(self, item: Item, mark: Mark, why: Left, request_id: str | None = None) -> Item:
        again = why.again and mark.round + 1 < self.rounds
        result: dict[str, Any] = {"error": why.error, "kind": why.kind, "request_id": request_id}
        if again:
            result |= {"again": True, "round": mark.round + why.tried}
            self._progress.retries += 1
        else:
            self._progress.fail(item.position, why.error, why.kind)
        state: State = "poison" if why.final else "failed"
        return self._as(item, mark, state, result, mark.reserved if why.paid else 0, why.tried)

    def _as(self, item: Item, mark: Mark, state: State, result: dict[str, Any], cost: int, tried: bool = True) -> Item:
        result["at"] = round(time.time(), 3)
        return item._replace(
            state=state,
            attempts=item.attempts + tried,
            nanodollars=item.nanodollars - mark.reserved + cost,
            result=msgspec.json.encode(result),
        )


def _chunks(path: Path) -> Iterator[list[Answer | None]]:
    answers = answers_in(path)
    while chunk := list(islice(answers, CHUNK)):
        yield chunk
