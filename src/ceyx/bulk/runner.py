"""The engine: so many workers, each of which takes a row, waits for its turn, asks, and has the ledger keep what came of it.

Memory is bounded by the number of workers, whatever the input; a slow disk slows sending. It needs an async client, whose own
retries it does not use: each try is admitted and kept like the first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from random import random
from typing import Any

import msgspec

from ceyx.bulk import outcome
from ceyx.bulk.budget import Budget, Lengths, Pricing
from ceyx.bulk.feed import Feed, Task
from ceyx.bulk.gate import BudgetReachedError, Gate
from ceyx.bulk.job import Job
from ceyx.bulk.ledger import Item, Ledger, State
from ceyx.bulk.limiter import Limiter, Ticket
from ceyx.bulk.progress import Progress
from ceyx.bulk.rows import Row
from ceyx.client import AsyncOpenAI
from ceyx.errors import OpenAIError
from ceyx.rates import Used, first
from ceyx.wire.retry import backoff, wait_asked_for

TRIES = 5  # of a row that fails, in one run
LIMITED_TRIES = 50  # of a row that is refused as there are too many
LONGEST_WAIT = 600.0  # seconds that a server may ask the job to wait


class JobStoppedError(Exception):
    """The job cannot go on: what went wrong would go wrong with every row. What was answered is kept."""


class Runner:
    """Runs a job once over the rows of an input.

    `repeat` says whether rows are asked again that an earlier run had sent and got no answer to. A runner is used once.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        job: Job,
        ledger: Ledger,
        *,
        workers: int = 64,
        limiter: Limiter | None = None,
        pricing: Pricing | None = None,
        budget: Budget | None = None,
        repeat: bool = True,
        tries: int = TRIES,
    ) -> None:
        self.progress = Progress()
        self._completions = client.with_options(max_retries=0).chat.completions.with_raw_response
        self._job, self._ledger, self._repeat, self._tries = job, ledger, repeat, tries
        self._workers = workers
        self._limiter = limiter or Limiter(in_flight=workers)
        self._pricing = pricing or Pricing(job.model)
        self._gate = Gate(self._limiter, budget)
        self._lengths = Lengths(job.params)
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        """Workers that have nothing on its way: they may be cancelled at no cost."""
        self._ending = False
        self._error: Exception | None = None

    async def run(self, rows: Iterable[Row]) -> Progress:
        """Ask all rows that are not settled, and tell how it went.

        Raises JobStoppedError, LedgerError and InputError; a run that was drained or came to the end of its budget says so in
        `stopped`.
        """
        self.progress.possibly_paid = self._ledger.counts().get("sent", 0)
        self._feed = Feed(rows, self._job, self._ledger, self.progress, self._workers, self._repeat)
        try:
            self._tasks = {asyncio.create_task(self._work()) for _ in range(self._workers)}
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            self._feed.close()
            for task in self._tasks:
                task.cancel()
        if self._error is not None:
            raise self._error
        return self.progress

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

    # -- a worker

    async def _work(self) -> None:
        me: Any = asyncio.current_task()
        try:
            while not self._ending:
                self._idle.add(me)
                task = await self._feed.next()
                if task is None:
                    return
                await self._settle(task, me)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  one that a worker meets ends the job, and run() raises it
            self._error = self._error or error
            self.drain(str(error))
        finally:
            self._idle.discard(me)

    async def _settle(self, task: Task, me: Any) -> None:
        """Ask a row until something comes of it."""
        item, failures, refusals = task.item, 0, 0
        if self.progress.stopped == BUDGET:
            return await self._skip(item)
        while True:
            most = self._pricing.at_most(task.tokens, self._lengths.at_most)
            try:
                ticket = await self._gate.admitted(task.tokens + self._lengths.expected, most)
            except BudgetReachedError:
                self.progress.stopped = BUDGET
                return await self._skip(item)
            self._idle.discard(me)
            paid = item.nanodollars
            item = item._replace(state="sent", attempts=item.attempts + 1, nanodollars=paid + most)
            self.progress.in_flight += 1
            cost = 0  # of this try
            try:
                await self._keep(item)
                began = time.monotonic()
                state, result, cost, verdict, asked = await self._ask(task, item, ticket, most)
            finally:
                self.progress.in_flight -= 1
                self._gate.settle(most, cost)
            item = item._replace(state=state, nanodollars=paid + cost, result=msgspec.json.encode(result))
            failures += verdict == "again"
            refusals += verdict == "limited"
            if verdict not in ("again", "limited") or failures >= self._tries or refusals >= LIMITED_TRIES:
                await self._keep(item)
                self._count(item, result, time.monotonic() - began)
                return
            self._ledger.put(item)  # it is not on its way while it waits
            self.progress.retries += 1
            if self._ending:
                return
            self._idle.add(me)
            if verdict == "again":
                await asyncio.sleep(asked if asked is not None else backoff(failures - 1, random))

    async def _ask(
        self, task: Task, item: Item, ticket: Ticket, most: int
    ) -> tuple[State, dict[str, Any], int, outcome.Verdict | None, float | None]:
        """One try: the row's state, what to keep of it, what it cost, and of an error what it means and the wait asked for."""
        began = time.monotonic()
        key = f"ceyx-{self._ledger.id}-{item.position}"  # the same for all tries, in this run and later ones
        params: dict[str, Any] = {**task.request}
        params["extra_headers"] = {"idempotency-key": key, **(params.get("extra_headers") or {})}
        try:
            raw = await self._completions.create(**params)
            completion = raw.parse()
        except OpenAIError as error:
            verdict, cost = outcome.verdict(error), most if outcome.may_have_cost(error) else 0
            asked = self._told_of(error, verdict, ticket)
            if verdict == "fatal" or (asked is not None and asked > LONGEST_WAIT):
                await self._keep(item._replace(state="failed", nanodollars=item.nanodollars - most, result=_as_json(error)))
                wait = f"; the server asks to wait {asked:g} s" if asked is not None and asked > LONGEST_WAIT else ""
                raise JobStoppedError(f"{error}{wait}") from error
            return "poison" if verdict == "poison" else "failed", outcome.of_error(error), cost, verdict, asked
        except BaseException:  # cancelled: what becomes of it, nobody will know
            self._limiter.failed(ticket)
            raise
        usage = first(completion, "usage")  # which some servers leave out, and the model as well
        used = None if usage is None else Used.of(usage)
        self._limiter.answered(ticket, None if used is None else used.input + used.output, raw.headers, time.monotonic())
        state, result = outcome.of_answer(completion, used, self._job)
        if used is not None:
            self._lengths.learn(used.output)
            self.progress.input_tokens += used.input
            self.progress.output_tokens += used.output
        priced = self._pricing.cost(used, first(completion, "model"))
        self.progress.nanodollars += priced or 0
        self.progress.unpriced += priced is None
        result |= {"priced": priced is not None, "seconds": round(time.monotonic() - began, 3)}
        return state, result, most if priced is None else priced, None, None

    def _told_of(self, error: OpenAIError, verdict: outcome.Verdict, ticket: Ticket) -> float | None:
        """Tells the limiter of an error; the seconds that the server asks to wait."""
        response = getattr(error, "response", None)
        headers = {} if response is None else response.headers
        asked = getattr(error, "retry_after", None)
        if asked is None:
            asked = wait_asked_for(headers, time.time, str(error) if verdict == "limited" else "")
        if verdict == "limited" or (verdict == "again" and asked is not None):
            self.progress.limited += 1
            self._limiter.limited(ticket, asked, headers, time.monotonic(), random())
        else:
            self._limiter.failed(ticket)
        return asked

    async def _skip(self, item: Item) -> None:
        """There is no money for this row; the output has it all the same."""
        await self._keep(item._replace(state="skipped"))
        self.progress.skipped += 1

    async def _keep(self, item: Item) -> None:
        await asyncio.wrap_future(self._ledger.put(item))

    def _count(self, item: Item, result: dict[str, Any], seconds: float) -> None:
        self.progress.took(item.position, seconds)
        if item.state == "done":
            self.progress.done += 1
        else:
            self.progress.fail(item.position, result["error"], result.get("kind", "unfit answer"))


BUDGET = "the budget is used up"


def _as_json(error: OpenAIError) -> bytes:
    return msgspec.json.encode(outcome.of_error(error))
