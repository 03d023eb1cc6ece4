"""What `Runner` does, by actors on a Ray cluster: the rows are read, and the ledger is kept, where the run was started.

Rows go out in small pieces, each `sent` in the ledger before, to actors that hold a `Caller`; so memory is bounded here and
there, and a run that was stopped goes on as any other. What a lost actor had is asked again, unless rows are not to be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ceyx.bulk.budget import Budget, Lengths, Pricing, longest_answer
from ceyx.bulk.caller import Caller
from ceyx.bulk.feed import Feed
from ceyx.bulk.keeping import Keeper
from ceyx.bulk.ledger import Item, Ledger
from ceyx.bulk.pending import Task
from ceyx.bulk.progress import BUDGET, Progress
from ceyx.bulk.ray import MOST_ROWS, installed
from ceyx.bulk.rows import Row
from ceyx.bulk.runner import JobStoppedError, possibly_paid
from ceyx.bulk.workers import Workers
from ceyx.client import AsyncOpenAI

if TYPE_CHECKING:
    from ceyx.bulk.running import Run

PIECES = 3  # on their way to an actor: one is asked about, one waits there, one is being put together
LOST = 4  # actors that may be lost, for each, before the job stops
CPUS = 0.5  # of an actor: it mostly waits


@dataclass(frozen=True)
class OnRay:
    """Has a run make its calls on a Ray cluster: `run(job, input, output, engine=OnRay(actors=4, address="auto"))`."""

    actors: int = 2
    """Each with `workers` calls at once, and its part of the limits, unless they are shared: limits="redis://…"."""
    address: str | None = None
    """Of the cluster, as `ray.init` takes it; by default one is started here, for as long as the run lasts."""
    client: Callable[[], AsyncOpenAI] | None = None
    """Makes the client there, with the keys that it finds there; by default the environment does."""

    def __post_init__(self) -> None:
        if self.actors < 1:
            raise ValueError(f"actors is {self.actors}; it is how many actors ask, 1 or more")

    def caller(self, run: Run) -> Caller:
        """What each actor has."""
        options = run.options
        limits = options.get("limits")
        if limits is not None and not isinstance(limits, str):
            raise ValueError("limits of this process are no limits on Ray; give the address of a Redis, or rates")
        if options.get("client") is not None:
            raise ValueError("on Ray each actor has a client of its own; give OnRay(client=...) what makes it there")
        rates = options.get("requests_per_minute"), options.get("tokens_per_minute")
        return Caller(
            run.job,
            client=self.client,
            calls=options.get("workers", 64),
            requests_per_minute=rates[0],
            tokens_per_minute=rates[1],
            limits=limits,
            workers=self.actors,
            price=run.price,
        )

    def runner(self, run: Run, ledger: Ledger, budget: Budget | None) -> RayRunner:
        return RayRunner(
            self.caller(run),
            ledger,
            actors=self.actors,
            calls=run.options.get("workers", 64),
            address=self.address,
            pricing=run.pricing,
            budget=budget,
            repeat=run.repeat,
        )


class RayRunner(Workers):
    """Runs a job once over the rows of an input, with as many actors. `address` is the cluster's, as `ray.init` takes it; by
    default one is started here, for this run. `calls` is how many may be on their way for each actor."""

    def __init__(
        self,
        caller: Caller,
        ledger: Ledger,
        *,
        actors: int,
        calls: int = 64,
        address: str | None = None,
        pricing: Pricing | None = None,
        budget: Budget | None = None,
        repeat: bool = True,
    ) -> None:
        super().__init__()
        self._ray = installed()
        self._caller, self._job, self._ledger = caller, caller.job, ledger
        self._actors, self._calls, self._address, self._repeat = actors, calls, address, repeat
        self._budget, self._pricing = budget, pricing or Pricing(self._job.model)
        self._lengths = Lengths(self._job.longest_answer, longest_answer(self._job, self._pricing))
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()

    async def run(self, rows: Iterable[Row]) -> Progress:
        """As `Runner.run`; also raises JobStoppedError where actors are lost again and again."""
        self.progress.possibly_paid = possibly_paid(self._ledger)
        self._keeper = Keeper(self._ledger)
        begun = await asyncio.to_thread(self._begin)
        self._feed = Feed(rows, self._job, self._ledger, self.progress, self._actors * self._calls, self._repeat)
        actors: list[Any] = []
        try:
            remote = self._ray.remote(
                num_cpus=CPUS,
                max_restarts=LOST,
                max_task_retries=LOST if self._repeat else 0,
                max_concurrency=PIECES,
            )(Actor)
            actors = [remote.remote(self._caller) for _ in range(self._actors)]
            self._tasks = {asyncio.create_task(self._work(actor)) for actor in actors for _ in range(PIECES)}
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._error is None:
                await asyncio.gather(*(_result(actor.close.remote()) for actor in actors), return_exceptions=True)
        finally:
            self._feed.close()
            for lane in self._tasks:
                lane.cancel()
            for actor in actors:
                self._ray.kill(actor)
            self._keeper.flush()
            if begun:
                await asyncio.to_thread(self._ray.shutdown)
        if self._error is not None:
            raise self._error
        return self.progress

    def _begin(self) -> bool:
        """Whether the cluster, or the way to it, was made for this run."""
        if self._ray.is_initialized():
            return False
        here = {} if self._address else {"num_cpus": max(round(self._actors * CPUS + 0.5), 1), "include_dashboard": False}
        self._ray.init(address=self._address or "local", log_to_driver=False, logging_level="error", **here)
        return True

    # -- a lane: pieces go to one actor, one after another

    async def _work(self, actor: Any) -> None:
        with self._at_work() as me:
            while not self._ending:
                self._idle.add(me)
                async with self._turn:
                    piece = await self._piece()
                if not piece:
                    return
                while piece:
                    piece = await self._settle(piece, actor, me)

    async def _piece(self) -> list[Task]:
        """The next rows, as many as an actor asks about at once; empty after the last."""
        most = min(self._calls * self._job.rows_per_request, MOST_ROWS)
        piece: list[Task] = []
        while len(piece) < most and (group := await self._feed.next()) is not None:
            piece += group
        return piece

    async def _settle(self, piece: list[Task], actor: Any, me: Any) -> list[Task]:
        """Ask about the first of these rows, as many as there is money for; the rest."""
        if self.progress.stopped == BUDGET:
            await self._skip(piece)
            return []
        most = [self._pricing.most(self._job.most(task.request, task.tokens, self._lengths.at_most)) for task in piece]
        count = await self._reserved(most)
        if not count:
            self.progress.stopped = BUDGET
            await self._skip(piece)
            return []
        asked, rest, most = piece[:count], piece[count:], most[:count]
        self._idle.discard(me)
        self.progress.in_flight += count
        costs = 0
        try:
            await self._keeper.keep([
                task.item._replace(state="sent", attempts=task.item.attempts + 1, nanodollars=task.item.nanodollars + part)
                for task, part in zip(asked, most, strict=True)
            ])  # fmt: skip
            values = [msgspec.json.decode(task.item.row) for task in asked]
            found, why = await _result(actor.ask.remote(values))
            items = [_after(task.item, Item(*fields)) for task, fields in zip(asked, found, strict=True)]
            costs = sum(item.nanodollars - task.item.nanodollars for item, task in zip(items, asked, strict=True))
        finally:
            self.progress.in_flight -= count
            if self._budget is not None:
                self._budget.settle(sum(most), costs)
            self._settled.set()
        await self._keeper.keep(items)
        if why:
            raise JobStoppedError(why)
        for task, item in zip(asked, items, strict=True):
            self._count(task.item, item)
        return rest

    async def _reserved(self, most: list[int]) -> int:
        """How many of these rows there is money for, from the first on; it is reserved."""
        budget = self._budget
        if budget is None:
            return len(most)
        while True:
            self._settled.clear()
            count = 0
            while count < len(most) and budget.fits(most[count]):
                budget.reserve(most[count])
                count += 1
            if count or not budget.reserved:
                return count
            await self._settled.wait()

    def _count(self, before: Item, item: Item) -> None:
        result: dict[str, Any] = msgspec.json.decode(item.result)
        progress = self.progress
        progress.retries += max(item.attempts - before.attempts - 1, 0)
        progress.input_tokens += result.get("input_tokens") or 0
        progress.output_tokens += result.get("output_tokens") or 0
        if output := result.get("output_tokens"):
            self._lengths.learn(output)
        progress.nanodollars += item.nanodollars - before.nanodollars if result.get("priced") else 0
        progress.unpriced += result.get("priced") is False
        progress.took(item.position, result.get("seconds") or 0.0)
        if item.state == "done":
            progress.done += 1
        else:
            progress.fail(item.position, result.get("error") or "", result.get("kind", "unfit answer"))

    def _told(self, error: Exception) -> Exception:
        """An error of Ray's, as those who run jobs know it."""
        if isinstance(error, self._ray.exceptions.RayActorError):
            return JobStoppedError(
                "an actor on Ray was lost again and again; its rows may have been paid, and the ledger says so"
            )
        if isinstance(error, self._ray.exceptions.RayTaskError):
            return JobStoppedError(f"on Ray: {getattr(error, 'cause', error)}")
        return error


class Actor:
    """What is on the cluster: a caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        caller.open()

    async def ask(self, rows: list[dict[str, Any]]) -> tuple[list[tuple[Any, ...]], str]:
        items, why = await self._caller.items(rows)
        return [tuple(item) for item in items], why

    def close(self) -> None:
        self._caller.close()


def _after(before: Item, found: Item) -> Item:
    """What is known of a row after an actor asked about it."""
    return before._replace(
        state=found.state,
        attempts=before.attempts + found.attempts,
        nanodollars=before.nanodollars + found.nanodollars,
        result=found.result,
    )


async def _result(reference: Any) -> Any:
    return await reference
