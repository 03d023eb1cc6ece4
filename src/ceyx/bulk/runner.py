"""The engine: so many workers, each of which takes a row, waits for its turn, asks, and has the ledger keep what came of it.

Memory is bounded by the number of workers, whatever the input; a slow disk slows sending. It needs an async client, whose own
retries it does not use: each try is admitted and kept like the first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from functools import partial
from random import random
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ceyx.bulk import outcome
from ceyx.bulk.any_job import AnyJob, identity_of, shares
from ceyx.bulk.budget import Budget, BudgetError, Lengths, Pricing, check_budget, longest_answer
from ceyx.bulk.collecting import fewer_collections
from ceyx.bulk.feed import Feed, Group
from ceyx.bulk.gate import BudgetReachedError, Gate
from ceyx.bulk.keeping import Keeper
from ceyx.bulk.ledger import Item, Ledger, LedgerError, State
from ceyx.bulk.limiter import Limiter, Limits, Ticket
from ceyx.bulk.progress import BUDGET, Progress
from ceyx.bulk.rows import Row
from ceyx.bulk.template import RowError
from ceyx.bulk.workers import Workers
from ceyx.client import AsyncOpenAI
from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.wire.message import request_id
from ceyx.wire.retry import backoff, wait_asked_for

if TYPE_CHECKING:
    from ceyx.bulk.any_job import Outcome

TRIES = 5  # of a row that fails, in one run
LIMITED_TRIES = 50  # of a row that is refused as there are too many
LONGEST_WAIT = 600.0  # seconds that a server may ask the job to wait


class JobStoppedError(Exception):
    """The job cannot go on: what went wrong would go wrong with every row. What was answered is kept."""


class Tried(NamedTuple):
    """What came of one try."""

    outcomes: list[Outcome]
    costs: list[int]
    """What each row cost."""
    verdict: outcome.Verdict | None = None
    """What an error means."""
    wait: float | None = None
    """The seconds that the server asks to wait."""
    error: OpenAIError | None = None


def possibly_paid(ledger: Ledger) -> int:
    """How many rows an earlier run had sent and got no answer to. Raises LedgerError where some are in batches."""
    counts = ledger.counts()
    if batched := counts.get("batched"):
        raise LedgerError(
            f"{batched:,} rows of {ledger.path} are with the provider's Batch API; go on with --batch, or give them up "
            "with --batch --cancel"
        )
    return counts.get("sent", 0)


class Runner(Workers):
    """Runs a job once over the rows of an input.

    `repeat` says whether rows are asked again that an earlier run had sent and got no answer to. A runner is used once.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        job: AnyJob,
        ledger: Ledger,
        *,
        workers: int = 64,
        limiter: Limits | None = None,
        pricing: Pricing | None = None,
        budget: Budget | None = None,
        repeat: bool = True,
        tries: int = TRIES,
    ) -> None:
        super().__init__()
        self._send = job.sender(client.with_options(max_retries=0))
        self._secret = client.api_key
        self._job, self._ledger, self._repeat, self._tries = job, ledger, repeat, tries
        self._workers = workers
        self._limiter: Limits = limiter or Limiter(in_flight=workers)
        self._pricing = pricing or Pricing(job.model, tier=job.params.get("service_tier"))
        if budget is not None:
            check_budget(job, self._pricing)
        self._gate = Gate(self._limiter, budget)
        self._lengths = Lengths(job.longest_answer, longest_answer(job, self._pricing))
        self._reached = False
        """Whether any call was answered: where none is, there is nobody, and the next row will find that as well."""

    async def run(self, rows: Iterable[Row]) -> Progress:
        """Ask all rows that are not settled, and tell how it went.

        Raises JobStoppedError, LedgerError and InputError; a run that was drained or came to the end of its budget says so in
        `stopped`.
        """
        self.progress.possibly_paid = possibly_paid(self._ledger)
        self._keeper = Keeper(self._ledger)
        counted = self._gate.budget is not None
        self._feed = Feed(rows, self._job, self._ledger, self.progress, self._workers, self._repeat, counted)
        try:
            with fewer_collections(self._workers):
                self._tasks = {asyncio.create_task(self._work()) for _ in range(self._workers)}
                await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._keeper.keep()
        except LedgerError as error:
            self._error = self._error or error
        finally:
            self._feed.close()
            for task in self._tasks:
                task.cancel()
            self._keeper.flush()
        if self._error is not None:
            raise self._error
        return self.progress

    # -- a worker

    async def _work(self) -> None:
        with self._at_work() as me:
            while not self._ending:
                self._idle.add(me)
                group = await self._feed.next()
                if group is None:
                    return
                await self._settle(group, me)

    async def _settle(self, group: Group, me: Any) -> None:
        """Ask about these rows, in one request, until something comes of each."""
        failures = refusals = 0
        if self.progress.stopped == BUDGET:
            return await self._skip(group)
        tokens = sum(int(task.tokens) for task in group)
        items = [task.item for task in group]
        while True:
            self._idle.add(me)
            each = [self._pricing.most(self._job.most(task.request, task.tokens, self._lengths.at_most)) for task in group]
            most = sum(each)
            try:
                ticket = await self._gate.admitted(tokens + len(group) * self._lengths.expected, most)
            except BudgetReachedError:
                if len(group) > 1:
                    return await self._settle_halves(_with(items, group), me)
                self._check_cap(most)
                self.progress.stopped = BUDGET
                return await self._skip(_with(items, group))
            self._idle.discard(me)
            paid = [item.nanodollars for item in items]
            items = [item.sent(part) for item, part in zip(items, each, strict=True)]
            self.progress.in_flight += 1
            costs = [0] * len(group)  # of this try
            began = time.monotonic()
            try:
                await self._keeper.keep(items)
                began = time.monotonic()
                tried = await self._ask(group, items, ticket, each)
                costs = tried.costs
            finally:
                self.progress.in_flight -= 1
                self._gate.settle(most, sum(costs))
            at = round(time.time(), 3)
            items = [
                item.settled(state, before + cost, msgspec.json.encode({**result, "at": at, "nanodollars": cost}))
                for item, before, cost, (state, result) in zip(items, paid, costs, tried.outcomes, strict=True)
            ]
            if len(group) > 1 and (tried.verdict == "poison" or (tried.verdict == "limited" and self._is_too_large(tokens))):
                for item in items:
                    self._ledger.put(item._replace(state="failed"))
                self.progress.retries += 1
                return await self._settle_halves(_with(items, group), me)
            failures += tried.verdict == "again"
            refusals += tried.verdict == "limited"
            if tried.verdict not in ("again", "limited") or failures >= self._tries or refusals >= LIMITED_TRIES:
                # It is committed with the next row that this worker sends, if not before: that waits for it, and this does not.
                self._keeper.hand_in(items, partial(self._count, items, tried.outcomes, time.monotonic() - began))
                if tried.verdict == "again" and not self._reached:
                    raise JobStoppedError(f"{tried.error}; no call was answered yet") from tried.error
                return
            for item in items:
                self._ledger.put(item)  # it is not on its way while it waits
            self.progress.retries += 1
            if self._ending:
                return
            self._idle.add(me)
            if tried.verdict == "again":
                await asyncio.sleep(tried.wait if tried.wait is not None else backoff(failures - 1, random))

    def _is_too_large(self, tokens: int) -> bool:
        """Whether a request is more than a minute's worth, so that it would be refused for ever."""
        rate = self._limiter.rates.get("tokens")
        return rate is not None and tokens > rate.per_second * 60

    async def _settle_halves(self, group: Group, me: Any) -> None:
        """Ask again in smaller requests, until only what is to blame is alone."""
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            if not self._ending:
                await self._settle(half, me)

    async def _ask(self, group: Group, items: list[Item], ticket: Ticket, most: list[int]) -> Tried:
        """One try; `most` is what it can cost, by row."""
        began = time.monotonic()
        params = self._job.joined([task.request for task in group]) if len(group) > 1 else dict(group[0].request)
        params["extra_headers"] = {"idempotency-key": self._key(items), **(params.get("extra_headers") or {})}
        try:
            raw = await self._send(**params)
            answer = raw.parse()
        except RowError as error:  # what it names is gone
            self._limiter.failed(ticket)
            return Tried([("poison", {"error": str(error), "kind": "bad row"})], [0])
        except OpenAIError as error:
            verdict, costs = outcome.verdict(error), most if outcome.may_have_cost(error) else [0] * len(group)
            self._reached = self._reached or not isinstance(error, APIConnectionError) or outcome.may_have_cost(error)
            wait = self._told_of(error, verdict, ticket)
            if verdict == "fatal" or (wait is not None and wait > LONGEST_WAIT):
                kept = msgspec.json.encode(outcome.of_error(error, self._secret))
                await self._keeper.keep(
                    [item.settled("failed", item.nanodollars - part, kept) for item, part in zip(items, most, strict=True)]
                )
                long = f"; the server asks to wait {wait:g} s" if wait is not None and wait > LONGEST_WAIT else ""
                raise JobStoppedError(f"{error}{long}") from error
            state: State = "poison" if verdict == "poison" else "failed"
            return Tried([(state, outcome.of_error(error, self._secret)) for _ in group], costs, verdict, wait, error)
        except BaseException:  # cancelled: what becomes of it, nobody will know
            self._limiter.failed(ticket)
            raise
        self._reached = True
        used = self._job.used(answer)
        self._limiter.answered(ticket, None if used is None else used.input + used.output, raw.headers, time.monotonic())
        if used is not None:
            self._lengths.learn(used.output)
            self.progress.input_tokens += used.input
            self.progress.output_tokens += used.output
        cost = self._pricing.cost(used, getattr(answer, "model", None), getattr(answer, "service_tier", None))
        self.progress.nanodollars += cost or 0
        self.progress.unpriced += 0 if cost is not None else len(group)
        about = {"priced": cost is not None, "seconds": round(time.monotonic() - began, 3), "request_id": request_id(raw.headers)}
        weights = [task.tokens for task in group]
        outcomes: list[Outcome] = [(state, result | about) for state, result in self._job.outcomes(answer, weights, used)]
        return Tried(outcomes, most if cost is None else shares(cost, weights))

    def _key(self, items: list[Item]) -> str:
        """The idempotency key: the same for all tries, in this run and later ones, as long as it is about the same rows."""
        key = f"ceyx-{self._ledger.id}-{items[0].position}"
        return key if len(items) == 1 else f"{key}-{identity_of({'rows': [item.position for item in items]}).hex()}"

    def _check_cap(self, most: int) -> None:
        """Raises BudgetError where not even one call fits in the whole budget."""
        if (budget := self._gate.budget) is not None and not budget.spent:
            long = f" (its answer may be {self._lengths.at_most:,} tokens long)" if self._lengths.at_most else ""
            raise BudgetError(
                f"one call may cost ${most / 1e9:,.6f}{long}, and the budget is ${budget.cap / 1e9:,.6f}; "
                "limit the answers (--max-tokens, max_tokens), or give more"
            )

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

    def _count(self, items: list[Item], outcomes: list[Outcome], seconds: float, error: LedgerError | None) -> None:
        """Once they are committed: what is not, does not count."""
        if error is not None:
            return
        for item, (_, result) in zip(items, outcomes, strict=True):
            self.progress.took(item.position, seconds)
            if item.state == "done":
                self.progress.done += 1
            else:
                self.progress.fail(item.position, result["error"], result.get("kind", "unfit answer"))


def _with(items: list[Item], group: Group) -> Group:
    """These rows as they are now."""
    return [task._replace(item=item) for task, item in zip(group, items, strict=True)]
